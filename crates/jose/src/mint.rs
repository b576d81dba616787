//! Tokens and keys for tests and benches: fixed keys, so that a failure can be repeated.

#![allow(dead_code, reason = "included by several test crates, each of which needs another part")]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Signer as _;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, Pss, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::Algorithm;

pub(crate) enum Signer {
    Rsa(Box<RsaPrivateKey>),
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
    Secret(Vec<u8>),
}

impl Signer {
    pub(crate) fn rsa() -> Self {
        Self::rsa_of(include_str!("../tests/keys/rsa2048.pem"))
    }

    pub(crate) fn rsa_of(pem: &str) -> Self {
        Self::Rsa(Box::new(RsaPrivateKey::from_pkcs8_pem(pem).unwrap()))
    }

    pub(crate) fn p256() -> Self {
        Self::P256(p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap())
    }

    pub(crate) fn p384() -> Self {
        Self::P384(p384::ecdsa::SigningKey::from_slice(&[7; 48]).unwrap())
    }

    pub(crate) fn p521() -> Self {
        let mut scalar = [7; 66];
        scalar[0] = 0;
        Self::P521(p521::ecdsa::SigningKey::from_slice(&scalar).unwrap())
    }

    pub(crate) fn ed25519() -> Self {
        Self::ed25519_of(7)
    }

    pub(crate) fn ed25519_of(seed: u8) -> Self {
        Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&[seed; 32]))
    }

    pub(crate) fn secret() -> Self {
        Self::Secret(vec![7; 64])
    }

    /// The key that signs with `algorithm`.
    pub(crate) fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::ES256 => Self::p256(),
            Algorithm::ES384 => Self::p384(),
            Algorithm::ES512 => Self::p521(),
            Algorithm::EdDSA => Self::ed25519(),
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => Self::secret(),
            _ => Self::rsa(),
        }
    }

    /// The public key; for a secret the secret.
    pub(crate) fn jwk(&self) -> Value {
        match self {
            Self::Rsa(key) => json!({"kty": "RSA", "n": encode(key.n_bytes()), "e": encode(key.e_bytes())}),
            Self::P256(key) => ec_jwk("P-256", key.verifying_key().to_sec1_point(false).as_bytes()),
            Self::P384(key) => ec_jwk("P-384", key.verifying_key().to_sec1_point(false).as_bytes()),
            Self::P521(key) => ec_jwk("P-521", key.verifying_key().to_sec1_point(false).as_bytes()),
            Self::Ed25519(key) => json!({"kty": "OKP", "crv": "Ed25519", "x": encode(key.verifying_key().as_bytes())}),
            Self::Secret(secret) => json!({"kty": "oct", "k": encode(secret)}),
        }
    }

    /// The public key with further members.
    pub(crate) fn jwk_with(&self, members: Value) -> Value {
        let mut jwk = self.jwk();
        jwk.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        jwk
    }

    pub(crate) fn sign(&self, algorithm: Algorithm, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa(key) => sign_rsa(key, algorithm, text),
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(text);
                signature.to_bytes().to_vec()
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.sign(text);
                signature.to_bytes().to_vec()
            }
            Self::P521(key) => {
                let signature: p521::ecdsa::Signature = key.sign(text);
                signature.to_bytes().to_vec()
            }
            Self::Ed25519(key) => key.sign(text).to_bytes().to_vec(),
            Self::Secret(secret) => match algorithm {
                Algorithm::HS384 => mac::<Hmac<Sha384>>(secret, text),
                Algorithm::HS512 => mac::<Hmac<Sha512>>(secret, text),
                _ => mac::<Hmac<Sha256>>(secret, text),
            },
        }
    }

    /// A token with `alg` and the other members of `header`, over `payload`.
    pub(crate) fn token(&self, algorithm: Algorithm, header: Value, payload: &Value) -> String {
        let mut members = header;
        members.as_object_mut().unwrap().insert("alg".into(), algorithm.name().into());
        self.token_of(algorithm, &members.to_string(), &payload.to_string())
    }

    /// A token of these texts.
    pub(crate) fn token_of(&self, algorithm: Algorithm, header: &str, payload: &str) -> String {
        let text = format!("{}.{}", encode(header), encode(payload));
        let signature = self.sign(algorithm, text.as_bytes());
        format!("{text}.{}", encode(signature))
    }
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn jwks(keys: &[Value]) -> Vec<u8> {
    json!({"keys": keys}).to_string().into_bytes()
}

fn ec_jwk(curve: &str, point: &[u8]) -> Value {
    let (x, y) = point[1..].split_at(point.len() / 2);
    json!({"kty": "EC", "crv": curve, "x": encode(x), "y": encode(y)})
}

fn sign_rsa(key: &RsaPrivateKey, algorithm: Algorithm, text: &[u8]) -> Vec<u8> {
    let rng = &mut ChaCha20Rng::from_seed([7; 32]);
    match algorithm {
        Algorithm::RS384 => key.sign(Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest(text)),
        Algorithm::RS512 => key.sign(Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(text)),
        Algorithm::PS256 => key.sign_with_rng(rng, Pss::<Sha256>::new(), &Sha256::digest(text)),
        Algorithm::PS384 => key.sign_with_rng(rng, Pss::<Sha384>::new(), &Sha384::digest(text)),
        Algorithm::PS512 => key.sign_with_rng(rng, Pss::<Sha512>::new(), &Sha512::digest(text)),
        _ => key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(text)),
    }
    .unwrap()
}

fn mac<M: Mac + KeyInit>(secret: &[u8], text: &[u8]) -> Vec<u8> {
    let mac = <M as KeyInit>::new_from_slice(secret).unwrap();
    mac.chain_update(text).finalize().into_bytes().to_vec()
}
