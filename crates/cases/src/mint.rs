//! Tokens by description: `token(rs256, exp: -61, header: {kid: other})`.

use hmac::{Hmac, KeyInit, Mac};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::signature::{SignatureEncoding, Signer};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::keys::{self, SigningKey, TestKey, encode};

/// What a case may say about a token beyond its key; every other word is a claim.
#[derive(Debug, Default, Deserialize)]
pub struct TokenSpec {
    /// Header parameters that replace the usual ones; null removes one.
    #[serde(default)]
    header: Map<String, Value>,
    /// The header's text in place of all that.
    raw_header: Option<String>,
    /// The payload's text in place of the claims.
    raw_payload: Option<String>,
    /// What happens to the token after it was signed.
    tamper: Option<Tamper>,
    /// Claims that replace the usual ones; null removes one. Integers in `exp`, `nbf`, `iat` and `auth_time` count from now.
    #[serde(flatten)]
    claims: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Tamper {
    /// Another payload under the same signature.
    Payload,
    /// A bit of the signature flipped.
    Signature,
    /// No signature at all.
    StripSignature,
    /// The last character of the signature replaced by one that decodes to the same bytes.
    SlackBits,
    /// `=` at the end.
    Padding,
}

impl TokenSpec {
    /// From what stands in the parentheses: `exp: -61, header: {kid: other}`.
    ///
    /// # Errors
    /// When it is no YAML, or says what no token has.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_yaml_ng::from_str(&format!("{{{text}}}")).map_err(|error| format!("{text}: {error}"))
    }
}

/// The token that `spec` describes, signed by the key called `key`, at `now` (seconds since the epoch).
///
/// # Errors
/// When there is no such key, or it cannot make the signature.
pub fn token(key: &str, spec: &TokenSpec, now: u64) -> Result<String, String> {
    let key = keys::named(key)?;
    let header = spec.raw_header.clone().unwrap_or_else(|| header(key, spec).to_string());
    let payload = spec.raw_payload.clone().unwrap_or_else(|| payload(spec, now).to_string());
    let input = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
    let signature = encode(&sign(key, input.as_bytes())?);
    Ok(tampered(spec.tamper, &input, signature))
}

/// A key set of these keys.
///
/// # Errors
/// When one of them does not exist.
pub fn key_set(names: &[&str]) -> Result<Value, String> {
    let keys: Result<Vec<Value>, String> = names.iter().map(|name| keys::named(name).map(TestKey::jwk)).collect();
    Ok(json!({ "keys": keys? }))
}

fn header(key: &TestKey, spec: &TokenSpec) -> Value {
    let usual = json!({"alg": key.algorithm, "typ": "JWT", "kid": key.name});
    overridden(usual, &spec.header)
}

fn payload(spec: &TokenSpec, now: u64) -> Value {
    let usual = json!({"iss": "https://id.example", "aud": "orders", "sub": "alice", "iat": 0, "exp": 300});
    let mut claims = overridden(usual, &spec.claims);
    for name in ["exp", "nbf", "iat", "auth_time"] {
        if let Some(offset) = claims.get(name).and_then(Value::as_i64) {
            claims[name] = json!(now.saturating_add_signed(offset));
        }
    }
    claims
}

fn overridden(mut usual: Value, changes: &Map<String, Value>) -> Value {
    for (name, value) in changes {
        if let Some(object) = usual.as_object_mut() {
            object.remove(name);
        }
        if !value.is_null() {
            usual[name] = value.clone();
        }
    }
    usual
}

fn tampered(tamper: Option<Tamper>, input: &str, signature: String) -> String {
    let Some(tamper) = tamper else { return format!("{input}.{signature}") };
    match tamper {
        Tamper::Payload => {
            let header = input.split('.').next().unwrap_or_default();
            let forged = encode(br#"{"iss":"https://id.example","aud":"orders","sub":"mallory","exp":99999999999}"#);
            format!("{header}.{forged}.{signature}")
        }
        Tamper::Signature => {
            let first = if signature.starts_with('A') { 'B' } else { 'A' };
            format!("{input}.{first}{}", signature.get(1..).unwrap_or_default())
        }
        Tamper::StripSignature => format!("{input}."),
        Tamper::SlackBits => {
            let (head, last) = signature.split_at(signature.len() - 1);
            format!("{input}.{head}{}", next_in_alphabet(last))
        }
        Tamper::Padding => format!("{input}.{signature}=="),
    }
}

/// The character after this one in the base64url alphabet: it differs in the lowest bit, which the last character of a 256- or
/// 2048-bit signature does not use.
fn next_in_alphabet(character: &str) -> char {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let position = ALPHABET.find(character).unwrap_or_default();
    ALPHABET.chars().nth(position ^ 1).unwrap_or('A')
}

fn sign(key: &TestKey, input: &[u8]) -> Result<Vec<u8>, String> {
    Ok(match (&key.signing, key.algorithm) {
        (SigningKey::Rsa(key), "PS256") => {
            let signer = rsa::pss::SigningKey::<Sha256>::new((**key).clone());
            let mut rng = ChaCha20Rng::from_seed([0; 32]);
            rsa::signature::RandomizedSigner::sign_with_rng(&signer, &mut rng, input).to_vec()
        }
        (SigningKey::Rsa(key), _) => rsa::pkcs1v15::SigningKey::<Sha256>::new((**key).clone()).sign(input).to_vec(),
        (SigningKey::P256(key), _) => Signer::<p256::ecdsa::Signature>::sign(key, input).to_vec(),
        (SigningKey::P384(key), _) => Signer::<p384::ecdsa::Signature>::sign(key, input).to_vec(),
        (SigningKey::P521(key), _) => Signer::<p521::ecdsa::Signature>::sign(&**key, input).to_vec(),
        (SigningKey::Ed25519(key), _) => Signer::sign(key, input).to_vec(),
        (SigningKey::Secret(secret), _) => hmac(secret, input)?,
    })
}

fn hmac(secret: &[u8], input: &[u8]) -> Result<Vec<u8>, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|error| error.to_string())?;
    mac.update(input);
    Ok(mac.finalize().into_bytes().to_vec())
}
