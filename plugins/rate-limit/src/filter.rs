//! The filter: reads the request, has the limits decide, and does what they say; and charges what only the response tells.

use std::rc::Rc;
use std::time::Duration;

use portcullis_attributes::RequestAttributes;
use portcullis_config::Mode;
use portcullis_filter::{
    Callback, Callbacks, ConfigError, Filter, Flow, GrpcCallResponse, HeaderBlock, HeaderMap, Host, Outcome, Setup, Stream,
    StreamId,
};
use portcullis_gate::{Unfit, forward_judged, judged, outcome};
use portcullis_http::MatchRequest;
use portcullis_policy::{Attribute, Facts};

use crate::body::{Announced, Body, Incoming, WithBody};
use crate::cluster::{self, Concluded, Inquiry};
use crate::config::RateLimitConfig;
use crate::decide::Decided;
use crate::limit::Limit;
use crate::record::{detail, record, record_unfit};
use crate::response::Open;
use crate::settings::Settings;
use crate::waiting::{self, Hold};
use crate::witness::Witness;

/// The plugin, configured.
#[derive(Debug)]
pub struct RateLimit(Rc<Settings>);

/// One request.
#[derive(Debug)]
pub struct RateLimitStream {
    settings: Rc<Settings>,
    id: StreamId,
    /// There until the body has come, where a limit reads it.
    incoming: Option<Incoming>,
    /// There while the request waits, and after.
    hold: Option<Hold>,
    /// What is still to be done about it.
    open: Option<Open>,
    /// There while services are asked about it, and until it is known what is still to be done.
    inquiry: Option<Rc<Inquiry>>,
    /// Whether it was refused when more than its head had come.
    refused: bool,
}

/// A request that can be judged.
pub(crate) struct Judged<'a, 'r> {
    /// The canonical one.
    pub(crate) path: Option<&'a str>,
    pub(crate) attributes: &'a RequestAttributes<'r, dyn Host + 'r>,
    pub(crate) headers: &'a Rc<HeaderBlock>,
}

/// What becomes of a request.
pub(crate) struct Conclusion {
    pub(crate) flow: Flow,
    incoming: Option<Incoming>,
    pub(crate) hold: Option<Hold>,
    pub(crate) open: Option<Open>,
    inquiry: Option<Rc<Inquiry>>,
}

impl From<Flow> for Conclusion {
    fn from(flow: Flow) -> Self {
        Self { flow, incoming: None, hold: None, open: None, inquiry: None }
    }
}

impl RateLimit {
    /// The plugin with this configuration; [`Filter::configure`], with the places of what is wrong.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub fn load(config: &[u8]) -> Result<Self, portcullis_config::ConfigError> {
        let loaded = portcullis_config::load::<RateLimitConfig>(config, Self::NAME)?;
        Settings::new(loaded).map(|settings| Self(Rc::new(settings)))
    }
}

impl Filter for RateLimit {
    const NAME: &'static str = "rate_limit";
    const CALLBACKS: Callbacks = Callbacks::of(&[
        Callback::Tick,
        Callback::GrpcReceive,
        Callback::GrpcClose,
        Callback::RequestHeaders,
        // A request that waits goes on waiting when its body or its trailers come.
        Callback::RequestBody,
        Callback::RequestTrailers,
        Callback::ResponseHeaders,
        Callback::Log,
    ]);
    type Stream = RateLimitStream;

    fn configure(config: &[u8], _host: &dyn Setup) -> Result<Self, ConfigError> {
        Self::load(config).map_err(ConfigError::new)
    }

    fn stream(&self, id: StreamId) -> RateLimitStream {
        let settings = Rc::clone(&self.0);
        RateLimitStream { settings, id, incoming: None, hold: None, open: None, inquiry: None, refused: false }
    }

    fn tick_period(&self) -> Option<Duration> {
        let period = |limit: &Rc<Limit>| match (&limit.room, &limit.cluster) {
            (Some(_), _) => Some(waiting::PERIOD),
            (None, Some(_)) => Some(cluster::PERIOD),
            (None, None) => None,
        };
        self.0.limits.iter().filter_map(period).min()
    }

    fn on_tick(&self, host: &dyn Host) {
        self.0.waiting.on_tick(host);
        self.0.end_late_inquiries(host);
    }

    fn on_grpc_call_response(&self, host: &dyn Host, response: GrpcCallResponse) {
        self.0.on_grpc_call_response(host, response);
    }
}

impl RateLimit {
    /// The plugin, while `witness` looks on.
    pub(crate) fn watched(config: &[u8], host: &dyn Setup, witness: Box<dyn Witness>) -> Result<Self, ConfigError> {
        let mut plugin = Self::configure(config, host)?;
        if let Some(settings) = Rc::get_mut(&mut plugin.0) {
            settings.witness = Some(witness);
        }
        Ok(plugin)
    }
}

impl Stream for RateLimitStream {
    fn on_request_headers(&mut self, host: &dyn Host, end_of_stream: bool) -> Flow {
        let conclusion = match host.headers(HeaderMap::RequestHeaders) {
            Ok(headers) => self.settings.judge_head(host, self.id, headers, end_of_stream),
            Err(_) => self.settings.refuse(host, &HeaderBlock::default(), Unfit::Host).into(),
        };
        self.goes_on_as(conclusion)
    }

    fn on_request_body(&mut self, host: &dyn Host, size: usize, end_of_stream: bool) -> Flow {
        let Some(mut incoming) = self.incoming.take() else { return self.held_or_on() };
        if incoming.read(host, size).is_err() {
            let refused = self.settings.refuse(host, &incoming.headers, Unfit::Host);
            return self.goes_on_as(refused.into());
        }
        if end_of_stream || incoming.is_too_large() {
            return self.read(host, incoming);
        }
        let flow = if incoming.is_held() { Flow::Pause } else { Flow::Continue };
        self.incoming = Some(incoming);
        flow
    }

    fn on_request_trailers(&mut self, host: &dyn Host) -> Flow {
        match self.incoming.take() {
            Some(incoming) => self.read(host, incoming),
            None => self.held_or_on(),
        }
    }

    fn on_response_headers(&mut self, host: &dyn Host, _end_of_stream: bool) -> Flow {
        if let Some(incoming) = self.incoming.take() {
            // The upstream has not waited for the body: what limits say of the request counts all the same.
            let early = self.settings.judge_body(host, self.id, &incoming.headers, &Body::Unreadable("the response came first"));
            if let flow @ Flow::Reply(_) = self.goes_on_as(early) {
                return flow;
            }
        }
        self.learn();
        if let Some(open) = &mut self.open {
            open.on_response(&self.settings, host);
        }
        Flow::Continue
    }

    fn on_log(&mut self, host: &dyn Host) {
        self.learn();
        let abandoned = self.inquiry.take().and_then(|inquiry| self.settings.abandon(host, &inquiry));
        if let Some(open) = self.open.take().or(abandoned) {
            open.close(&self.settings, host);
        }
    }
}

impl RateLimitStream {
    /// The body has come, or as much of it as is read.
    fn read(&mut self, host: &dyn Host, incoming: Incoming) -> Flow {
        let headers = Rc::clone(&incoming.headers);
        let conclusion = self.settings.judge_body(host, self.id, &headers, &incoming.finish());
        self.goes_on_as(conclusion)
    }

    fn goes_on_as(&mut self, conclusion: Conclusion) -> Flow {
        let Conclusion { flow, incoming, hold, open, inquiry } = conclusion;
        self.refused = matches!(flow, Flow::Reply(_));
        (self.incoming, self.hold, self.open, self.inquiry) = (incoming, hold, open, inquiry);
        flow
    }

    fn held_or_on(&mut self) -> Flow {
        self.learn();
        let held = self.refused || self.inquiry.is_some() || self.hold.as_ref().is_some_and(Hold::is_held);
        if held { Flow::Pause } else { Flow::Continue }
    }

    /// What has become of the request since services were asked about it.
    fn learn(&mut self) {
        if let Some(Concluded { refused, hold, open }) = self.inquiry.as_ref().and_then(|inquiry| inquiry.take_concluded()) {
            (self.refused, self.hold, self.open, self.inquiry) = (refused, hold, open, None);
        }
    }
}

impl Settings {
    /// Judges the request, or has its body come first.
    fn judge_head(&self, host: &dyn Host, id: StreamId, headers: Rc<HeaderBlock>, end_of_stream: bool) -> Conclusion {
        let request = match judged(&headers, &self.index, self.common.path.on_ambiguous) {
            Ok(request) => request,
            Err(malformed) => return self.refuse(host, &headers, Unfit::Malformed(malformed)).into(),
        };
        if let Err(unfit) = self.once.check(&headers) {
            return self.refuse(host, &headers, unfit).into();
        }
        // Now, as the head may have gone on when the body has come.
        if forward_judged(host, &request).is_err() {
            return self.refuse(host, &headers, Unfit::Host).into();
        }
        let form = match self.announced(&headers, &request, end_of_stream) {
            Announced::Known(body) => return self.judge(host, id, &headers, &request, &body),
            Announced::ToCome(form) => form,
        };
        let held = self.common.mode == Mode::Enforce;
        let flow = if held && self.stop_iteration { Flow::Pause } else { Flow::Continue };
        let incoming = Incoming::new(Rc::clone(&headers), form, held, self.body_max);
        Conclusion { incoming: Some(incoming), ..flow.into() }
    }

    /// Judges a request whose head was fit, when its body has come.
    fn judge_body(&self, host: &dyn Host, id: StreamId, headers: &Rc<HeaderBlock>, body: &Body) -> Conclusion {
        match judged(headers, &self.index, self.common.path.on_ambiguous) {
            Ok(request) => self.judge(host, id, headers, &request, body),
            Err(malformed) => self.refuse(host, headers, Unfit::Malformed(malformed)).into(),
        }
    }

    /// What is known of the body; nothing has to be where no limit reads it.
    fn announced(&self, headers: &HeaderBlock, request: &MatchRequest<'_>, end_of_stream: bool) -> Announced {
        let reads = |rule: usize| self.limits.get(rule).is_some_and(|limit| limit.reads(Attribute::Body));
        if self.reads_body && self.index.matches(request).any(|matched| reads(matched.rule)) {
            Announced::of(headers, self.body_max, end_of_stream)
        } else {
            Announced::Known(Body::Absent)
        }
    }

    fn judge(
        &self,
        host: &dyn Host,
        id: StreamId,
        headers: &Rc<HeaderBlock>,
        request: &MatchRequest<'_>,
        body: &Body,
    ) -> Conclusion {
        let attributes = RequestAttributes::new(host, headers, request, &self.identity);
        self.tell(|witness| witness.began(self, id, headers, request));
        let mut decided = self.decide(host, request, &Facts::new(&WithBody { head: &attributes, body }));
        if !decided.elsewhere.asks.is_empty()
            && let Some(inquiry) = self.inquire(host, id, headers, &mut decided)
        {
            return Conclusion { inquiry: Some(inquiry), ..Flow::Pause.into() };
        }
        let judged = Judged { path: request.path(), attributes: &attributes, headers };
        self.conclude(host, id, judged, decided)
    }

    /// Nothing more is asked about the request.
    pub(crate) fn conclude(&self, host: &dyn Host, id: StreamId, judged: Judged<'_, '_>, decided: Decided) -> Conclusion {
        let Judged { path, attributes, headers } = judged;
        if decided.passes() && decided.elsewhere.request_headers.set(host, HeaderMap::RequestHeaders).is_err() {
            decided.charged.iter().for_each(|charged| self.give_back(host, charged));
            return self.refuse(host, headers, Unfit::Host).into();
        }
        self.count(host, &decided);
        let outcome = outcome(self.common.mode, !decided.passes(), decided.failed_host());
        let outcome = record(self, host, attributes, path, headers, &decided, outcome);
        self.tell(|witness| witness.decided(host, id, &decided, outcome, detail(&decided, decided.deciding(outcome))));
        if outcome == Outcome::Denied {
            return Flow::Reply(self.reply(&decided.denials, &decided.elsewhere.response_headers)).into();
        }
        self.let_on(host, id, Rc::clone(headers), decided)
    }

    /// At once, or when its time has come. A plugin in shadow mode holds nobody up.
    fn let_on(&self, host: &dyn Host, id: StreamId, headers: Rc<HeaderBlock>, mut decided: Decided) -> Conclusion {
        self.try_out(host, std::mem::take(&mut decided.elsewhere.tries));
        let wait = decided.wait();
        let (seats, open) = Open::new(self, headers, decided);
        if wait.is_zero() || self.common.mode == Mode::Shadow {
            return Conclusion { open, ..Flow::Continue.into() };
        }
        let hold = self.waiting.hold(id, host.now(), wait, seats);
        Conclusion { hold: Some(hold), open, ..Flow::Pause.into() }
    }

    /// No limit can judge the request.
    pub(crate) fn refuse(&self, host: &dyn Host, headers: &HeaderBlock, unfit: Unfit) -> Flow {
        let outcome = outcome(self.common.mode, true, unfit == Unfit::Host);
        record_unfit(self, host, headers, unfit, outcome);
        self.tell(|witness| witness.refused(self, host, headers, unfit, outcome));
        if outcome == Outcome::Denied { Flow::Reply(unfit.reply()) } else { Flow::Continue }
    }
}
