//! One key: a JWK (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2).

use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::crypto::{EcdsaKey, PublicKey, RsaKey};
use crate::error::KeyError;
use crate::key_set::SymmetricKeys;
use crate::native::SignatureVerifier;

/// A key for verification, with what ties it to tokens.
#[derive(Debug)]
pub(crate) struct Key {
    id: Option<String>,
    /// The only algorithm it may be used with; absent: any that the key supports.
    algorithm: Option<Algorithm>,
    public: PublicKey,
}

impl Key {
    /// Reads a JWK. Members that are not registered for verification keys, private ones among them, are ignored.
    pub(crate) fn parse(jwk: &Value, symmetric: SymmetricKeys) -> Result<Self, KeyError> {
        let jwk = jwk.as_object().ok_or(KeyError::NotAnObject)?;
        check_purpose(jwk)?;
        let public = public_key(jwk, symmetric)?;
        let algorithm = text(jwk, "alg")?.map(str::parse).transpose().map_err(|_| KeyError::Algorithm)?;
        check_algorithm(&public, algorithm)?;
        Ok(Self { id: text(jwk, "kid")?.map(str::to_owned), algorithm, public })
    }

    /// `kid`
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether a token of `algorithm` may be verified with this key.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        self.algorithm.is_none_or(|only| only == algorithm) && self.public.supports(algorithm)
    }

    /// Whether this key made `signature` over `text`.
    pub(crate) fn verify(&self, algorithm: Algorithm, signature: &[u8], text: &[u8], native: &dyn SignatureVerifier) -> bool {
        self.fits(algorithm) && self.public.verify(algorithm, signature, text, native)
    }
}

/// `use` and `key_ops` must allow verification where they are there.
fn check_purpose(jwk: &Map<String, Value>) -> Result<(), KeyError> {
    if text(jwk, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(KeyError::Use);
    }
    let Some(operations) = jwk.get("key_ops") else { return Ok(()) };
    let operations = operations.as_array().ok_or(KeyError::WrongType("key_ops"))?;
    if !operations.iter().any(|operation| operation == "verify") {
        return Err(KeyError::Operations);
    }
    Ok(())
}

fn check_algorithm(public: &PublicKey, algorithm: Option<Algorithm>) -> Result<(), KeyError> {
    match (public, algorithm) {
        (PublicKey::Secret(_), None) if public.supports(Algorithm::HS256) => Ok(()),
        (PublicKey::Secret(_), None) => Err(KeyError::Short),
        (PublicKey::Secret(_), Some(only)) if only.is_symmetric() && !public.supports(only) => Err(KeyError::Short),
        (_, Some(only)) if !public.supports(only) => Err(KeyError::Algorithm),
        _ => Ok(()),
    }
}

fn public_key(jwk: &Map<String, Value>, symmetric: SymmetricKeys) -> Result<PublicKey, KeyError> {
    match text(jwk, "kty")?.ok_or(KeyError::Missing("kty"))? {
        "RSA" => RsaKey::new(&bytes(jwk, "n")?, &bytes(jwk, "e")?).map(PublicKey::Rsa),
        "EC" => EcdsaKey::new(curve(jwk)?, &bytes(jwk, "x")?, &bytes(jwk, "y")?).map(PublicKey::Ecdsa),
        "OKP" if text(jwk, "crv")? == Some("Ed25519") => PublicKey::ed25519(&bytes(jwk, "x")?),
        "OKP" => Err(KeyError::Curve),
        "oct" if symmetric == SymmetricKeys::Refuse => Err(KeyError::Symmetric),
        "oct" => bytes(jwk, "k").map(PublicKey::Secret),
        _ => Err(KeyError::KeyType),
    }
}

/// The algorithm that the curve belongs to.
fn curve(jwk: &Map<String, Value>) -> Result<Algorithm, KeyError> {
    match text(jwk, "crv")?.ok_or(KeyError::Missing("crv"))? {
        "P-256" => Ok(Algorithm::ES256),
        "P-384" => Ok(Algorithm::ES384),
        "P-521" => Ok(Algorithm::ES512),
        _ => Err(KeyError::Curve),
    }
}

fn bytes(jwk: &Map<String, Value>, member: &'static str) -> Result<Vec<u8>, KeyError> {
    let text = text(jwk, member)?.ok_or(KeyError::Missing(member))?;
    base64url::decode(text).ok_or(KeyError::Encoding(member))
}

fn text<'a>(jwk: &'a Map<String, Value>, member: &'static str) -> Result<Option<&'a str>, KeyError> {
    jwk.get(member).map(|value| value.as_str().ok_or(KeyError::WrongType(member))).transpose()
}

#[cfg(test)]
mod tests;
