//! The filter: reads the request, has the limits decide, and does what they say; and charges what only the response tells.

use std::rc::Rc;
use std::time::Duration;

use portcullis_attributes::RequestAttributes;
use portcullis_config::Mode;
use portcullis_filter::{
    Callback, Callbacks, ConfigError, Filter, Flow, HeaderBlock, HeaderMap, Host, Outcome, Setup, Stream, StreamId,
};
use portcullis_gate::{Unfit, forward_judged, judged, outcome};
use portcullis_policy::Facts;

use crate::config::RateLimitConfig;
use crate::decide::Decided;
use crate::record::{record, record_unfit};
use crate::response::Open;
use crate::settings::Settings;
use crate::waiting::{Hold, PERIOD};

/// The plugin, configured.
#[derive(Debug)]
pub struct RateLimit(Rc<Settings>);

/// One request.
#[derive(Debug)]
pub struct RateLimitStream {
    settings: Rc<Settings>,
    id: StreamId,
    /// There while the request waits, and after.
    hold: Option<Hold>,
    /// What is still to be done about it.
    open: Option<Open>,
}

/// What becomes of a request.
struct Conclusion {
    flow: Flow,
    hold: Option<Hold>,
    open: Option<Open>,
}

impl From<Flow> for Conclusion {
    fn from(flow: Flow) -> Self {
        Self { flow, hold: None, open: None }
    }
}

impl Filter for RateLimit {
    const NAME: &'static str = "rate_limit";
    const CALLBACKS: Callbacks = Callbacks::of(&[
        Callback::Tick,
        Callback::RequestHeaders,
        // A request that waits goes on waiting when its body or its trailers come.
        Callback::RequestBody,
        Callback::RequestTrailers,
        Callback::ResponseHeaders,
        Callback::Log,
    ]);
    type Stream = RateLimitStream;

    fn configure(config: &[u8], _host: &dyn Setup) -> Result<Self, ConfigError> {
        let loaded = portcullis_config::load::<RateLimitConfig>(config, Self::NAME).map_err(ConfigError::new)?;
        Settings::new(loaded).map(|settings| Self(Rc::new(settings))).map_err(ConfigError::new)
    }

    fn stream(&self, id: StreamId) -> RateLimitStream {
        RateLimitStream { settings: Rc::clone(&self.0), id, hold: None, open: None }
    }

    fn tick_period(&self) -> Option<Duration> {
        self.0.limits.iter().any(|limit| limit.room.is_some()).then_some(PERIOD)
    }

    fn on_tick(&self, host: &dyn Host) {
        self.0.waiting.on_tick(host);
    }
}

impl Stream for RateLimitStream {
    fn on_request_headers(&mut self, host: &dyn Host, _end_of_stream: bool) -> Flow {
        let Conclusion { flow, hold, open } = match host.headers(HeaderMap::RequestHeaders) {
            Ok(headers) => self.settings.judge(host, self.id, headers),
            Err(_) => self.settings.refuse(host, &HeaderBlock::default(), Unfit::Host).into(),
        };
        (self.hold, self.open) = (hold, open);
        flow
    }

    fn on_request_body(&mut self, _host: &dyn Host, _size: usize, _end_of_stream: bool) -> Flow {
        self.held_or_on()
    }

    fn on_request_trailers(&mut self, _host: &dyn Host) -> Flow {
        self.held_or_on()
    }

    fn on_response_headers(&mut self, host: &dyn Host, _end_of_stream: bool) -> Flow {
        if let Some(open) = &mut self.open {
            open.on_response(&self.settings, host);
        }
        Flow::Continue
    }

    fn on_log(&mut self, host: &dyn Host) {
        if let Some(open) = self.open.take() {
            open.close(&self.settings, host);
        }
    }
}

impl RateLimitStream {
    fn held_or_on(&self) -> Flow {
        if self.hold.as_ref().is_some_and(Hold::is_held) { Flow::Pause } else { Flow::Continue }
    }
}

impl Settings {
    fn judge(&self, host: &dyn Host, id: StreamId, headers: Rc<HeaderBlock>) -> Conclusion {
        let request = match judged(&headers, &self.index, self.common.path.on_ambiguous) {
            Ok(request) => request,
            Err(malformed) => return self.refuse(host, &headers, Unfit::Malformed(malformed)).into(),
        };
        let attributes = RequestAttributes::new(host, &headers, &request, &self.identity);
        let decided = self.decide(host, &request, &Facts::new(&attributes));
        if decided.passes() && forward_judged(host, &request).is_err() {
            decided.charged.iter().for_each(|charged| self.give_back(host, charged));
            return self.refuse(host, &headers, Unfit::Host).into();
        }
        let outcome = outcome(self.common.mode, !decided.passes(), decided.failed_host());
        record(self, host, &attributes, request.path(), &headers, &decided, outcome);
        if outcome == Outcome::Denied {
            return Flow::Reply(self.reply(&decided.denials)).into();
        }
        drop(attributes);
        self.let_on(host, id, headers.clone(), decided)
    }

    /// At once, or when its time has come. A plugin in shadow mode holds nobody up.
    fn let_on(&self, host: &dyn Host, id: StreamId, headers: Rc<HeaderBlock>, decided: Decided<'_>) -> Conclusion {
        let wait = decided.wait();
        let (seats, open) = Open::new(self, headers, decided);
        if wait.is_zero() || self.common.mode == Mode::Shadow {
            return Conclusion { flow: Flow::Continue, hold: None, open };
        }
        let hold = self.waiting.hold(id, host.now(), wait, seats);
        Conclusion { flow: Flow::Pause, hold: Some(hold), open }
    }

    /// No limit can judge the request.
    fn refuse(&self, host: &dyn Host, headers: &HeaderBlock, unfit: Unfit) -> Flow {
        let outcome = outcome(self.common.mode, true, unfit == Unfit::Host);
        record_unfit(self, host, headers, unfit, outcome);
        if outcome == Outcome::Denied { Flow::Reply(unfit.reply()) } else { Flow::Continue }
    }
}
