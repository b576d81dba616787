//! Verification: the only way from a token to its claims.

use std::time::Duration;

use crate::algorithm::{Algorithm, Algorithms};
use crate::claims::VerifiedClaims;
use crate::error::TokenError;
use crate::key_set::KeySet;
use crate::native::SignatureVerifier;
use crate::rules::TokenRules;
use crate::token::{CompactJws, Header, Parts, SignedText};

/// The claims of `jws` if it keeps the rules and one of the keys signed it. `now` is the time since 1970.
///
/// What is cheap comes first, so that only a token that could be good costs a signature check: the algorithm, the issuer, the
/// times, the audience, whether there is a key, the signature. Until the signature is checked the token's claims are an
/// attacker's words: errors other than [`TokenError::Signature`] say nothing about who sent it.
///
/// # Errors
/// On the first demand that the token does not meet.
pub fn verify(
    jws: &CompactJws<'_>,
    keys: &KeySet,
    rules: &TokenRules,
    now: Duration,
    native: &dyn SignatureVerifier,
) -> Result<VerifiedClaims, TokenError> {
    check_rules(jws, rules, now)?;
    check_signature(&jws.content.header, &jws.signed, keys, native)?;
    Ok(VerifiedClaims::new(jws.content.clone()))
}

/// Whether `jws` could be good at `now`, as far as that can be said without a key: for whoever would have to wait for keys.
///
/// # Errors
/// On the first demand that no key can meet.
pub fn check_rules(jws: &CompactJws<'_>, rules: &TokenRules, now: Duration) -> Result<(), TokenError> {
    check_algorithm(&jws.content.header, rules.algorithms)?;
    jws.content.claims.check(rules, now)
}

/// The payload, of any kind, of a token that one of the keys signed with one of the algorithms: JWS without JWT.
///
/// # Errors
/// On the first thing that is wrong with the token.
pub fn verify_payload(
    token: &[u8],
    keys: &KeySet,
    algorithms: Algorithms,
    native: &dyn SignatureVerifier,
) -> Result<Vec<u8>, TokenError> {
    let parts = Parts::split(token)?;
    let (header, signed) = parts.open()?;
    let payload = parts.payload()?;
    check_algorithm(&header, algorithms)?;
    check_signature(&header, &signed, keys, native)?;
    Ok(payload)
}

fn check_algorithm(header: &Header, allowed: Algorithms) -> Result<(), TokenError> {
    if allowed.contains(header.algorithm) { Ok(()) } else { Err(TokenError::Algorithm) }
}

fn check_signature(
    header: &Header,
    signed: &SignedText<'_>,
    keys: &KeySet,
    native: &dyn SignatureVerifier,
) -> Result<(), TokenError> {
    let algorithm: Algorithm = header.algorithm;
    let id = header.key_id.as_deref();
    let candidates = keys.candidates(id, algorithm);
    if candidates.iter().any(|key| key.verify(algorithm, &signed.signature, signed.text, native)) {
        return Ok(());
    }
    // Keys without `kid` may be any token's; that they did not sign this one does not make its own key known.
    let known = candidates.iter().any(|key| id.is_none() || key.id() == id);
    Err(if known { TokenError::Signature } else { TokenError::UnknownKey })
}

#[cfg(test)]
mod tests;
