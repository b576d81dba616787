//! The filter: finds the rule, has the tokens judged, tells the upstream who calls.

use std::rc::Rc;
use std::time::Duration;

use portcullis_config::Mode;
use portcullis_filter::{
    CallResponse, Callback, Callbacks, ConfigError, Decision, Filter, Flow, HeaderBlock, HeaderMap, Host, LocalReply, Outcome,
    Reason, RequestSummary, Setup, Stream, StreamId, Timestamp,
};
use portcullis_gate::{Unfit, judged, outcome};

use crate::caller::Caller;
use crate::config::{JwtAuthConfig, MultipleTokens, Preflight};
use crate::evidence::Evidence;
use crate::expressions::Bearer;
use crate::jwks::{Hold, Rejudged, Waited};
use crate::reply::{HOST, Refusal};
use crate::requirement::{Granted, Requirement, Unmet, any_provider};
use crate::settings::{Rule, Settings};
use crate::upstream::introduce;
use crate::witness::Witness;

/// The plugin, configured.
#[derive(Debug)]
pub struct JwtAuth(Rc<Settings>);

/// One request.
#[derive(Debug)]
pub struct JwtAuthStream {
    settings: Rc<Settings>,
    id: StreamId,
    /// There while the request waits for keys, and after.
    hold: Option<Hold>,
}

impl JwtAuth {
    /// The plugin with this configuration; [`Filter::configure`], with the places of what is wrong.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub fn load(config: &[u8], host: &dyn Setup) -> Result<Self, portcullis_config::ConfigError> {
        let loaded = portcullis_config::load::<JwtAuthConfig>(config, Self::NAME)?;
        Settings::new(loaded, host).map(|settings| Self(Rc::new(settings)))
    }

    /// What every stream shares.
    pub(crate) fn settings(&self) -> &Rc<Settings> {
        &self.0
    }
}

impl Filter for JwtAuth {
    const NAME: &'static str = "jwt_auth";
    const CALLBACKS: Callbacks = Callbacks::of(&[
        Callback::Tick,
        Callback::HttpCallResponse,
        Callback::RequestHeaders,
        // A request that waits goes on waiting when its body or its trailers come.
        Callback::RequestBody,
        Callback::RequestTrailers,
    ]);
    type Stream = JwtAuthStream;

    fn configure(config: &[u8], host: &dyn Setup) -> Result<Self, ConfigError> {
        Self::load(config, host).map_err(ConfigError::new)
    }

    fn stream(&self, id: StreamId) -> JwtAuthStream {
        JwtAuthStream { settings: Rc::clone(&self.0), id, hold: None }
    }

    fn tick_period(&self) -> Option<Duration> {
        self.0.sources.tick_period()
    }

    fn on_tick(&self, host: &dyn Host) {
        self.0.sources.on_tick(host, &mut |host, waited| self.0.judge_again(host, waited, &()));
    }

    fn on_http_call_response(&self, host: &dyn Host, response: CallResponse) {
        self.0.sources.on_http_call_response(host, response, &mut |host, waited| self.0.judge_again(host, waited, &()));
    }
}

impl Stream for JwtAuthStream {
    fn on_request_headers(&mut self, host: &dyn Host, _end_of_stream: bool) -> Flow {
        self.judge(host, &())
    }

    fn on_request_body(&mut self, _host: &dyn Host, _size: usize, _end_of_stream: bool) -> Flow {
        self.held_or_on()
    }

    fn on_request_trailers(&mut self, host: &dyn Host) -> Flow {
        let removed = host
            .headers(HeaderMap::RequestTrailers)
            .and_then(|trailers| self.settings.not_for_trailers.remove_copies(host, HeaderMap::RequestTrailers, &trailers));
        match removed {
            Ok(()) => self.held_or_on(),
            Err(_) => self.settings.refuse(host, &HeaderBlock::default(), &()),
        }
    }
}

impl JwtAuthStream {
    /// Judges the request for the first time, before this `witness`.
    pub(crate) fn judge(&mut self, host: &dyn Host, witness: &impl Witness) -> Flow {
        let Ok(headers) = host.headers(HeaderMap::RequestHeaders) else {
            return self.settings.refuse(host, &HeaderBlock::default(), witness);
        };
        if self.settings.identity_headers.remove_copies(host, HeaderMap::RequestHeaders, &headers).is_err() {
            return self.settings.refuse(host, &headers, witness);
        }
        let now = host.now();
        let first = Attempt { since: now, now, may_wait: true };
        match self.settings.decide(host, &headers, first, witness) {
            Rejudged::Decided(flow) => flow,
            Rejudged::Waits(source) => {
                self.hold = self.settings.sources.hold(source, self.id, now);
                if self.hold.is_some() { Flow::Pause } else { self.settings.give_up(host, &headers, first, witness) }
            }
        }
    }

    fn held_or_on(&self) -> Flow {
        if self.hold.as_ref().is_some_and(Hold::is_held) { Flow::Pause } else { Flow::Continue }
    }
}

/// One time that a request is judged: the first, or again when keys have come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    /// When the request came.
    pub(crate) since: Timestamp,
    /// When it is judged.
    pub(crate) now: Timestamp,
    /// Whether it may wait for keys: not once it has waited long enough, or when too many wait already.
    may_wait: bool,
}

/// A request, as far as it could be understood.
pub(crate) struct Judged<'a> {
    pub(crate) headers: &'a HeaderBlock,
    /// The canonical path, where there is one.
    path: Option<&'a str>,
    pub(crate) rule: Option<&'a Rule>,
    pub(crate) verdict: Result<Granted, Refusal>,
}

impl Judged<'_> {
    /// Who calls.
    pub(crate) fn caller(&self) -> Option<&Caller> {
        self.verdict.as_ref().ok().and_then(|granted| Some(&*granted.callers.first()?.1))
    }

    /// The stable code, and more for the record.
    pub(crate) fn reason(&self) -> (Reason, Option<&'static str>) {
        match &self.verdict {
            Ok(Granted { optional_failure: Some(refusal), .. }) => (Reason("jwt_optional_failed"), Some(refusal.reason().0)),
            Ok(_) if self.caller().is_some() => (Reason("jwt_verified"), None),
            Ok(_) => (Reason("jwt_not_required"), None),
            Err(refusal) => (refusal.reason(), refusal.detail()),
        }
    }
}

impl Settings {
    /// Judges a request that has waited for keys.
    pub(crate) fn judge_again(&self, host: &dyn Host, waited: Waited, witness: &impl Witness) -> Rejudged {
        let Ok(headers) = host.headers(HeaderMap::RequestHeaders) else {
            return Rejudged::Decided(self.refuse(host, &HeaderBlock::default(), witness));
        };
        let attempt = Attempt { since: waited.since, now: host.now(), may_wait: !waited.expired };
        self.decide(host, &headers, attempt, witness)
    }

    /// Judges a request that may not wait.
    fn give_up(&self, host: &dyn Host, headers: &HeaderBlock, attempt: Attempt, witness: &impl Witness) -> Flow {
        match self.decide(host, headers, Attempt { may_wait: false, ..attempt }, witness) {
            Rejudged::Decided(flow) => flow,
            Rejudged::Waits(_) => self.refuse(host, headers, witness),
        }
    }

    fn decide(&self, host: &dyn Host, headers: &HeaderBlock, attempt: Attempt, witness: &impl Witness) -> Rejudged {
        let request = match judged(headers, &self.index, self.common.path.on_ambiguous) {
            Ok(request) => request,
            Err(malformed) => {
                let refusal = Refusal::Unfit(Unfit::Malformed(malformed));
                return Rejudged::Decided(self.refuse_unread(host, headers, refusal, witness));
            }
        };
        let rule = self.index.first(&request).and_then(|matched| self.rules.get(matched.rule));
        witness.began(&request, rule);
        let verdict = match self.judge(Bearer { host, headers, request: &request }, rule, attempt, witness) {
            Ok(granted) => introduce(self, host, headers, &request, &granted).map(|()| granted),
            Err(Unmet::Refused(refusal)) => Err(refusal),
            // A plugin in shadow mode holds nobody up.
            Err(Unmet::NeedsKeys(source)) if attempt.may_wait && self.common.mode == Mode::Enforce => {
                return Rejudged::Waits(source);
            }
            Err(Unmet::NeedsKeys(_)) => Err(Refusal::KeysUnavailable),
        };
        Rejudged::Decided(self.conclude(host, &Judged { headers, path: request.path(), rule, verdict }, witness))
    }

    /// Who calls, as far as it has to be known.
    fn judge(&self, bearer: Bearer<'_>, rule: Option<&Rule>, attempt: Attempt, witness: &impl Witness) -> Result<Granted, Unmet> {
        let requirement = rule.map_or(&self.on_no_match, |rule| &rule.requirement);
        if matches!(requirement, Requirement::None) || self.preflight == Preflight::Pass && is_preflight(bearer.headers) {
            witness.required(&Requirement::None);
            return Ok(Granted::default());
        }
        let tokens = self.locations.tokens(bearer.headers).map_err(Unmet::Refused)?;
        if tokens.len() > requirement.tokens_max(self.multiple_tokens) {
            return Err(Unmet::Refused(Refusal::Multiple));
        }
        let evidence = Evidence::new(self, bearer, attempt, &tokens, witness);
        let granted = requirement.evaluate(&evidence);
        witness.required(requirement);
        let granted = granted?;
        self.check_others(&granted, &evidence)?;
        self.check_demands(&granted, rule, &evidence)?;
        Ok(granted)
    }

    /// Of several tokens none may go unlooked at: the upstream may believe that one.
    fn check_others(&self, granted: &Granted, evidence: &Evidence<'_, impl Witness>) -> Result<(), Unmet> {
        let verified = |place: usize| granted.callers.iter().any(|(known, _)| *known == place);
        if evidence.places().count() < 2 {
            return Ok(());
        }
        for other in evidence.places().filter(|place| !verified(*place)) {
            if self.multiple_tokens == MultipleTokens::Refuse {
                return Err(Unmet::Refused(Refusal::Multiple));
            }
            any_provider(&evidence.only(other))?;
        }
        Ok(())
    }

    /// What the rule asks of the caller.
    fn check_demands(&self, granted: &Granted, rule: Option<&Rule>, evidence: &Evidence<'_, impl Witness>) -> Result<(), Unmet> {
        let Some(rule) = rule.filter(|rule| !rule.demands.is_empty()) else { return Ok(()) };
        let (_, caller) = granted.callers.first().ok_or(Unmet::Refused(Refusal::Missing))?;
        let skew = self.providers.get(caller.provider).map(|provider| provider.rules.clock_skew).unwrap_or_default();
        evidence.witness.demanded(&rule.demands, &caller.claims, (evidence.now(), skew));
        rule.demands.check(&caller.claims, evidence.now(), skew).map_err(Unmet::Refused)
    }

    fn conclude(&self, host: &dyn Host, judged: &Judged<'_>, witness: &impl Witness) -> Flow {
        let refusal = judged.verdict.as_ref().err();
        let outcome = outcome(self.common.mode, refusal.is_some(), refusal == Some(&HOST));
        self.record(host, judged, outcome);
        witness.concluded(judged, outcome);
        match refusal {
            Some(refusal) if outcome == Outcome::Denied => Flow::Reply(self.reply(*refusal, judged.rule)),
            _ => Flow::Continue,
        }
    }

    fn reply(&self, refusal: Refusal, rule: Option<&Rule>) -> LocalReply {
        let reply = self.challenge.reply(refusal, rule.map(|rule| &rule.demands));
        match rule {
            Some(rule) => rule.deny_response.applied(reply),
            None => reply,
        }
    }

    fn record(&self, host: &dyn Host, judged: &Judged<'_>, outcome: Outcome) {
        let caller = judged.caller();
        let (reason, detail) = judged.reason();
        let (request, claims) = if self.recorder.writes(outcome) {
            let claims = caller.map(|caller| caller.shown_claims(&self.common.decisions.claims));
            (RequestSummary::of(judged.headers, judged.path), claims.unwrap_or_default())
        } else {
            Default::default()
        };
        let decision = Decision {
            outcome,
            reason,
            rule: judged.rule.map(|rule| rule.name.as_str()),
            subject: caller.and_then(|caller| caller.claims.subject()),
            claims: &claims,
            detail,
            request,
        };
        self.recorder.record(host, &decision);
    }

    /// The host did not do what a decision rests on.
    fn refuse(&self, host: &dyn Host, headers: &HeaderBlock, witness: &impl Witness) -> Flow {
        self.refuse_unread(host, headers, HOST, witness)
    }

    fn refuse_unread(&self, host: &dyn Host, headers: &HeaderBlock, refusal: Refusal, witness: &impl Witness) -> Flow {
        self.conclude(host, &Judged { headers, path: None, rule: None, verdict: Err(refusal) }, witness)
    }
}

/// Fetch standard, "CORS-preflight fetch".
pub(crate) fn is_preflight(headers: &HeaderBlock) -> bool {
    headers.only(":method") == Some(b"OPTIONS")
        && headers.all("origin").next().is_some()
        && headers.all("access-control-request-method").next().is_some()
}
