//! What is wrong with a token, in words.

use std::time::Duration;

use portcullis_filter::Timestamp;
use portcullis_jose::TokenError;
use serde_json::Value;

use super::TokenExplanation;
use crate::provider::Provider;
use crate::reply::Refusal;

/// Why this provider refuses the token.
pub(super) fn of_token(refusal: Refusal, provider: &Provider, token: &TokenExplanation, now: Duration) -> String {
    let said = |name: &str| token.claims.get(name).map_or_else(|| "absent".to_owned(), ToString::to_string);
    let head = |name: &str| token.header.get(name).map_or_else(|| "absent".to_owned(), ToString::to_string);
    let rules = &provider.rules;
    let skew = format!("`clock_skew` is {} s", rules.clock_skew.as_secs());
    match refusal {
        Refusal::Token(TokenError::Expired) => {
            format!("`exp` is {}, {}; {skew}", time(token.claims.get("exp")), away(token.claims.get("exp"), now))
        }
        Refusal::Token(TokenError::NotYetValid) => {
            format!("`nbf` is {}, {}; {skew}", time(token.claims.get("nbf")), away(token.claims.get("nbf"), now))
        }
        Refusal::IssuedInFuture => {
            format!("`iat` is {}, {}; {skew}", time(token.claims.get("iat")), away(token.claims.get("iat"), now))
        }
        Refusal::Token(TokenError::Audience) => format!("`aud` is {}, expected {}", said("aud"), one_of(&rules.audiences)),
        Refusal::Token(TokenError::Issuer) => match &rules.issuer {
            Some(issuer) => format!("`iss` is {}, expected \"{issuer}\"", said("iss")),
            None => format!("`iss` is {}, which another provider names", said("iss")),
        },
        Refusal::Token(TokenError::Algorithm) => format!("`alg` is {}, which `algorithms` does not have", head("alg")),
        Refusal::Token(TokenError::UnknownKey) => {
            format!("no key of the provider fits `kid` {} and `alg` {}", head("kid"), head("alg"))
        }
        Refusal::Type => format!("`typ` is {}, expected another", head("typ")),
        Refusal::Subject => format!("`sub` is {}, which `subjects` does not have", said("sub")),
        Refusal::Revoked => "`not_revoked` has its `jti` or its `sub`".to_owned(),
        other => of(other),
    }
}

/// The same, where no token is at hand.
pub(super) fn of(refusal: Refusal) -> String {
    match refusal {
        Refusal::Unfit(unfit) => portcullis_explain::Unjudged::from(unfit).why,
        Refusal::Token(error) => error.to_string(),
        other => text(other).to_owned(),
    }
}

fn text(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Unfit(_) | Refusal::Token(_) => "",
        Refusal::Missing => "no token",
        Refusal::Multiple => "more tokens than it may carry, or one place with several",
        Refusal::Type => "the type is not the required one",
        Refusal::Subject => "the subject is not an allowed one",
        Refusal::IssuedInFuture => "the token was issued in the future",
        Refusal::Lifetime => "the token lives longer than `max_lifetime`, or does not say how long",
        Refusal::Revoked => "the token was taken back",
        Refusal::CertificateBinding => "the token is not bound to the certificate of this connection",
        Refusal::Condition { failed: false } => "the provider's condition does not hold",
        Refusal::Condition { failed: true } => "the provider's condition cannot be told",
        Refusal::ClaimHeader => "a claim cannot stand in its header",
        Refusal::Scope => "the token lacks a scope",
        Refusal::StepUp => "the user must be authenticated in another way, or again",
        Refusal::KeysUnavailable => "the provider's keys cannot be had",
    }
}

fn time(claim: Option<&Value>) -> String {
    match claim.and_then(Value::as_u64) {
        Some(seconds) => Timestamp::from_secs(seconds).to_string().replace(".000Z", "Z"),
        None => claim.map_or_else(|| "absent".to_owned(), ToString::to_string),
    }
}

/// How far a time is from now.
fn away(claim: Option<&Value>, now: Duration) -> String {
    let Some(seconds) = claim.and_then(Value::as_u64) else { return "at no time".to_owned() };
    match now.as_secs().checked_sub(seconds) {
        Some(passed) => format!("{passed} s ago"),
        None => format!("in {} s", seconds.saturating_sub(now.as_secs())),
    }
}

fn one_of(names: &[String]) -> String {
    match names {
        [only] => format!("\"{only}\""),
        several => format!("one of \"{}\"", several.join("\", \"")),
    }
}
