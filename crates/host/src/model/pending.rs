//! Callouts that are under way.

use std::time::Duration;

use portcullis_filter::GrpcStatus;

use super::{HeaderList, Instant};
use crate::callout::CalloutAnswer;
use crate::grpc_callout::GrpcAnswer;
use crate::model::Status;

/// A callout that will be answered.
#[derive(Debug, Clone)]
pub(crate) struct PendingCall {
    pub(crate) token: u32,
    pub(crate) due: Instant,
    pub(crate) answer: PendingAnswer,
}

/// How a callout will be answered.
#[derive(Debug, Clone)]
pub(crate) enum PendingAnswer {
    Http(CallAnswer),
    Grpc(GrpcOutcome),
}

/// What the plugin gets of a gRPC callout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GrpcOutcome {
    Message(Vec<u8>),
    Failure { status: u32, message: String },
}

impl GrpcOutcome {
    /// What reaches the plugin of `scripted`, and when; `Duration::MAX` for never.
    pub(crate) fn of(scripted: GrpcAnswer, timeout: Option<Duration>) -> (Duration, Self) {
        let (after, outcome) = match scripted {
            GrpcAnswer::UnknownCluster => (Duration::ZERO, Self::unavailable("Cluster not available")),
            GrpcAnswer::Lost => return (Duration::MAX, Self::timed_out()),
            GrpcAnswer::Timeout => (Duration::MAX, Self::timed_out()),
            GrpcAnswer::Respond { after, message } => (after, Self::Message(message)),
            GrpcAnswer::Fail { after, status, message } => (after, Self::Failure { status, message }),
        };
        match timeout {
            Some(timeout) if timeout < after => (timeout, Self::timed_out()),
            _ => (after, outcome),
        }
    }

    fn timed_out() -> Self {
        Self::unavailable("upstream request timeout{response_timeout}")
    }

    fn unavailable(message: &str) -> Self {
        Self::Failure { status: GrpcStatus::UNAVAILABLE.0, message: message.to_owned() }
    }
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
