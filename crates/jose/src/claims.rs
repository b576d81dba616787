//! Claims (RFC 7519 section 4): typed, compared with the rules, given out only when verified.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Number, Value};

use crate::error::{Part, TokenError};
use crate::json::{Object, WrongType, text};
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

    /// Whether a token that was good is so at `now`, of the time since 1970: for whoever remembers it.
    ///
    /// # Errors
    /// When it has expired since, or the clock went back before its beginning.
    pub fn check_time(&self, rules: &TokenRules, now: Duration) -> Result<(), TokenError> {
        self.0.claims.check_time(rules, now)
    }

    /// `iss`
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.0.claims.issuer.as_deref()
    }

    /// `sub`
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.claims.subject.as_deref()
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

    /// `jti`
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.0.claims.token_id.as_deref()
    }

    /// `typ`, of the header.
    #[must_use]
    pub fn token_type(&self) -> Option<&str> {
        self.0.header.token_type.as_deref()
    }

    /// `cnf`: what the token is bound to (RFC 7800 section 3.1).
    #[must_use]
    pub fn confirmation(&self) -> Option<&Value> {
        self.0.claims.confirmation.as_ref()
    }

    /// Every claim; the first call builds them, where the methods above cost nothing.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        self.0.claims.object.members()
    }

    /// The payload's JSON as it was sent.
    #[must_use]
    pub fn claims_json(&self) -> &str {
        self.0.claims.object.text()
    }

    /// Every parameter of the header; the first call builds them.
    #[must_use]
    pub fn header(&self) -> &Map<String, Value> {
        self.0.header.object.members()
    }

    /// The header's JSON as it was sent.
    #[must_use]
    pub fn header_json(&self) -> &str {
        self.0.header.object.text()
    }
}

/// A payload whose registered claims have their types.
#[derive(Debug)]
pub(crate) struct Claims {
    object: Object,
    pub(crate) issuer: Option<String>,
    subject: Option<String>,
    token_id: Option<String>,
    confirmation: Option<Value>,
    audiences: Vec<String>,
    expires_at: Option<Duration>,
    not_before: Option<Duration>,
    issued_at: Option<Duration>,
}

impl Claims {
    pub(crate) fn parse(payload: Vec<u8>) -> Result<Self, TokenError> {
        let (object, [iss, sub, jti, cnf, aud, exp, nbf, iat]) =
            Object::parse(payload, ["iss", "sub", "jti", "cnf", "aud", "exp", "nbf", "iat"])
                .ok_or(TokenError::Json(Part::Payload))?;
        let issuer = text(iss).map_err(|WrongType| TokenError::Claim("iss"))?;
        let subject = text(sub).map_err(|WrongType| TokenError::Claim("sub"))?;
        let token_id = text(jti).map_err(|WrongType| TokenError::Claim("jti"))?;
        Ok(Self {
            object,
            issuer,
            subject,
            token_id,
            confirmation: cnf,
            audiences: audiences(aud).ok_or(TokenError::Claim("aud"))?,
            expires_at: date(exp).map_err(|WrongType| TokenError::Claim("exp"))?,
            not_before: date(nbf).map_err(|WrongType| TokenError::Claim("nbf"))?,
            issued_at: date(iat).map_err(|WrongType| TokenError::Claim("iat"))?,
        })
    }

    /// Compares issuer, times and audience with the rules, in this order.
    pub(crate) fn check(&self, rules: &TokenRules, now: Duration) -> Result<(), TokenError> {
        if rules.issuer.is_some() && rules.issuer != self.issuer {
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
        self.audiences.iter().any(|audience| expected.contains(audience))
    }
}

/// `aud` as a list: it may be one value without an array.
fn audiences(aud: Option<Value>) -> Option<Vec<String>> {
    match aud {
        None => Some(Vec::new()),
        Some(Value::String(audience)) => Some(vec![audience]),
        Some(Value::Array(audiences)) => audiences.into_iter().map(|audience| text(Some(audience)).ok().flatten()).collect(),
        Some(_) => None,
    }
}

/// A NumericDate, since 1970; `None` only when the claim is absent.
fn date(claim: Option<Value>) -> Result<Option<Duration>, WrongType> {
    match claim {
        None => Ok(None),
        Some(Value::Number(number)) => since_1970(&number).map(Some).ok_or(WrongType),
        Some(_) => Err(WrongType),
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
