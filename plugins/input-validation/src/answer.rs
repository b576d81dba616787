//! The answer to a request on its way back.

use std::rc::Rc;

use portcullis_filter::{Flow, HeaderBlock, HeaderMap, Host, HostError, LocalReply, LogLevel, Reason};
use portcullis_gate::Unfit;
use portcullis_redaction::Redactor;

use crate::record::record_response;
use crate::response::{Asked, Encoded, ResponseRule};
use crate::settings::Settings;

/// What is known of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    request: Rc<HeaderBlock>,
    /// The rule whose `response` counts; `None` for the defaults.
    rule: Option<usize>,
    redactor: Option<Redactor>,
}

/// An answer that cannot be read here.
const ENCODED: Reason = Reason("response_encoded");

impl Answer {
    pub(crate) fn new(request: Rc<HeaderBlock>, rule: Option<usize>) -> Self {
        Self { request, rule, redactor: None }
    }

    fn response_rule<'s>(&self, settings: &'s Settings) -> Option<&'s ResponseRule> {
        let rule = self.rule.and_then(|rule| settings.rules.get(rule)).and_then(|rule| rule.response.as_ref());
        rule.or(settings.response.as_ref()).filter(|_| settings.enforces())
    }

    /// The request goes on: nothing may make its answer unreadable.
    pub(crate) fn prepare(&self, host: &dyn Host, settings: &Settings) -> Result<(), HostError> {
        let redact = self.response_rule(settings).and_then(|rule| rule.redact.as_ref());
        redact.map_or(Ok(()), |redact| redact.prepare(host, &self.request))
    }

    pub(crate) fn headers(&mut self, host: &dyn Host, settings: &Settings, end_of_stream: bool) -> Flow {
        let Some(rule) = self.response_rule(settings) else { return Flow::Continue };
        let Ok(response) = host.headers(HeaderMap::ResponseHeaders) else { return Flow::Reply(Unfit::Host.reply()) };
        let redactor = match &rule.redact {
            Some(redact) if !end_of_stream => redact.begin(host, &response),
            _ => Ok(None),
        };
        match redactor.map_err(|error| error.ok()) {
            Ok(redactor) => self.redactor = redactor,
            Err(Some(Encoded)) => return Flow::Reply(self.refuse(host, settings)),
            Err(None) => return Flow::Reply(Unfit::Host.reply()),
        }
        match rule.apply(host, &response, Asked { request: &self.request }) {
            Ok(()) => Flow::Continue,
            Err(_) => Flow::Reply(Unfit::Host.reply()),
        }
    }

    pub(crate) fn body(&mut self, host: &dyn Host, settings: &Settings, size: usize, end_of_stream: bool) -> Flow {
        let Some(mut redactor) = self.redactor.take() else { return Flow::Continue };
        let redact = self.response_rule(settings).and_then(|rule| rule.redact.as_ref());
        let Some(redact) = redact else { return Flow::Continue };
        if redact.feed(host, &mut redactor, size, end_of_stream).is_err() {
            // The headers are gone: what is held here is never let go, and the stream ends by its timeout.
            return Flow::Reply(Unfit::Host.reply());
        }
        for (kind, count) in redactor.take_counts() {
            settings.counters.redacted(host, redact.name(kind), count);
        }
        self.redactor = (!end_of_stream).then_some(redactor);
        Flow::Continue
    }

    /// Nothing can be added to a body any more.
    pub(crate) fn trailers(&mut self, host: &dyn Host) {
        let held = self.redactor.take().map_or(0, |redactor| redactor.held());
        if held > 0 {
            host.log(LogLevel::Warn, &format!("the last {held} bytes before trailers may be a card or a key, and are not sent"));
        }
    }

    fn refuse(&self, host: &dyn Host, settings: &Settings) -> LocalReply {
        let rule = self.rule.and_then(|rule| settings.rules.get(rule)).map(|rule| rule.name.as_str());
        record_response(settings, host, &self.request, rule, ENCODED);
        LocalReply::problem(502, "bad-gateway", "Bad gateway", ENCODED)
    }
}
