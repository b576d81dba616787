//! What a rule demands of a verified token: scopes, and how the user was authenticated.

use std::time::Duration;

use portcullis_config::NonEmpty;
use portcullis_jose::VerifiedClaims;
use serde_json::Value;

use crate::config::StepUpConfig;
use crate::reply::Refusal;

/// The demands of a rule; none by default.
#[derive(Debug, Default)]
pub(crate) struct Demands {
    pub(crate) scopes: Vec<String>,
    pub(crate) step_up: Option<StepUp>,
}

/// How the user must have been authenticated (RFC 9470).
#[derive(Debug)]
pub(crate) struct StepUp {
    pub(crate) acr_values: Vec<String>,
    pub(crate) amr: Vec<String>,
    pub(crate) max_age: Option<Duration>,
}

impl Demands {
    pub(crate) fn new(scopes: Option<NonEmpty<String>>, step_up: Option<StepUpConfig>) -> Self {
        Self { scopes: list(scopes), step_up: step_up.map(StepUp::from) }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.scopes.is_empty() && self.step_up.is_none()
    }

    /// Whether the token meets them at `now`, by a clock that may differ by `skew` from the issuer's.
    pub(crate) fn check(&self, claims: &VerifiedClaims, now: Duration, skew: Duration) -> Result<(), Refusal> {
        if self.step_up.as_ref().is_some_and(|step_up| !step_up.is_met(claims, now, skew)) {
            return Err(Refusal::StepUp);
        }
        let granted = scopes(claims);
        if self.scopes.iter().all(|scope| granted.contains(&scope.as_str())) { Ok(()) } else { Err(Refusal::Scope) }
    }
}

impl StepUp {
    fn is_met(&self, claims: &VerifiedClaims, now: Duration, skew: Duration) -> bool {
        let age_fits = self.age_fits(age(claims, now, skew));
        self.acr_fits(claims) && age_fits && self.amr.iter().all(|method| was_used(method, claims))
    }

    /// Whether `acr` will do.
    pub(crate) fn acr_fits(&self, claims: &VerifiedClaims) -> bool {
        let acr = claims.claims().get("acr").and_then(Value::as_str);
        self.acr_values.is_empty() || acr.is_some_and(|acr| self.acr_values.iter().any(|value| value == acr))
    }

    /// Whether a login of this age will do.
    pub(crate) fn age_fits(&self, age: Option<Duration>) -> bool {
        self.max_age.is_none_or(|max| age.is_some_and(|age| age <= max))
    }
}

/// The time since the login; `None` where the token does not say, or says one to come.
pub(crate) fn age(claims: &VerifiedClaims, now: Duration, skew: Duration) -> Option<Duration> {
    let login = claims.claims().get("auth_time").and_then(Value::as_u64).map(Duration::from_secs);
    login.filter(|at| *at <= now.saturating_add(skew)).map(|at| now.saturating_sub(at))
}

/// Whether the user was authenticated by this method of `amr`.
pub(crate) fn was_used(method: &str, claims: &VerifiedClaims) -> bool {
    texts(claims.claims().get("amr")).contains(&method)
}

impl From<StepUpConfig> for StepUp {
    fn from(config: StepUpConfig) -> Self {
        Self { acr_values: list(config.acr_values), amr: list(config.amr), max_age: config.max_age.map(|max_age| max_age.get()) }
    }
}

/// `scope`, a list with blanks (RFC 8693 section 4.2), or `scp`, as some issuers name it: the same, or a JSON list.
pub(crate) fn scopes(claims: &VerifiedClaims) -> Vec<&str> {
    let claim = claims.claims().get("scope").or_else(|| claims.claims().get("scp"));
    match claim {
        Some(Value::String(scopes)) => scopes.split(' ').filter(|scope| !scope.is_empty()).collect(),
        list => texts(list),
    }
}

fn texts(claim: Option<&Value>) -> Vec<&str> {
    claim.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn list(config: Option<NonEmpty<String>>) -> Vec<String> {
    config.map(NonEmpty::into_vec).unwrap_or_default()
}
