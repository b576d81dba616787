//! The filter: finds the rule, the token and its provider; verifies; tells the upstream who calls.

use std::rc::Rc;

use portcullis_config::Mode;
use portcullis_filter::{
    Callback, Callbacks, ConfigError, Decision, Filter, Flow, HashFunction, HeaderBlock, HeaderMap, Host, Outcome, Reason,
    RequestSummary, Setup, Stream, Verdict,
};
use portcullis_http::MatchRequest;
use portcullis_jose::{CompactJws, Hash, NativeVerdict, SignatureVerifier, TokenError, verify};

use crate::caller::Caller;
use crate::config::JwtAuthConfig;
use crate::provider::Provider;
use crate::reply::Refusal;
use crate::settings::{Requirement, Rule, Settings};

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

    fn stream(&self) -> JwtAuthStream {
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
    verdict: Result<Option<Caller<'a>>, Refusal>,
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
        let requirement = rule.map_or(self.on_no_match, |rule| rule.requirement);
        let verdict = self.judge(host, headers, requirement).and_then(|caller| {
            forward_canonical(host, &request)?;
            caller.as_ref().map_or(Ok(()), |caller| caller.introduce(host))?;
            Ok(caller)
        });
        self.conclude(host, &Judged { request: RequestSummary::of(headers, request.path()), rule, verdict })
    }

    /// Who calls, if anyone has to be known.
    fn judge<'a>(
        &'a self,
        host: &dyn Host,
        headers: &HeaderBlock,
        requirement: Requirement,
    ) -> Result<Option<Caller<'a>>, Refusal> {
        let candidates: &[Provider] = match requirement {
            Requirement::None => return Ok(None),
            Requirement::Provider(index) => self.providers.get(index..=index).unwrap_or_default(),
            Requirement::AnyProvider => &self.providers,
        };
        let found = self.locations.only_token(headers)?;
        let mut looking_there = candidates.iter().filter(|provider| provider.from_headers.contains(found.location)).peekable();
        if looking_there.peek().is_none() {
            return Err(Refusal::Missing);
        }
        let jws = CompactJws::parse(found.token).map_err(Refusal::Token)?;
        let issuer = jws.unverified_issuer();
        let provider =
            looking_there.find(|provider| provider.may_have_issued(issuer)).ok_or(Refusal::Token(TokenError::Issuer))?;
        let claims = verify(&jws, &provider.keys, &provider.rules, host.now().since_epoch(), &ProxyCrypto(host));
        let token_location = provider.from_headers.iter().find(|location| *location == found.location);
        Ok(Some(Caller {
            claims: claims.map_err(Refusal::Token)?,
            provider,
            token_location: token_location.ok_or(Refusal::Host)?,
        }))
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
            Some(refusal) if !shadow => Flow::Reply(refusal.reply(self.recorder.instance())),
            _ => Flow::Continue,
        }
    }

    fn record(&self, host: &dyn Host, judged: &Judged<'_>, outcome: Outcome) {
        let caller = judged.verdict.as_ref().ok().and_then(Option::as_ref);
        let reason = match &judged.verdict {
            Ok(Some(_)) => Reason("jwt_verified"),
            Ok(None) => Reason("jwt_not_required"),
            Err(refusal) => refusal.reason(),
        };
        let claims =
            caller.filter(|_| self.recorder.writes(outcome)).map(|caller| caller.shown_claims(&self.common.decisions.claims));
        let decision = Decision {
            outcome,
            reason,
            rule: judged.rule.map(|rule| rule.name.as_str()),
            subject: caller.and_then(|caller| caller.claims.subject()),
            claims: claims.as_deref(),
            detail: judged.verdict.as_ref().err().and_then(Refusal::detail),
            request: judged.request,
        };
        self.recorder.record(host, &decision);
    }

    /// The host did not do what a decision rests on.
    fn refuse(&self, host: &dyn Host, headers: &HeaderBlock) -> Flow {
        self.conclude(host, &Judged { request: RequestSummary::of(headers, None), rule: None, verdict: Err(Refusal::Host) })
    }
}

/// What was judged is what the upstream gets.
fn forward_canonical(host: &dyn Host, request: &MatchRequest<'_>) -> Result<(), Refusal> {
    let Some(rewritten) = request.target.rewritten() else { return Ok(()) };
    host.set_header(HeaderMap::RequestHeaders, ":path", rewritten.as_bytes()).map_err(|_| Refusal::Host)
}

/// The proxy's native cryptography, as `jose` asks for it.
struct ProxyCrypto<'a>(&'a dyn Host);

impl SignatureVerifier for ProxyCrypto<'_> {
    fn verify(&self, hash: Hash, public_key: &[u8], signature: &[u8], text: &[u8]) -> NativeVerdict {
        let hash = match hash {
            Hash::Sha256 => HashFunction::Sha256,
            Hash::Sha384 => HashFunction::Sha384,
            Hash::Sha512 => HashFunction::Sha512,
        };
        match self.0.verify_signature(hash, public_key, signature, text) {
            Verdict::Valid => NativeVerdict::Valid,
            Verdict::Invalid => NativeVerdict::Invalid,
            Verdict::Unavailable => NativeVerdict::Unavailable,
        }
    }
}
