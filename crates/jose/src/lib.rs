//! JSON Web Signatures, keys and claims, read strictly (RFC 7515, 7517, 7518, 7519, 8725).
//!
//! A token becomes a [`CompactJws`], which gives away nothing but its header and its alleged issuer; only [`verify`] turns it
//! into [`VerifiedClaims`]. No input panics, all work is bounded, time and native cryptography come from the caller.
//!
//! ```
//! use portcullis_jose::{CompactJws, KeySet, NoNative, SymmetricKeys, TokenError, TokenRules, verify};
//! use std::time::Duration;
//!
//! let jwks = br#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
//! let parsed = KeySet::parse(jwks, SymmetricKeys::Refuse).unwrap();
//! let rules = TokenRules { issuer: Some("https://issuer.example".into()), ..TokenRules::default() };
//!
//! let token = CompactJws::parse(b"eyJhbGciOiJFZERTQSJ9.e30.c2ln").unwrap();
//! let now = Duration::from_secs(1_767_225_600);
//! assert_eq!(verify(&token, &parsed.keys, &rules, now, &NoNative).unwrap_err(), TokenError::Issuer);
//! ```

mod algorithm;
mod base64url;
mod claims;
mod crypto;
mod error;
mod json;
mod key;
mod key_set;
#[cfg(test)]
mod mint;
mod native;
mod rules;
mod token;
mod verify;

pub use algorithm::{Algorithm, Algorithms, Hash, UnknownAlgorithm};
pub use claims::VerifiedClaims;
pub use crypto::provider::PROVIDER;
pub use error::{KeyError, KeySetError, Part, TokenError};
pub use key_set::{KeySet, MAX_CANDIDATES, MAX_KEY_SET_BYTES, MAX_KEYS, ParsedKeySet, SymmetricKeys};
pub use native::{NativeVerdict, NoNative, SignatureVerifier};
pub use rules::TokenRules;
pub use token::{CompactJws, MAX_TOKEN_BYTES};
pub use verify::{check_rules, verify, verify_payload};
