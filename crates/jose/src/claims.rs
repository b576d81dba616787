//! Claims (RFC 7519 section 4): typed, compared with the rules, given out only when verified.

use std::slice;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Number, Value};

use crate::error::{Part, TokenError};
use crate::json;
use crate::rules::TokenRules;
use crate::token::Content;

/// The claims of a token that [`verify`](crate::verify()) has found good. Nothing else can make one. Clones share the content.
#[derive(Debug, Clone)]
pub struct VerifiedClaims(Arc<Content>);

impl VerifiedClaims {
    /// INVARIANT: only `verify` calls this, after the signature and the rules.
    pub(crate) fn new(content: Arc<Content>) -> Self {
        Self(content)
    }

    /// `iss`
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.0.claims.text("iss")
    }

    /// `sub`
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.claims.text("sub")
    }

    /// `exp`, since 1970.
    #[must_use]
    pub fn expires_at(&self) -> Option<Duration> {
        self.0.claims.expires_at
    }

    /// `nbf`, since 1970.
    #[must_use]
    pub fn not_before(&self) -> Option<Duration> {
        self.0.claims.not_before
    }

    /// `iat`, since 1970.
    #[must_use]
    pub fn issued_at(&self) -> Option<Duration> {
        self.0.claims.issued_at
    }

    /// Every claim.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.0.claims.members
    }

    /// The payload's JSON as it was sent.
    #[must_use]
    pub fn claims_json(&self) -> &str {
        &self.0.claims.json
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Map<String, Value> {
        self.0.header.members()
    }

    /// The header's JSON as it was sent.
    #[must_use]
    pub fn header_json(&self) -> &str {
        self.0.header.json()
    }
}

/// A payload whose registered claims have their types.
#[derive(Debug)]
pub(crate) struct Claims {
    json: String,
    members: Map<String, Value>,
    expires_at: Option<Duration>,
    not_before: Option<Duration>,
    issued_at: Option<Duration>,
}

impl Claims {
    pub(crate) fn parse(payload: Vec<u8>) -> Result<Self, TokenError> {
        let members = json::object(&payload).ok_or(TokenError::Json(Part::Payload))?;
        let json = String::from_utf8(payload).map_err(|_| TokenError::Json(Part::Payload))?;
        for name in ["iss", "sub", "jti"] {
            if members.get(name).is_some_and(|value| !value.is_string()) {
                return Err(TokenError::Claim(name));
            }
        }
        if audiences(&members).iter().any(|audience| !audience.is_string()) {
            return Err(TokenError::Claim("aud"));
        }
        let (expires_at, not_before, issued_at) = (date(&members, "exp")?, date(&members, "nbf")?, date(&members, "iat")?);
        Ok(Self { json, members, expires_at, not_before, issued_at })
    }

    /// Compares issuer, times and audience with the rules, in this order.
    pub(crate) fn check(&self, rules: &TokenRules, now: Duration) -> Result<(), TokenError> {
        if rules.issuer.is_some() && rules.issuer.as_deref() != self.text("iss") {
            return Err(TokenError::Issuer);
        }
        self.check_time(rules, now)?;
        if !rules.audiences.is_empty() && !self.is_for(&rules.audiences) {
            return Err(TokenError::Audience);
        }
        Ok(())
    }

    /// Expired on or after `exp`, not yet valid before `nbf` (RFC 7519 sections 4.1.4 and 4.1.5), the skew in the token's favour.
    fn check_time(&self, rules: &TokenRules, now: Duration) -> Result<(), TokenError> {
        if rules.require_expiration && self.expires_at.is_none() {
            return Err(TokenError::ExpirationMissing);
        }
        if self.expires_at.is_some_and(|end| now >= end.saturating_add(rules.clock_skew)) {
            return Err(TokenError::Expired);
        }
        if self.not_before.is_some_and(|start| now.saturating_add(rules.clock_skew) < start) {
            return Err(TokenError::NotYetValid);
        }
        Ok(())
    }

    fn is_for(&self, expected: &[String]) -> bool {
        let mut audiences = audiences(&self.members).iter().filter_map(Value::as_str);
        audiences.any(|audience| expected.iter().any(|expected| expected == audience))
    }

    /// A claim that is a string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }
}

/// `aud` as a list: it may be one value without an array.
fn audiences(members: &Map<String, Value>) -> &[Value] {
    match members.get("aud") {
        None => &[],
        Some(Value::Array(audiences)) => audiences,
        Some(single) => slice::from_ref(single),
    }
}

/// A NumericDate, since 1970; `None` only when the claim is absent.
fn date(members: &Map<String, Value>, name: &'static str) -> Result<Option<Duration>, TokenError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => since_1970(number).map(Some).ok_or(TokenError::Claim(name)),
        Some(_) => Err(TokenError::Claim(name)),
    }
}

/// Seconds that are not negative; what is out of range is later than anything.
fn since_1970(number: &Number) -> Option<Duration> {
    if let Some(seconds) = number.as_u64() {
        return Some(Duration::from_secs(seconds));
    }
    let seconds = number.as_f64().filter(|seconds| *seconds >= 0.0)?;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests;
