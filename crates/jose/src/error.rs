//! What can be wrong with a token, a key, a key set. No message repeats a byte of what was read: tokens and keys are secrets.

use std::fmt;

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than [`MAX_TOKEN_BYTES`](crate::MAX_TOKEN_BYTES).
    #[error("the token is too long")]
    TooLong,
    /// Not three parts between two dots.
    #[error("the token does not have three parts")]
    Parts,
    /// A part is not base64url: padding, white space, leftover bits, another alphabet.
    #[error("the {0} is not base64url")]
    Encoding(Part),
    /// The header or the payload is not a JSON object, or not a strict one (duplicate keys, too deep, numbers out of range).
    #[error("the {0} is not a JSON object")]
    Json(Part),
    /// A header parameter of the wrong type.
    #[error("the header parameter `{0}` has the wrong type")]
    Header(&'static str),
    /// The header demands an extension (`crit`, `b64`): none is understood (RFC 7515 section 4.1.11).
    #[error("the header demands an extension")]
    Extension,
    /// No `alg`, or none that this crate verifies; `none` among them.
    #[error("the signature algorithm is unknown")]
    UnknownAlgorithm,
    /// An `alg` that the rules do not list.
    #[error("the signature algorithm is not allowed")]
    Algorithm,
    /// A registered claim of the wrong type: never read as absent (CVE-2026-25537).
    #[error("the claim `{0}` has the wrong type")]
    Claim(&'static str),
    /// `iss` is absent or another than the rules demand.
    #[error("the issuer is not the expected one")]
    Issuer,
    /// No `exp`, and the rules demand one.
    #[error("the token has no expiration")]
    ExpirationMissing,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is still to come.
    #[error("the token is not yet valid")]
    NotYetValid,
    /// `aud` is absent or names none of the expected ones.
    #[error("the audience is not an expected one")]
    Audience,
    /// No key fits the token's `kid` and `alg`.
    #[error("no key fits the token")]
    UnknownKey,
    /// No fitting key made this signature.
    #[error("the signature is wrong")]
    Signature,
}

impl TokenError {
    /// The stable reason code.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooLong | Self::Parts | Self::Encoding(_) | Self::Json(_) | Self::Header(_) | Self::Extension => {
                "jwt_malformed"
            }
            Self::UnknownAlgorithm | Self::Algorithm => "jwt_algorithm",
            Self::Claim(_) => "jwt_claims",
            Self::Issuer => "jwt_issuer",
            Self::ExpirationMissing => "jwt_expiration_missing",
            Self::Expired => "jwt_expired",
            Self::NotYetValid => "jwt_not_yet_valid",
            Self::Audience => "jwt_audience",
            Self::UnknownKey => "jwt_unknown_key",
            Self::Signature => "jwt_signature",
        }
    }
}

/// A part of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The first.
    Header,
    /// The second.
    Payload,
    /// The third.
    Signature,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a key is left out of its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a JSON object.
    #[error("expected an object")]
    NotAnObject,
    /// A member that this type of key must have.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A member of the wrong type.
    #[error("`{0}` has the wrong type")]
    WrongType(&'static str),
    /// A member that is not base64url without padding.
    #[error("`{0}` is not base64url without padding")]
    Encoding(&'static str),
    /// A `kty` other than RSA, EC, OKP, oct.
    #[error("`kty` is not one of RSA, EC, OKP, oct")]
    KeyType,
    /// A `crv` other than P-256, P-384, P-521, Ed25519.
    #[error("`crv` is not one of P-256, P-384, P-521, Ed25519")]
    Curve,
    /// An `alg` that this crate does not verify, or that this key cannot have.
    #[error("`alg` is not a signature algorithm for this key")]
    Algorithm,
    /// `use` is there and not `sig`.
    #[error("`use` is not `sig`")]
    Use,
    /// `key_ops` is there without `verify`.
    #[error("`key_ops` lacks `verify`")]
    Operations,
    /// A modulus of less than 2048 or more than 8192 bits, or an even one.
    #[error("`n` is not an odd number of 2048 to 8192 bits")]
    Modulus,
    /// An exponent that is even, 1, or above 32 bits.
    #[error("`e` is not an odd number from 3 to 4294967295")]
    Exponent,
    /// Coordinates that are not a point of the curve, in the curve's exact length.
    #[error("not a point of the curve")]
    Point,
    /// A point of small order, or not in its canonical encoding.
    #[error("a weak Ed25519 key")]
    Weak,
    /// A secret shorter than the digest (RFC 7518 section 3.2).
    #[error("`k` is shorter than the digest of its algorithm")]
    Short,
    /// A secret in a set that must not hold any.
    #[error("a symmetric key in a set of public keys")]
    Symmetric,
    /// This key and all after it are beyond [`MAX_KEYS`](crate::MAX_KEYS).
    #[error("more keys than are considered")]
    BeyondLimit,
}

/// Why a document is no key set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Longer than [`MAX_KEY_SET_BYTES`](crate::MAX_KEY_SET_BYTES).
    #[error("the key set is too long")]
    TooLong,
    /// Not a JSON object, or not a strict one.
    #[error("the key set is not a JSON object")]
    Json,
    /// No array `keys`; a single key is not a set.
    #[error("the key set has no array `keys`")]
    Keys,
    /// No key at all, or none that can be used.
    #[error("the key set has no usable key{}", first(.skipped))]
    NoUsableKey {
        /// What is wrong with each key, by its index.
        skipped: Vec<(usize, KeyError)>,
    },
}

fn first(skipped: &[(usize, KeyError)]) -> String {
    skipped.first().map_or_else(String::new, |(index, error)| format!(": keys[{index}]: {error}"))
}
