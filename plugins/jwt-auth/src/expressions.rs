//! What a provider says in CEL: a condition on its tokens, and values of headers made of their claims.

use std::borrow::Cow;

use portcullis_attributes::{IdentitySources, RequestAttributes};
use portcullis_config::ConfigError;
use portcullis_filter::{HeaderBlock, Host};
use portcullis_http::MatchRequest;
use portcullis_jose::VerifiedClaims;
use portcullis_policy::{Attribute, AttributeSource, Expression, Facts, Outcome, Scope, Trace, Type, Unreadable, Value};
use serde_json::Value as Json;

use crate::claim_headers::UnsafeClaim;
use crate::reply::Refusal;

/// The request that brought a token, as a condition sees it.
#[derive(Clone, Copy)]
pub(crate) struct Bearer<'a> {
    pub(crate) host: &'a dyn Host,
    pub(crate) headers: &'a HeaderBlock,
    pub(crate) request: &'a MatchRequest<'a>,
}

/// A condition on the tokens of a provider.
#[derive(Debug)]
pub(crate) struct Condition(Expression);

impl Condition {
    pub(crate) fn new(source: &str) -> Result<Self, ConfigError> {
        let scope = Scope { token: true, ..Scope::condition() };
        portcullis_attributes::compile("condition", source, &scope).map(Self)
    }

    pub(crate) fn reads_host(&self) -> bool {
        self.0.attributes().contains(&Attribute::RequestHost)
    }

    /// Whether it holds for the token. That it cannot be told refuses the token, too.
    pub(crate) fn check(&self, claims: &VerifiedClaims, bearer: &Bearer<'_>) -> Result<(), Refusal> {
        match with_facts(claims, bearer, |facts| self.0.holds(facts, &[])) {
            Outcome::True => Ok(()),
            Outcome::False => Err(Refusal::Condition { failed: false }),
            Outcome::Error(_) => Err(Refusal::Condition { failed: true }),
        }
    }

    /// What each part of it comes to.
    pub(crate) fn trace(&self, claims: &VerifiedClaims, bearer: &Bearer<'_>) -> Trace {
        with_facts(claims, bearer, |facts| self.0.trace(facts, &[]))
    }
}

fn with_facts<T>(claims: &VerifiedClaims, bearer: &Bearer<'_>, evaluate: impl FnOnce(&Facts<'_>) -> T) -> T {
    let nobody = IdentitySources::default();
    let request = RequestAttributes::new(bearer.host, bearer.headers, bearer.request, &nobody);
    evaluate(&Facts::new(&Token { claims, request: Some(&request) }))
}

/// A value made of the claims.
#[derive(Debug)]
pub(crate) struct ClaimValue(Expression);

impl ClaimValue {
    pub(crate) fn new(source: &str) -> Result<Self, ConfigError> {
        let scope = Scope { token: true, result: Type::Dyn, ..Scope::condition() };
        let expression = portcullis_attributes::compile("value", source, &scope)?;
        match expression.attributes().iter().find(|attribute| **attribute != Attribute::Claims) {
            None => Ok(Self(expression)),
            Some(other) => Err(ConfigError::at(
                "value",
                format_args!(
                    "`{}` is not of the token: the value is remembered with the token, so it is made of `claims` alone",
                    other.name()
                ),
            )),
        }
    }

    /// The value, `None` where the token lacks what it is made of.
    pub(crate) fn of(&self, claims: &VerifiedClaims) -> Result<Option<Json>, UnsafeClaim> {
        match self.0.evaluate(&Facts::new(&Token { claims, request: None }), &[]) {
            Ok(value) => json(value).map(Some),
            Err(failure) if failure.is_absence() => Ok(None),
            Err(_) => Err(UnsafeClaim),
        }
    }
}

/// What an expression about a token may name.
struct Token<'a> {
    claims: &'a VerifiedClaims,
    request: Option<&'a dyn AttributeSource>,
}

impl AttributeSource for Token<'_> {
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        match (attribute, self.request) {
            (Attribute::Claims, _) => {
                let claims = self.claims.claims().iter();
                let claims = claims.map(|(name, value)| (Value::String(Cow::Borrowed(name.as_str())), Value::Json(value)));
                Ok(Some(Value::Map(claims.collect())))
            }
            (other, Some(request)) => request.read(other),
            (_, None) => Ok(None),
        }
    }
}

/// What can be written into a header, as the claim that it might have been.
fn json(value: Value<'_>) -> Result<Json, UnsafeClaim> {
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::Uint(value) => value.into(),
        // 42, not 42.0: JSON has one kind of number.
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        Value::Double(value) if value.fract() == 0.0 && value.abs() <= EXACT_MAX => (value as i64).into(),
        Value::Double(value) if value.is_finite() => value.into(),
        Value::String(text) => text.into_owned().into(),
        Value::List(elements) => elements.into_iter().map(json).collect::<Result<_, _>>()?,
        Value::Json(value) => value.clone(),
        _ => return Err(UnsafeClaim),
    })
}

/// Up to here a double holds each integer.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
