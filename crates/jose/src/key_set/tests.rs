use serde_json::json;

use super::*;
use crate::mint::{Signer, jwks};

fn set(keys: &[Value]) -> KeySet {
    KeySet::parse(&jwks(keys), SymmetricKeys::Refuse).unwrap().keys
}

fn error(document: &[u8]) -> KeySetError {
    KeySet::parse(document, SymmetricKeys::Refuse).unwrap_err()
}

fn named(seed: u8, id: &str) -> Value {
    Signer::ed25519_of(seed).jwk_with(json!({"kid": id}))
}

fn unnamed(seed: u8) -> Value {
    Signer::ed25519_of(seed).jwk()
}

/// The positions in the set of the keys that are tried.
fn tried(keys: &KeySet, id: Option<&str>, algorithm: Algorithm) -> Vec<usize> {
    let found = keys.candidates(id, algorithm).into_iter();
    found.map(|key| keys.keys.iter().position(|other| std::ptr::eq(other, key)).unwrap()).collect()
}

#[test]
fn keeps_good_keys_and_says_what_is_wrong_with_the_others() {
    let keys = [json!(1), named(1, "a"), json!({"kty": "RSA", "use": "enc"}), Signer::secret().jwk(), named(2, "b")];
    let parsed = KeySet::parse(&jwks(&keys), SymmetricKeys::Refuse).unwrap();
    assert_eq!(parsed.keys.len(), 2);
    assert_eq!(parsed.skipped, [(0, KeyError::NotAnObject), (2, KeyError::Use), (3, KeyError::Symmetric)]);
}

#[test]
fn takes_a_document_that_is_parsed_already() {
    assert_eq!(KeySet::from_value(&json!({"keys": [named(1, "a")]}), SymmetricKeys::Refuse).unwrap().keys.len(), 1);
    assert_eq!(KeySet::from_value(&json!([]), SymmetricKeys::Refuse).unwrap_err(), KeySetError::Json);
}

#[test]
fn a_document_is_a_strict_object_with_an_array_of_keys() {
    for document in ["", "[]", "null", "<html>", "{", r#"{"keys":[],"keys":[]}"#, r#"{"keys":[{"kty":"EC","kty":"RSA"}]}"#] {
        assert_eq!(error(document.as_bytes()), KeySetError::Json, "{document}");
    }
    for document in ["{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, r#"{"Keys":[]}"#] {
        assert_eq!(error(document.as_bytes()), KeySetError::Keys, "{document}");
    }
}

#[test]
fn a_single_key_is_not_a_set() {
    assert_eq!(error(unnamed(1).to_string().as_bytes()), KeySetError::Keys);
}

#[test]
fn a_set_without_usable_key_is_an_error_that_says_why() {
    assert_eq!(error(&jwks(&[])), KeySetError::NoUsableKey { skipped: vec![] });
    let error = error(&jwks(&[json!({"kty": "oct", "k": "c2VjcmV0"}), json!({})]));
    assert_eq!(error, KeySetError::NoUsableKey { skipped: vec![(0, KeyError::Symmetric), (1, KeyError::Missing("kty"))] });
    assert_eq!(error.to_string(), "the key set has no usable key: keys[0]: a symmetric key in a set of public keys");
}

#[test]
fn bounds_the_document() {
    let spaces = [jwks(&[unnamed(1)]), vec![b' '; MAX_KEY_SET_BYTES]].concat();
    assert_eq!(error(&spaces), KeySetError::TooLong);
    assert!(KeySet::parse(&spaces[..MAX_KEY_SET_BYTES], SymmetricKeys::Refuse).is_ok());
}

#[test]
fn considers_a_thousand_of_ten_thousand_keys() {
    let keys: Vec<Value> = (0..10_000).map(|id| named(1, &format!("{id}"))).collect();
    assert!(jwks(&keys).len() > MAX_KEY_SET_BYTES / 2);
    let parsed = KeySet::from_value(&json!({"keys": keys}), SymmetricKeys::Refuse).unwrap();
    assert_eq!(parsed.keys.len(), MAX_KEYS);
    assert_eq!(parsed.skipped, [(MAX_KEYS, KeyError::BeyondLimit)]);
    assert_eq!(tried(&parsed.keys, Some("999"), Algorithm::EdDSA), [999]);
    assert_eq!(tried(&parsed.keys, Some("1000"), Algorithm::EdDSA), [0; 0]);
    assert_eq!(tried(&parsed.keys, None, Algorithm::EdDSA), [0, 1, 2, 3]);
}

#[test]
fn tries_the_named_keys_then_those_without_a_name() {
    let keys = set(&[unnamed(1), named(2, "a"), named(3, "b"), named(4, "a"), unnamed(5)]);
    assert_eq!(tried(&keys, Some("a"), Algorithm::EdDSA), [1, 3, 0, 4]);
    assert_eq!(tried(&keys, Some("b"), Algorithm::EdDSA), [2, 0, 4]);
    assert_eq!(tried(&keys, Some("c"), Algorithm::EdDSA), [0, 4]);
    assert_eq!(tried(&keys, Some(""), Algorithm::EdDSA), [0, 4]);
    assert_eq!(tried(&keys, None, Algorithm::EdDSA), [0, 1, 2, 3]);
}

#[test]
fn tries_only_keys_that_fit() {
    let keys = set(&[
        Signer::rsa().jwk_with(json!({"kid": "a"})),
        Signer::p256().jwk_with(json!({"kid": "a"})),
        Signer::rsa().jwk_with(json!({"alg": "PS256"})),
    ]);
    assert_eq!(tried(&keys, Some("a"), Algorithm::RS256), [0]);
    assert_eq!(tried(&keys, Some("a"), Algorithm::ES256), [1]);
    assert_eq!(tried(&keys, Some("a"), Algorithm::PS256), [0, 2]);
    assert_eq!(tried(&keys, None, Algorithm::EdDSA), [0; 0]);
    assert_eq!(tried(&keys, None, Algorithm::HS256), [0; 0]);
}

#[test]
fn keys_of_another_type_do_not_use_up_the_candidates() {
    let mut keys = vec![Signer::p256().jwk_with(json!({"kid": "a"})); 10];
    keys.push(named(1, "a"));
    assert_eq!(tried(&set(&keys), Some("a"), Algorithm::EdDSA), [10]);
    assert_eq!(tried(&set(&keys), Some("a"), Algorithm::ES256).len(), MAX_CANDIDATES);
}
