//! Callouts that are under way.

use std::time::Duration;

use super::{HeaderList, Instant};
use crate::callout::CalloutAnswer;
use crate::model::Status;

/// A callout that will be answered.
#[derive(Debug, Clone)]
pub(crate) struct PendingCall {
    pub(crate) token: u32,
    pub(crate) due: Instant,
    pub(crate) answer: CallAnswer,
}

/// What the plugin gets; no headers at all when the answer broke off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CallAnswer {
    pub(crate) headers: HeaderList,
    pub(crate) body: Vec<u8>,
}

impl CallAnswer {
    /// What reaches the plugin of `scripted`, and when; `None` for never.
    pub(crate) fn of(scripted: CalloutAnswer, timeout: Option<Duration>) -> Result<Option<(Duration, Self)>, Status> {
        let (after, answer) = match scripted {
            CalloutAnswer::UnknownCluster => return Err(Status::BadArgument),
            CalloutAnswer::NoEndpoint => return Err(Status::InternalFailure),
            CalloutAnswer::Timeout => return Ok(timeout.map(|after| (after, Self::timed_out()))),
            CalloutAnswer::Refuse => (Duration::ZERO, Self::refused()),
            CalloutAnswer::BreakOff { after } => (after, Self::default()),
            CalloutAnswer::Respond { after, status, headers, body } => {
                let mut list = HeaderList::of(&headers);
                list.set(b":status", status.to_string().as_bytes());
                (after, Self { headers: list, body })
            }
        };
        Ok(Some(match timeout {
            Some(timeout) if timeout < after => (timeout, Self::timed_out()),
            _ => (after, answer),
        }))
    }

    fn timed_out() -> Self {
        Self::of_envoy("504", "upstream request timeout")
    }

    fn refused() -> Self {
        let reason = "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, \
                      transport failure reason: delayed connect error: Connection refused";
        Self::of_envoy("503", reason)
    }

    fn of_envoy(status: &str, body: &str) -> Self {
        let mut headers = HeaderList::default();
        headers.add(b":status", status.as_bytes());
        headers.add(b"content-length", body.len().to_string().as_bytes());
        headers.add(b"content-type", b"text/plain");
        Self { headers, body: body.as_bytes().to_vec() }
    }
}
