//! Cryptography that the caller may offer because it is faster than ours.

use crate::Hash;

/// What native cryptography says of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NativeVerdict {
    /// The key made this signature over this text.
    Valid,
    /// It did not.
    Invalid,
    /// There is no such function, or it cannot use the key: decide without it.
    Unavailable,
}

/// Native verification of RS* and ES* signatures; the rest is always computed here.
pub trait SignatureVerifier {
    /// Verifies an RSASSA-PKCS1-v1_5 signature, or a DER-encoded ECDSA signature, over `text`. `public_key` is a DER
    /// SubjectPublicKeyInfo; that it fits `hash` was checked.
    fn verify(&self, hash: Hash, public_key: &[u8], signature: &[u8], text: &[u8]) -> NativeVerdict;
}

/// No native cryptography.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoNative;

impl SignatureVerifier for NoNative {
    fn verify(&self, _hash: Hash, _public_key: &[u8], _signature: &[u8], _text: &[u8]) -> NativeVerdict {
        NativeVerdict::Unavailable
    }
}
