//! HTTP callouts.

use std::time::Duration;

use crate::callout::CalloutRequest;
use crate::exchange::HeaderLines;
use crate::log::Place;
use crate::model::{CallAnswer, HeaderList, PendingAnswer, PendingCall, Status, Worker};

impl Worker {
    /// `proxy_http_call`; always in the name of the root context. A timeout of 0 is none.
    pub(crate) fn http_call(
        &mut self,
        cluster: &str,
        lines: &HeaderLines,
        body: &[u8],
        timeout: Duration,
    ) -> Result<u32, Status> {
        self.admit("proxy_http_call")?;
        let headers = HeaderList::of(lines);
        if [&b":path"[..], b":method", b":authority"].iter().any(|name| headers.first(name).is_none()) {
            return Err(Status::BadArgument);
        }
        let timeout = Some(timeout).filter(|timeout| !timeout.is_zero());
        let request = CalloutRequest {
            place: self.place,
            cluster: cluster.to_owned(),
            headers: headers.lines().to_vec(),
            body: body.to_vec(),
            timeout,
            at: self.shared.clock.get().now(),
        };
        let token = self.next_call;
        if self.place == Place::Canary {
            // It is thrown away before any answer; the script never hears of it.
            return Ok(token);
        }
        let answer = CallAnswer::of(self.shared.callouts.borrow_mut()(&request), timeout)?;
        self.next_call += 1;
        if let Some((after, answer)) = answer {
            let due = self.shared.clock.get().elapsed() + after;
            self.pending_calls.push(PendingCall { token, due, answer: PendingAnswer::Http(answer) });
        }
        Ok(token)
    }
}
