//! The filter: finds the rule, has the tokens judged, tells the upstream who calls.

use std::rc::Rc;

use portcullis_config::Mode;
use portcullis_filter::{
    Callback, Callbacks, ConfigError, Decision, Filter, Flow, HeaderBlock, HeaderMap, Host, Outcome, Reason, RequestSummary,
    Setup, Stream, StreamId,
};
use portcullis_http::MatchRequest;

use crate::caller::Caller;
use crate::config::{JwtAuthConfig, MultipleTokens, Preflight};
use crate::evidence::Evidence;
use crate::reply::Refusal;
use crate::requirement::{Granted, Requirement, Unmet, any_provider};
use crate::settings::{Rule, Settings};
use crate::upstream::introduce;

/// The plugin, configured.
#[derive(Debug)]
pub struct JwtAuth(Rc<Settings>);

/// One request.
#[derive(Debug)]
pub struct JwtAuthStream(Rc<Settings>);

impl Filter for JwtAuth {
    const NAME: &'static str = "jwt_auth";
    const CALLBACKS: Callbacks = Callbacks::of(&[Callback::RequestHeaders, Callback::RequestTrailers]);
    type Stream = JwtAuthStream;

    fn configure(config: &[u8], host: &dyn Setup) -> Result<Self, ConfigError> {
        let loaded = portcullis_config::load::<JwtAuthConfig>(config, Self::NAME).map_err(ConfigError::new)?;
        let settings = Settings::new(loaded, host).map_err(ConfigError::new)?;
        Ok(Self(Rc::new(settings)))
    }

    fn stream(&self, _id: StreamId) -> JwtAuthStream {
        JwtAuthStream(Rc::clone(&self.0))
    }
}

impl Stream for JwtAuthStream {
    fn on_request_headers(&mut self, host: &dyn Host, _end_of_stream: bool) -> Flow {
        let Ok(headers) = host.headers(HeaderMap::RequestHeaders) else {
            return self.0.refuse(host, &HeaderBlock::default());
        };
        match self.0.identity_headers.remove_copies(host, HeaderMap::RequestHeaders, &headers) {
            Ok(()) => self.0.decide(host, &headers),
            Err(_) => self.0.refuse(host, &headers),
        }
    }

    fn on_request_trailers(&mut self, host: &dyn Host) -> Flow {
        let removed = host
            .headers(HeaderMap::RequestTrailers)
            .and_then(|trailers| self.0.identity_headers.remove_copies(host, HeaderMap::RequestTrailers, &trailers));
        match removed {
            Ok(()) => Flow::Continue,
            Err(_) => self.0.refuse(host, &HeaderBlock::default()),
        }
    }
}

/// A request, as far as it could be understood.
struct Judged<'a> {
    request: RequestSummary<'a>,
    rule: Option<&'a Rule>,
    verdict: Result<Granted, Refusal>,
}

impl Settings {
    fn decide(&self, host: &dyn Host, headers: &HeaderBlock) -> Flow {
        let (method, path) = (headers.only(":method").unwrap_or_default(), headers.only(":path"));
        let request = match MatchRequest::parse(method, headers.only(":authority"), path, self.common.path.on_ambiguous) {
            Ok(request) => request,
            Err(malformed) => {
                let request = RequestSummary::of(headers, None);
                return self.conclude(host, &Judged { request, rule: None, verdict: Err(Refusal::Malformed(malformed)) });
            }
        };
        let rule = self.index.first(&request).and_then(|matched| self.rules.get(matched.rule));
        let verdict = match self.judge(host, headers, rule) {
            Ok(granted) => introduce(self, host, headers, &request, &granted).map(|()| granted),
            Err(Unmet::Refused(refusal)) => Err(refusal),
            Err(Unmet::NeedsKeys(_)) => Err(Refusal::KeysUnavailable),
        };
        self.conclude(host, &Judged { request: RequestSummary::of(headers, request.path()), rule, verdict })
    }

    /// Who calls, as far as it has to be known.
    fn judge(&self, host: &dyn Host, headers: &HeaderBlock, rule: Option<&Rule>) -> Result<Granted, Unmet> {
        let requirement = rule.map_or(&self.on_no_match, |rule| &rule.requirement);
        if matches!(requirement, Requirement::None) || self.preflight == Preflight::Pass && is_preflight(headers) {
            return Ok(Granted::default());
        }
        let tokens = self.locations.tokens(headers).map_err(Unmet::Refused)?;
        if tokens.len() > requirement.tokens_max(self.multiple_tokens) {
            return Err(Unmet::Refused(Refusal::Multiple));
        }
        let evidence = Evidence::new(self, host, &tokens);
        let granted = requirement.evaluate(&evidence)?;
        self.check_others(&granted, &tokens, host)?;
        self.check_demands(&granted, rule, &evidence)?;
        Ok(granted)
    }

    /// Of several tokens none may go unlooked at: the upstream may believe that one.
    fn check_others(&self, granted: &Granted, tokens: &[crate::token::Found<'_>], host: &dyn Host) -> Result<(), Unmet> {
        let verified = |place: usize| granted.callers.iter().any(|(known, _)| *known == place);
        for other in tokens.iter().filter(|found| tokens.len() > 1 && !verified(found.location)) {
            if self.multiple_tokens == MultipleTokens::Refuse {
                return Err(Unmet::Refused(Refusal::Multiple));
            }
            any_provider(&Evidence::new(self, host, std::slice::from_ref(other)))?;
        }
        Ok(())
    }

    /// What the rule asks of the caller.
    fn check_demands(&self, granted: &Granted, rule: Option<&Rule>, evidence: &Evidence<'_>) -> Result<(), Unmet> {
        let Some(rule) = rule.filter(|rule| !rule.demands.is_empty()) else { return Ok(()) };
        let (_, caller) = granted.callers.first().ok_or(Unmet::Refused(Refusal::Missing))?;
        rule.demands.check(&caller.claims, evidence.now()).map_err(Unmet::Refused)
    }

    fn conclude(&self, host: &dyn Host, judged: &Judged<'_>) -> Flow {
        let refusal = judged.verdict.as_ref().err();
        let shadow = self.common.mode == Mode::Shadow;
        let outcome = match refusal {
            None => Outcome::Allowed,
            Some(_) if shadow => Outcome::Shadow,
            Some(_) => Outcome::Denied,
        };
        self.record(host, judged, outcome);
        match refusal {
            Some(refusal) if !shadow => Flow::Reply(self.reply(*refusal, judged.rule)),
            _ => Flow::Continue,
        }
    }

    fn reply(&self, refusal: Refusal, rule: Option<&Rule>) -> portcullis_filter::LocalReply {
        let reply = self.challenge.reply(refusal, rule.map(|rule| &rule.demands));
        rule.map_or_else(|| reply.clone(), |rule| rule.deny_response.applied(reply.clone()))
    }

    fn record(&self, host: &dyn Host, judged: &Judged<'_>, outcome: Outcome) {
        let caller: Option<&Caller> = judged.verdict.as_ref().ok().and_then(|granted| Some(&*granted.callers.first()?.1));
        let (reason, detail) = match &judged.verdict {
            Ok(Granted { optional_failure: Some(refusal), .. }) => (Reason("jwt_optional_failed"), Some(refusal.reason().0)),
            Ok(_) if caller.is_some() => (Reason("jwt_verified"), None),
            Ok(_) => (Reason("jwt_not_required"), None),
            Err(refusal) => (refusal.reason(), refusal.detail()),
        };
        let claims =
            caller.filter(|_| self.recorder.writes(outcome)).map(|caller| caller.shown_claims(&self.common.decisions.claims));
        let decision = Decision {
            outcome,
            reason,
            rule: judged.rule.map(|rule| rule.name.as_str()),
            subject: caller.and_then(|caller| caller.claims.subject()),
            claims: claims.as_deref(),
            detail,
            request: judged.request,
        };
        self.recorder.record(host, &decision);
    }

    /// The host did not do what a decision rests on.
    fn refuse(&self, host: &dyn Host, headers: &HeaderBlock) -> Flow {
        self.conclude(host, &Judged { request: RequestSummary::of(headers, None), rule: None, verdict: Err(Refusal::Host) })
    }
}

/// Fetch standard, "CORS-preflight fetch".
fn is_preflight(headers: &HeaderBlock) -> bool {
    headers.only(":method") == Some(b"OPTIONS")
        && headers.all("origin").next().is_some()
        && headers.all("access-control-request-method").next().is_some()
}
