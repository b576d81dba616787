//! What becomes of a request with what the services answer, or do not.

use std::fmt::{self, Display};
use std::mem;
use std::rc::Rc;

use portcullis_attributes::RequestAttributes;
use portcullis_filter::{BodyKind, Flow, GrpcCallResponse, GrpcStatus, HeaderBlock, Host, StreamId};
use portcullis_gate::{Unfit, judged};
use portcullis_rls::{Code, DescriptorStatus, MESSAGE_MAX, RateLimitResponse, Unanswered};

use super::inquiry::{Asker, Concluded, Inquiry, Pending};
use super::question::together;
use super::{Part, Report};
use crate::counters::Effect;
use crate::decide::{Cause, Decided, Denial};
use crate::filter::{Conclusion, Judged};
use crate::response::Open;
use crate::settings::Settings;

/// How much of what is said about a failure is told on, in bytes.
const WORDS_MAX: usize = 128;

/// Why there is no answer.
#[derive(Debug)]
enum Silence {
    /// The proxy does not ask.
    Unasked,
    /// The call has failed, and what was said of it.
    Failed(GrpcStatus, String),
    /// The service has answered, and said nothing.
    Nonsense(Unanswered),
    /// The proxy has not told that the time is over.
    Late,
}

impl Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unasked => f.write_str("the service cannot be asked"),
            Self::Failed(GrpcStatus(status), words) if words.is_empty() => write!(f, "the service fails: status {status}"),
            Self::Failed(GrpcStatus(status), words) => write!(f, "the service fails: status {status}: {words}"),
            Self::Nonsense(Unanswered::Malformed) => f.write_str("the service answers nonsense"),
            Self::Nonsense(Unanswered::UnknownCode) => f.write_str("the service says neither yes nor no"),
            Self::Late => f.write_str("the service did not answer in time"),
        }
    }
}

type Answer = Result<RateLimitResponse, Silence>;

impl Settings {
    /// Asks the services about a request that fits into what is counted here: it is held for the answers. Where nobody can be asked it is
    /// not, and `decided` says what becomes of it.
    pub(crate) fn inquire(
        &self,
        host: &dyn Host,
        stream: StreamId,
        headers: &Rc<HeaderBlock>,
        decided: &mut Decided,
    ) -> Option<Rc<Inquiry>> {
        let mut questions = Vec::new();
        for parts in together(mem::take(&mut decided.elsewhere.asks)) {
            if !decided.passes() {
                break;
            }
            match self.inquiries.ask(host, &parts) {
                Ok(id) => questions.push((id, parts)),
                Err(_) => self.fall_back(host, decided, parts, &Silence::Unasked),
            }
        }
        if !decided.passes() || questions.is_empty() {
            self.inquiries.give_up(host, questions);
            return None;
        }
        let calls: Vec<_> = questions.iter().filter_map(|(id, parts)| Some((*id, parts.first()?.service()?.timeout))).collect();
        let pending = Some(Pending { decided: mem::take(decided), questions }).into();
        let (headers, since) = (Rc::clone(headers), host.now());
        let inquiry = Rc::new(Inquiry { stream, headers, since, pending, concluded: None.into() });
        for (id, timeout) in calls {
            self.inquiries.note(id, Asker::Held(Rc::clone(&inquiry)), since, timeout);
        }
        Some(inquiry)
    }

    /// Asks about limits that are tried out; nobody is held for it.
    pub(crate) fn try_out(&self, host: &dyn Host, parts: Vec<Part>) {
        for part in parts {
            let Some(timeout) = part.service().map(|service| service.timeout) else { continue };
            match self.inquiries.ask(host, std::slice::from_ref(&part)) {
                Ok(id) => self.inquiries.note(id, Asker::Tried(part), host.now(), timeout),
                Err(_) => self.counters.count(host, &part.limit, Effect::Unavailable),
            }
        }
    }

    /// An answer has come.
    pub(crate) fn on_grpc_call_response(&self, host: &dyn Host, response: GrpcCallResponse) {
        let Some(asker) = self.inquiries.take(response.id) else { return };
        self.deliver(host, response, asker, read(host, response));
    }

    /// Ends what the proxy has not ended in time.
    pub(crate) fn end_late_inquiries(&self, host: &dyn Host) {
        for (id, asker) in self.inquiries.take_late(host.now()) {
            let _ = host.cancel_grpc_call(id);
            self.deliver(host, GrpcCallResponse { id, message: Err(GrpcStatus::UNAVAILABLE) }, asker, Err(Silence::Late));
        }
    }

    /// The client has gone. What is still to be done about its request.
    pub(crate) fn abandon(&self, host: &dyn Host, inquiry: &Inquiry) -> Option<Open> {
        let Pending { decided, questions } = inquiry.pending.take()?;
        self.inquiries.give_up(host, questions);
        Open::new(self, Rc::clone(&inquiry.headers), decided).1
    }

    fn deliver(&self, host: &dyn Host, response: GrpcCallResponse, asker: Asker, answer: Answer) {
        match asker {
            Asker::Held(inquiry) => {
                let mut answer = Some(answer);
                let mut settle = |host: &dyn Host| match answer.take() {
                    Some(answer) => self.settle(host, &inquiry, response, answer),
                    None => Flow::Pause,
                };
                // One whose client has gone is no longer there.
                let _ = host.resume(inquiry.stream, &mut settle);
            }
            Asker::Tried(part) => {
                let effect = match answer.map(|response| response.overall) {
                    Ok(Code::Ok) => Effect::Admitted,
                    Ok(Code::OverLimit) => Effect::WouldRefuse,
                    Err(_) => Effect::Unavailable,
                };
                self.counters.count(host, &part.limit, effect);
            }
        }
    }

    /// `host` is as the held request sees it.
    fn settle(&self, host: &dyn Host, inquiry: &Inquiry, response: GrpcCallResponse, answer: Answer) -> Flow {
        let Some(mut pending) = inquiry.pending.take() else { return Flow::Pause };
        if let Some(parts) = pending.answered(response.id) {
            self.weigh(host, &mut pending.decided, parts, answer);
        }
        if pending.decided.passes() && !pending.questions.is_empty() {
            inquiry.pending.replace(Some(pending));
            return Flow::Pause;
        }
        self.inquiries.give_up(host, pending.questions);
        let Conclusion { flow, hold, open, .. } = self.conclude_held(host, inquiry, pending.decided);
        inquiry.concluded.replace(Some(Concluded { refused: matches!(flow, Flow::Reply(_)), hold, open }));
        flow
    }

    fn conclude_held(&self, host: &dyn Host, inquiry: &Inquiry, mut decided: Decided) -> Conclusion {
        // Whoever has to wait has waited for the answer already.
        let waited = host.now().saturating_since(inquiry.since);
        decided.charged.iter_mut().for_each(|charged| charged.wait = charged.wait.saturating_sub(waited));
        // It was judged before, as the same.
        let Ok(request) = judged(&inquiry.headers, &self.index, self.common.path.on_ambiguous) else {
            return self.refuse(host, &inquiry.headers, Unfit::Host).into();
        };
        let attributes = RequestAttributes::new(host, &inquiry.headers, &request, &self.identity);
        let judged = Judged { path: request.path(), attributes: &attributes, headers: &inquiry.headers };
        self.conclude(host, inquiry.stream, judged, decided)
    }

    fn weigh(&self, host: &dyn Host, decided: &mut Decided, parts: Vec<Part>, answer: Answer) {
        match answer {
            Ok(response) if response.overall == Code::Ok => decided.elsewhere.admit(parts, response),
            Ok(response) => {
                decided.elsewhere.response_headers.extend(response.response_headers);
                self.deny(host, decided, over(parts, &response.statuses));
            }
            Err(silence) => self.fall_back(host, decided, parts, &silence),
        }
    }

    /// Nobody has answered: what denies then, denies; of the rest the proxy counts all, or nothing.
    fn fall_back(&self, host: &dyn Host, decided: &mut Decided, parts: Vec<Part>, silence: &Silence) {
        for part in &parts {
            self.counters.count(host, &part.limit, Effect::Unavailable);
            decided.failure.get_or_insert_with(|| format!("limit `{}`: {silence}", part.limit.name));
        }
        let (here, lost): (Vec<_>, Vec<_>) = parts.into_iter().partition(Part::falls_back);
        if lost.is_empty() {
            self.charge_here(host, here, decided);
        } else {
            self.deny(host, decided, lost.into_iter().map(|part| part.denied(Cause::Unavailable)).collect());
        }
    }

    /// What was charged here is given back.
    fn deny(&self, host: &dyn Host, decided: &mut Decided, denials: Vec<Denial>) {
        decided.denials.extend(denials);
        decided.charged.drain(..).for_each(|charged| self.give_back(host, &charged));
    }
}

/// What the message of the running callback says.
fn read(host: &dyn Host, response: GrpcCallResponse) -> Answer {
    match response.message {
        Ok(size) if size > MESSAGE_MAX => Err(Silence::Nonsense(Unanswered::Malformed)),
        Ok(size) => {
            let message = host.body(BodyKind::GrpcMessage, 0, size).map_err(|_| Silence::Nonsense(Unanswered::Malformed))?;
            RateLimitResponse::decode(&message).map_err(Silence::Nonsense)
        }
        Err(status) => Err(Silence::Failed(status, words(&host.grpc_status_message().unwrap_or_default()))),
    }
}

/// As far as it is told on.
fn words(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message.get(..WORDS_MAX).unwrap_or(message));
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// The limits that are over: those that the service names, or all where it names none.
fn over(parts: Vec<Part>, statuses: &[DescriptorStatus]) -> Vec<Denial> {
    let named = statuses.len() == parts.len() && statuses.iter().any(|status| status.code == Some(Code::OverLimit));
    let silent = DescriptorStatus::default();
    let statuses = statuses.iter().map(Some).chain(std::iter::repeat(None));
    let over = parts.into_iter().zip(statuses).filter_map(|(part, status)| match status {
        Some(status) if named => (status.code == Some(Code::OverLimit)).then(|| (part, Report::of(status))),
        _ => Some((part, Report::of(&silent))),
    });
    over.map(|(part, report)| part.denied(Cause::OverThere(report))).collect()
}
