//! Public keys and what they verify, in pure Rust.

mod ecdsa;
mod montgomery;
pub(crate) mod provider;
mod rsa;
mod spki;

use std::fmt;

use ed25519_dalek::VerifyingKey;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

pub(crate) use ecdsa::EcdsaKey;
pub(crate) use rsa::RsaKey;

use crate::algorithm::{Algorithm, Scheme};
use crate::error::KeyError;
use crate::native::{NativeVerdict, SignatureVerifier};

/// A key that can verify; parsing has checked it.
pub(crate) enum PublicKey {
    Rsa(RsaKey),
    Ecdsa(EcdsaKey),
    Ed25519(VerifyingKey),
    Secret(Vec<u8>),
}

impl PublicKey {
    /// An Ed25519 key: a canonical point of large order.
    pub(crate) fn ed25519(x: &[u8]) -> Result<Self, KeyError> {
        let bytes = x.try_into().map_err(|_| KeyError::Point)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Point)?;
        let canonical = key.to_edwards().compress().to_bytes() == *bytes;
        if canonical && !key.is_weak() { Ok(Self::Ed25519(key)) } else { Err(KeyError::Weak) }
    }

    /// Whether this type of key, on this curve, of this length, has `algorithm`.
    pub(crate) fn supports(&self, algorithm: Algorithm) -> bool {
        match (self, algorithm.scheme()) {
            (Self::Rsa(_), Scheme::Pkcs1 | Scheme::Pss) | (Self::Ed25519(_), Scheme::EdDsa) => true,
            (Self::Ecdsa(key), Scheme::Ecdsa) => key.algorithm() == algorithm,
            (Self::Secret(secret), Scheme::Hmac) => secret.len() >= algorithm.hash().length(),
            _ => false,
        }
    }

    /// Whether this key made `signature` over `text` with `algorithm`; native cryptography is asked first.
    pub(crate) fn verify(&self, algorithm: Algorithm, signature: &[u8], text: &[u8], native: &dyn SignatureVerifier) -> bool {
        match self.verify_natively(algorithm, signature, text, native) {
            NativeVerdict::Valid => true,
            NativeVerdict::Invalid => false,
            NativeVerdict::Unavailable => self.verify_here(algorithm, signature, text),
        }
    }

    fn verify_natively(
        &self,
        algorithm: Algorithm,
        signature: &[u8],
        text: &[u8],
        native: &dyn SignatureVerifier,
    ) -> NativeVerdict {
        match (self, algorithm.scheme()) {
            (Self::Rsa(key), Scheme::Pkcs1) if key.fits(signature) => {
                native.verify(algorithm.hash(), key.spki(), signature, text)
            }
            (Self::Ecdsa(key), Scheme::Ecdsa) if key.algorithm() == algorithm => match key.der_signature(signature) {
                Some(der) => native.verify(algorithm.hash(), key.spki(), &der, text),
                None => NativeVerdict::Invalid,
            },
            _ => NativeVerdict::Unavailable,
        }
    }

    /// Whether this key made `signature` over `text` with `algorithm`, by the code of this crate alone.
    pub(crate) fn verify_here(&self, algorithm: Algorithm, signature: &[u8], text: &[u8]) -> bool {
        match (self, algorithm.scheme()) {
            _ if !self.supports(algorithm) => false,
            (Self::Rsa(key), Scheme::Pkcs1) => key.verify_pkcs1(algorithm.hash(), signature, text),
            (Self::Rsa(key), Scheme::Pss) => key.verify_pss(algorithm.hash(), signature, text),
            (Self::Ecdsa(key), Scheme::Ecdsa) => key.verify(signature, text),
            (Self::Ed25519(key), Scheme::EdDsa) => verify_ed25519(key, signature, text),
            (Self::Secret(secret), Scheme::Hmac) => verify_hmac(algorithm, secret, signature, text),
            _ => false,
        }
    }
}

/// Never the secret.
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa(_) => "Rsa",
            Self::Ecdsa(_) => "Ecdsa",
            Self::Ed25519(_) => "Ed25519",
            Self::Secret(_) => "Secret",
        })
    }
}

/// Refuses a malleable S and an R of small order as well.
fn verify_ed25519(key: &VerifyingKey, signature: &[u8], text: &[u8]) -> bool {
    ed25519_dalek::Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(text, &signature).is_ok())
}

fn verify_hmac(algorithm: Algorithm, secret: &[u8], tag: &[u8], text: &[u8]) -> bool {
    match algorithm {
        Algorithm::HS256 => verify_mac::<Hmac<Sha256>>(secret, tag, text),
        Algorithm::HS384 => verify_mac::<Hmac<Sha384>>(secret, tag, text),
        Algorithm::HS512 => verify_mac::<Hmac<Sha512>>(secret, tag, text),
        _ => false,
    }
}

/// Compares in constant time.
fn verify_mac<M: Mac + KeyInit>(secret: &[u8], tag: &[u8], text: &[u8]) -> bool {
    M::new_from_slice(secret).is_ok_and(|mac| mac.chain_update(text).verify_slice(tag).is_ok())
}
