//! Signatures, as Envoy's BoringSSL verifies them: RSASSA-PKCS1-v1_5 and ECDSA with DER signatures.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::pkcs8::DecodePublicKey;
use rsa::{Pkcs1v15Sign, RsaPublicKey};
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// A public key from a SubjectPublicKeyInfo.
pub(super) enum Key {
    Rsa(RsaPublicKey),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
}

impl Key {
    pub(super) fn from_der(der: &[u8]) -> Option<Self> {
        let rsa = || RsaPublicKey::from_public_key_der(der).ok().map(Self::Rsa);
        let p256 = || p256::ecdsa::VerifyingKey::from_public_key_der(der).ok().map(Self::P256);
        let p384 = || p384::ecdsa::VerifyingKey::from_public_key_der(der).ok().map(Self::P384);
        let p521 = || p521::ecdsa::VerifyingKey::from_public_key_der(der).ok().map(Self::P521);
        rsa().or_else(p256).or_else(p384).or_else(p521)
    }

    pub(super) fn from_pem(pem: &[u8]) -> Option<Self> {
        let (_, document) = rsa::pkcs8::Document::from_pem(std::str::from_utf8(pem).ok()?).ok()?;
        Self::from_der(document.as_bytes())
    }

    /// Whether `signature` is this key's over `text`; any hash goes with any key.
    pub(super) fn verify(&self, hash: &[u8], signature: &[u8], text: &[u8]) -> Result<(), String> {
        let (digest, rsa_padding) = match hash {
            b"sha224" => (Sha224::digest(text).to_vec(), Pkcs1v15Sign::new::<Sha224>()),
            b"sha256" => (Sha256::digest(text).to_vec(), Pkcs1v15Sign::new::<Sha256>()),
            b"sha384" => (Sha384::digest(text).to_vec(), Pkcs1v15Sign::new::<Sha384>()),
            b"sha512" => (Sha512::digest(text).to_vec(), Pkcs1v15Sign::new::<Sha512>()),
            _ => return Err(format!("{} is not supported.", String::from_utf8_lossy(hash))),
        };
        let valid = match self {
            Self::Rsa(key) => key.verify(rsa_padding, &digest, signature).is_ok(),
            Self::P256(key) => {
                p256::ecdsa::Signature::from_der(signature).is_ok_and(|it| key.verify_prehash(&digest, &it).is_ok())
            }
            Self::P384(key) => {
                p384::ecdsa::Signature::from_der(signature).is_ok_and(|it| key.verify_prehash(&digest, &it).is_ok())
            }
            Self::P521(key) => {
                p521::ecdsa::Signature::from_der(signature).is_ok_and(|it| key.verify_prehash(&digest, &it).is_ok())
            }
        };
        if valid { Ok(()) } else { Err("Failed to verify digital signature.".to_owned()) }
    }
}
