//! The test keys, made by the suite from fixed seeds: the same on every machine, secret nowhere.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_config::nearest;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};

/// A key that signs tokens of the corpus.
pub enum SigningKey {
    /// RSA, for RS* and PS*
    Rsa(Box<rsa::RsaPrivateKey>),
    /// P-256
    P256(p256::ecdsa::SigningKey),
    /// P-384
    P384(p384::ecdsa::SigningKey),
    /// P-521
    P521(Box<p521::ecdsa::SigningKey>),
    /// Ed25519
    Ed25519(ed25519_dalek::SigningKey),
    /// A shared secret
    Secret(Vec<u8>),
}

/// A named key: what cases write as `token(NAME, …)` and `jwks(NAME, …)`.
pub struct TestKey {
    /// The name, which is also its `kid`.
    pub name: &'static str,
    /// The algorithm that its tokens name unless the case says otherwise.
    pub algorithm: &'static str,
    /// The key.
    pub signing: SigningKey,
}

/// The key called `name`, made when it is first asked for: RSA keys take their time.
#[must_use]
pub fn find(name: &str) -> Option<&'static TestKey> {
    KEYS.iter().find(|(known, _)| *known == name).map(|(_, key)| LazyLock::force(key))
}

/// The key called `name`.
pub(crate) fn named(name: &str) -> Result<&'static TestKey, String> {
    known(name).and_then(|name| find(name).ok_or_else(|| format!("no test key is called `{name}`")))
}

/// `name`, if a key is called so; it is not made.
pub(crate) fn known(name: &str) -> Result<&str, String> {
    let names = || KEYS.iter().map(|(known, _)| *known);
    if names().any(|known| known == name) {
        return Ok(name);
    }
    Err(match nearest(name, names()) {
        Some(near) => format!("no test key is called `{name}`; did you mean `{near}`?"),
        None => format!("no test key is called `{name}`; there are {}", names().collect::<Vec<_>>().join(", ")),
    })
}

type LazyKey = LazyLock<TestKey>;

static KEYS: [(&str, LazyKey); 10] = [
    ("rs256", LazyLock::new(|| rsa_key("rs256", "RS256"))),
    ("rs256_other", LazyLock::new(|| rsa_key("rs256_other", "RS256"))),
    ("ps256", LazyLock::new(|| rsa_key("ps256", "PS256"))),
    ("es256", LazyLock::new(|| key("es256", "ES256", SigningKey::P256(p256_key("es256"))))),
    ("es256_other", LazyLock::new(|| key("es256_other", "ES256", SigningKey::P256(p256_key("es256_other"))))),
    ("es384", LazyLock::new(|| key("es384", "ES384", SigningKey::P384(p384_key("es384"))))),
    ("es512", LazyLock::new(|| key("es512", "ES512", SigningKey::P521(Box::new(p521_key("es512")))))),
    ("eddsa", LazyLock::new(|| key("eddsa", "EdDSA", SigningKey::Ed25519(ed25519_key("eddsa"))))),
    ("hs256", LazyLock::new(|| key("hs256", "HS256", SigningKey::Secret(seed("hs256").to_vec())))),
    // The classic confusion: an HMAC whose secret is a public key that everyone knows.
    ("hs256_by_rsa_modulus", LazyLock::new(|| key("hs256_by_rsa_modulus", "HS256", SigningKey::Secret(rsa_modulus("rs256"))))),
];

fn key(name: &'static str, algorithm: &'static str, signing: SigningKey) -> TestKey {
    TestKey { name, algorithm, signing }
}

impl TestKey {
    /// The public half as a JWK (for a shared secret, the secret).
    #[must_use]
    pub fn jwk(&self) -> Value {
        let mut jwk = self.signing.public_jwk();
        jwk["kid"] = json!(self.name);
        jwk["alg"] = json!(self.algorithm);
        jwk["use"] = json!("sig");
        jwk
    }
}

impl SigningKey {
    fn public_jwk(&self) -> Value {
        match self {
            Self::Rsa(key) => {
                json!({"kty": "RSA", "n": encode(&key.n_bytes()), "e": encode(&key.e_bytes())})
            }
            Self::P256(key) => ec_jwk("P-256", key.verifying_key().to_sec1_point(false).as_bytes()),
            Self::P384(key) => ec_jwk("P-384", key.verifying_key().to_sec1_point(false).as_bytes()),
            Self::P521(key) => ec_jwk("P-521", key.verifying_key().to_sec1_point(false).as_bytes()),
            Self::Ed25519(key) => json!({"kty": "OKP", "crv": "Ed25519", "x": encode(key.verifying_key().as_bytes())}),
            Self::Secret(secret) => json!({"kty": "oct", "k": encode(secret)}),
        }
    }
}

/// base64url without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The JWK of an uncompressed point: a tag, then both coordinates.
fn ec_jwk(curve: &str, point: &[u8]) -> Value {
    let coordinates = point.get(1..).unwrap_or_default();
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    json!({"kty": "EC", "crv": curve, "x": encode(x), "y": encode(y)})
}

fn seed(name: &str) -> [u8; 32] {
    Sha256::digest(format!("portcullis test key {name}")).into()
}

fn rsa_private_key(name: &str) -> rsa::RsaPrivateKey {
    let mut rng = ChaCha20Rng::from_seed(seed(name));
    rsa::RsaPrivateKey::new(&mut rng, 2048).expect("2048 bits are enough for a key")
}

fn rsa_key(name: &'static str, algorithm: &'static str) -> TestKey {
    key(name, algorithm, SigningKey::Rsa(Box::new(rsa_private_key(name))))
}

fn rsa_modulus(name: &str) -> Vec<u8> {
    rsa_private_key(name).n_bytes().to_vec()
}

fn p256_key(name: &str) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&seed(name)).expect("the digest is below the order")
}

fn p384_key(name: &str) -> p384::ecdsa::SigningKey {
    let wide = Sha512::digest(seed(name));
    p384::ecdsa::SigningKey::from_slice(&wide[..48]).expect("the digest is below the order")
}

fn p521_key(name: &str) -> p521::ecdsa::SigningKey {
    let mut scalar = [0; 66];
    scalar[2..].copy_from_slice(&Sha512::digest(seed(name)));
    p521::ecdsa::SigningKey::from_slice(&scalar).expect("512 bits are below the order")
}

fn ed25519_key(name: &str) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&seed(name))
}
