use std::cell::RefCell;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::algorithm::Hash;
use crate::crypto::provider::PROVIDER;
use crate::key_set::SymmetricKeys;
use crate::mint::{Signer, encode, jwks};
use crate::native::{NativeVerdict, NoNative};

const NOW: Duration = Duration::from_secs(1_767_225_600);

fn all() -> Algorithms {
    Algorithm::ALL.into_iter().collect()
}

fn rules() -> TokenRules {
    TokenRules { issuer: Some("issuer".into()), audiences: vec!["api".into()], algorithms: all(), ..TokenRules::default() }
}

fn payload() -> Value {
    json!({"iss": "issuer", "sub": "alice", "aud": ["api"], "exp": NOW.as_secs() + 300, "nbf": NOW.as_secs(), "iat": NOW.as_secs()})
}

fn keys(jwk: &[Value]) -> KeySet {
    KeySet::parse(&jwks(jwk), SymmetricKeys::Accept).unwrap().keys
}

fn check(token: &str, keys: &KeySet, rules: &TokenRules) -> Result<VerifiedClaims, TokenError> {
    verify(&CompactJws::parse(token.as_bytes())?, keys, rules, NOW, &NoNative)
}

fn error(token: &str, keys: &KeySet) -> TokenError {
    check(token, keys, &rules()).unwrap_err()
}

#[test]
fn verifies_every_algorithm() {
    for algorithm in Algorithm::ALL {
        let signer = Signer::of(algorithm);
        let token = signer.token(algorithm, json!({"kid": "k"}), &payload());
        let claims = check(&token, &keys(&[signer.jwk_with(json!({"kid": "k"}))]), &rules()).unwrap();
        assert_eq!(claims.subject(), Some("alice"), "{algorithm}");
    }
}

#[test]
fn gives_out_what_was_signed() {
    let header = r#"{"kid":"k", "alg":"EdDSA"}"#;
    let text = r#"{ "iss":"issuer","sub":"alice","exp":1767225900.5,"nbf":1767225600,"iat":1767225599,"aud":"api","n":[1] }"#;
    let token = Signer::ed25519().token_of(Algorithm::EdDSA, header, text);
    let claims = check(&token, &keys(&[Signer::ed25519().jwk()]), &rules()).unwrap();
    assert_eq!((claims.issuer(), claims.subject()), (Some("issuer"), Some("alice")));
    assert_eq!(claims.expires_at(), Some(Duration::from_millis(1_767_225_900_500)));
    assert_eq!(claims.not_before(), Some(NOW));
    assert_eq!(claims.issued_at(), Some(NOW - Duration::from_secs(1)));
    assert_eq!(claims.claims()["n"], json!([1]));
    assert_eq!(claims.header()["kid"], "k");
    assert_eq!((claims.claims_json(), claims.header_json()), (text, header));
}

#[test]
fn a_token_is_good_for_its_own_algorithm_alone() {
    for signed_as in Algorithm::ALL {
        let signer = Signer::of(signed_as);
        let keys = keys(&[signer.jwk()]);
        for claimed in Algorithm::ALL.into_iter().filter(|other| *other != signed_as) {
            let header = json!({"alg": claimed.name()}).to_string();
            let token = signer.token_of(signed_as, &header, &payload().to_string());
            assert!(check(&token, &keys, &rules()).is_err(), "{signed_as} claimed as {claimed}");
        }
    }
}

#[test]
fn a_key_of_one_type_never_verifies_another() {
    for algorithm in Algorithm::ALL {
        let token = Signer::of(algorithm).token(algorithm, json!({}), &payload());
        for other in Algorithm::ALL.map(Signer::of).iter().filter(|other| other.jwk() != Signer::of(algorithm).jwk()) {
            assert_eq!(error(&token, &keys(&[other.jwk()])), TokenError::UnknownKey, "{algorithm} {}", other.jwk());
        }
    }
}

#[test]
fn a_public_key_is_no_secret() {
    let (public, pem) = (Signer::rsa(), include_str!("../../tests/keys/rsa2048.pem"));
    let (jwk, key_set) = (public.jwk(), keys(&[public.jwk(), Signer::p256().jwk(), Signer::ed25519().jwk()]));
    let n = crate::base64url::decode(jwk["n"].as_str().unwrap()).unwrap();
    for secret in [pem.as_bytes().to_vec(), jwk.to_string().into_bytes(), jwk["n"].as_str().unwrap().into(), n] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let forged = Signer::Secret(secret.clone()).token(algorithm, json!({}), &payload());
            assert_eq!(error(&forged, &key_set), TokenError::UnknownKey);
        }
    }
}

#[test]
fn hmac_needs_to_be_listed() {
    let token = Signer::secret().token(Algorithm::HS256, json!({}), &payload());
    let rules = TokenRules { algorithms: Algorithms::ALL_ASYMMETRIC, ..rules() };
    assert_eq!(check(&token, &keys(&[Signer::secret().jwk()]), &rules).unwrap_err(), TokenError::Algorithm);
}

#[test]
fn the_rules_list_the_algorithms() {
    let token = Signer::rsa().token(Algorithm::RS256, json!({}), &payload());
    let rules = TokenRules { algorithms: [Algorithm::PS256, Algorithm::RS384].into_iter().collect(), ..rules() };
    assert_eq!(check(&token, &keys(&[Signer::rsa().jwk()]), &rules).unwrap_err(), TokenError::Algorithm);
}

#[test]
fn none_never_passes() {
    let (text, key_set) = (payload().to_string(), keys(&[Signer::secret().jwk(), Signer::p256().jwk()]));
    for name in ["none", "None", "NONE", "nonE"] {
        for signature in ["", "c2ln"] {
            let token = format!("{}.{}.{signature}", encode(json!({"alg": name}).to_string()), encode(&text));
            assert_eq!(error(&token, &key_set), TokenError::UnknownAlgorithm);
        }
    }
}

#[test]
fn an_absent_signature_is_a_wrong_one() {
    for algorithm in Algorithm::ALL {
        let token = Signer::of(algorithm).token(algorithm, json!({}), &payload());
        let (text, _) = token.rsplit_once('.').unwrap();
        assert_eq!(error(&format!("{text}."), &keys(&[Signer::of(algorithm).jwk()])), TokenError::Signature);
    }
}

#[test]
fn a_key_in_the_header_is_not_used() {
    let attacker = Signer::ed25519_of(9);
    let header = json!({"jwk": attacker.jwk(), "jku": "https://evil.example", "x5c": ["a"], "x5u": "https://evil.example"});
    let token = attacker.token(Algorithm::EdDSA, header, &payload());
    assert_eq!(error(&token, &keys(&[Signer::ed25519().jwk()])), TokenError::Signature);
}

#[test]
fn tries_every_candidate_and_no_more() {
    let token = Signer::ed25519_of(5).token(Algorithm::EdDSA, json!({}), &payload());
    let wrong: Vec<Value> = (1..=4).map(|seed| Signer::ed25519_of(seed).jwk()).collect();
    let right = Signer::ed25519_of(5).jwk();
    assert!(check(&token, &keys(&[&wrong[..3], std::slice::from_ref(&right)].concat()), &rules()).is_ok());
    assert_eq!(error(&token, &keys(&[&wrong[..], &[right]].concat())), TokenError::Signature);
}

#[test]
fn a_kid_chooses_among_a_thousand_keys() {
    let jwk: Vec<Value> = (0..1000).map(|id| Signer::ed25519_of(id as u8).jwk_with(json!({"kid": format!("{id}")}))).collect();
    let keys = keys(&jwk);
    let with_id = |id: &str| Signer::ed25519_of(200).token(Algorithm::EdDSA, json!({"kid": id}), &payload());
    assert!(check(&with_id("200"), &keys, &rules()).is_ok());
    assert_eq!(error(&with_id("201"), &keys), TokenError::Signature);
    assert_eq!(error(&with_id("x"), &keys), TokenError::UnknownKey);
    assert_eq!(error(&with_id(&"x".repeat(40_000)), &keys), TokenError::UnknownKey);
}

#[test]
fn judges_what_is_cheap_before_the_signature() {
    let keys = keys(&[Signer::p256().jwk_with(json!({"kid": "a"}))]);
    let broken = |header: Value, claims: Value| {
        let mut members = payload();
        members.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let token = Signer::p256().token(Algorithm::ES256, header, &members);
        error(&format!("{}AAAA", token), &keys)
    };
    let elsewhere = json!({"kid": "b"});
    assert_eq!(broken(elsewhere.clone(), json!({"iss": "x", "exp": 1, "aud": "x"})), TokenError::Issuer);
    assert_eq!(broken(elsewhere.clone(), json!({"exp": 1, "nbf": 9e9, "aud": "x"})), TokenError::Expired);
    assert_eq!(broken(elsewhere.clone(), json!({"nbf": 9e9, "aud": "x"})), TokenError::NotYetValid);
    assert_eq!(broken(elsewhere.clone(), json!({"aud": "x"})), TokenError::Audience);
    assert_eq!(broken(elsewhere, json!({})), TokenError::UnknownKey);
    assert_eq!(broken(json!({"kid": "a"}), json!({})), TokenError::Signature);
}

#[test]
fn refuses_a_malleable_ed25519_signature() {
    let token = Signer::ed25519().token(Algorithm::EdDSA, json!({}), &payload());
    let (text, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = crate::base64url::decode(signature).unwrap();
    // The order of the group, least significant byte first, added to S.
    let order = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0;
    for (byte, order) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + order + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    let keys = keys(&[Signer::ed25519().jwk()]);
    assert!(check(&token, &keys, &rules()).is_ok());
    assert_eq!(error(&format!("{text}.{}", encode(&bytes)), &keys), TokenError::Signature);
}

#[test]
fn a_shortened_or_lengthened_tag_is_wrong() {
    let keys = keys(&[Signer::secret().jwk()]);
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let token = Signer::secret().token(algorithm, json!({}), &payload());
        let (text, signature) = token.rsplit_once('.').unwrap();
        let tag = crate::base64url::decode(signature).unwrap();
        for wrong in [&tag[..tag.len() - 1], &tag[..1], &[&tag[..], &[0]].concat()] {
            assert_eq!(error(&format!("{text}.{}", encode(wrong)), &keys), TokenError::Signature);
        }
    }
}

#[test]
fn a_payload_of_any_kind_can_be_verified_without_being_claims() {
    let token = Signer::p256().token_of(Algorithm::ES256, r#"{"alg":"ES256"}"#, "not JSON");
    let keys = keys(&[Signer::p256().jwk()]);
    assert_eq!(verify_payload(token.as_bytes(), &keys, all(), &NoNative), Ok(b"not JSON".to_vec()));
    let other = [Algorithm::ES384].into_iter().collect();
    assert_eq!(verify_payload(token.as_bytes(), &keys, other, &NoNative), Err(TokenError::Algorithm));
    assert_eq!(CompactJws::parse(token.as_bytes()).unwrap_err(), TokenError::Json(crate::Part::Payload));
}

/// Native cryptography with a fixed opinion, which remembers what it was asked.
struct Native {
    verdict: NativeVerdict,
    asked: RefCell<Vec<(Hash, Vec<u8>)>>,
}

impl Native {
    fn new(verdict: NativeVerdict) -> Self {
        Self { verdict, asked: RefCell::default() }
    }
}

impl SignatureVerifier for Native {
    fn verify(&self, hash: Hash, _public_key: &[u8], signature: &[u8], _text: &[u8]) -> NativeVerdict {
        self.asked.borrow_mut().push((hash, signature.to_vec()));
        self.verdict
    }
}

fn ask(native: &Native, algorithm: Algorithm, signer: &Signer) -> Result<VerifiedClaims, TokenError> {
    let token = signer.token(algorithm, json!({}), &payload());
    let jws = CompactJws::parse(token.as_bytes()).unwrap();
    verify(&jws, &keys(&[Signer::of(algorithm).jwk()]), &rules(), NOW, native)
}

#[test]
fn native_cryptography_is_asked_first_where_it_can_answer() {
    for algorithm in Algorithm::ALL {
        let natively = matches!(algorithm.scheme(), crate::algorithm::Scheme::Pkcs1 | crate::algorithm::Scheme::Ecdsa);
        let signer = Signer::of(algorithm);
        let refusing = Native::new(NativeVerdict::Invalid);
        assert_eq!(ask(&refusing, algorithm, &signer).is_err(), natively, "{algorithm}");
        let unavailable = Native::new(NativeVerdict::Unavailable);
        assert!(ask(&unavailable, algorithm, &signer).is_ok(), "{algorithm}");
        assert_eq!(unavailable.asked.borrow().len(), usize::from(natively), "{algorithm}");
        assert!(unavailable.asked.borrow().iter().all(|(hash, _)| *hash == algorithm.hash()));
    }
}

#[test]
fn native_cryptography_is_believed() {
    let accepting = Native::new(NativeVerdict::Valid);
    let stranger = Signer::P256(p256::ecdsa::SigningKey::from_slice(&[9; 32]).unwrap());
    assert!(ask(&accepting, Algorithm::ES256, &stranger).is_ok());
    assert_eq!(accepting.asked.borrow()[0].1[0], 0x30, "the signature is DER");
}

#[test]
fn native_cryptography_is_not_asked_about_a_malformed_signature() {
    let accepting = Native::new(NativeVerdict::Valid);
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::ES384, Algorithm::ES512] {
        let token = Signer::of(algorithm).token(algorithm, json!({}), &payload());
        let (text, _) = token.rsplit_once('.').unwrap();
        for signature in [vec![], vec![0; 64], vec![0; 96], vec![0; 132], vec![0; 255], vec![0; 257]] {
            let forged = format!("{text}.{}", encode(signature));
            let jws = CompactJws::parse(forged.as_bytes()).unwrap();
            let result = verify(&jws, &keys(&[Signer::of(algorithm).jwk()]), &rules(), NOW, &accepting);
            assert_eq!(result.unwrap_err(), TokenError::Signature);
        }
    }
    assert!(accepting.asked.borrow().is_empty());
}

#[test]
fn jsonwebtoken_verifies_the_same_with_our_provider() {
    use jsonwebtoken::{Algorithm as Name, DecodingKey};
    for algorithm in Algorithm::ALL.into_iter().filter(|algorithm| *algorithm != Algorithm::ES512) {
        let jwk = Signer::of(algorithm).jwk();
        let part = |member: &str| crate::base64url::decode(jwk[member].as_str().unwrap()).unwrap();
        let key = match jwk["kty"].as_str().unwrap() {
            "RSA" => DecodingKey::from_rsa_raw_components(&part("n"), &part("e")),
            "EC" => DecodingKey::from_ec_components(jwk["x"].as_str().unwrap(), jwk["y"].as_str().unwrap()).unwrap(),
            "OKP" => DecodingKey::from_ed_der(&part("x")),
            _ => DecodingKey::from_secret(&part("k")),
        };
        let name: Name = algorithm.name().parse().unwrap();
        let signature = Signer::of(algorithm).sign(algorithm, b"text");
        let verifier = (PROVIDER.verifier_factory)(&name, &key).unwrap();
        assert_eq!(verifier.algorithm(), name);
        assert!(verifier.verify(b"text", &signature).is_ok(), "{algorithm}");
        assert!(verifier.verify(b"other", &signature).is_err(), "{algorithm}");
        let confused = if algorithm.is_symmetric() { Name::RS256 } else { Name::HS256 };
        assert!((PROVIDER.verifier_factory)(&confused, &key).is_err(), "{algorithm}");
    }
}

fn any_key_set() -> KeySet {
    keys(&Algorithm::ALL.map(|algorithm| Signer::of(algorithm).jwk()))
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_verify(token: Vec<u8>) {
        prop_assert!(CompactJws::parse(&token).is_err());
        prop_assert!(KeySet::parse(&token, SymmetricKeys::Accept).is_err());
    }

    #[test]
    fn arbitrary_parts_never_verify(header: String, payload in "\\PC*", signature: Vec<u8>, alg in 0usize..13, random in any::<bool>()) {
        let header = if random { header } else { json!({"alg": Algorithm::ALL[alg].name(), "kid": header}).to_string() };
        let token = format!("{}.{}.{}", encode(header), encode(payload), encode(signature));
        if let Ok(jws) = CompactJws::parse(token.as_bytes()) {
            let rules = TokenRules { algorithms: all(), require_expiration: false, ..TokenRules::default() };
            prop_assert!(verify(&jws, &any_key_set(), &rules, NOW, &NoNative).is_err());
        }
    }

    #[test]
    fn a_signature_of_the_right_length_is_still_not_a_signature(seed: [u8; 32], alg in 0usize..13) {
        let algorithm = Algorithm::ALL[alg];
        let text = Signer::of(algorithm).token(algorithm, json!({}), &payload());
        let (text, good) = text.rsplit_once('.').unwrap();
        let length = crate::base64url::decode(good).unwrap().len();
        let random: Vec<u8> = seed.iter().copied().cycle().take(length).collect();
        let token = format!("{text}.{}", encode(random));
        prop_assert_eq!(error(&token, &keys(&[Signer::of(algorithm).jwk()])), TokenError::Signature);
    }

    #[test]
    fn one_changed_byte_spoils_a_token(at: prop::sample::Index, byte: u8, alg in 0usize..13) {
        let algorithm = Algorithm::ALL[alg];
        let mut token = Signer::of(algorithm).token(algorithm, json!({"kid": "k"}), &payload()).into_bytes();
        let at = at.index(token.len());
        prop_assume!(token[at] != byte);
        token[at] = byte;
        let keys = keys(&[Signer::of(algorithm).jwk()]);
        if let Ok(jws) = CompactJws::parse(&token) {
            prop_assert!(verify(&jws, &keys, &rules(), NOW, &NoNative).is_err());
        }
    }
}

#[test]
fn a_key_without_kid_that_did_not_sign_a_token_does_not_make_its_own_key_known() {
    let stranger = Signer::ed25519_of(9);
    let unnamed = keys(&[Signer::ed25519_of(1).jwk()]);
    let named = keys(&[Signer::ed25519_of(1).jwk(), Signer::ed25519_of(2).jwk_with(json!({"kid": "k"}))]);
    let token = |header| stranger.token(Algorithm::EdDSA, header, &payload());
    assert_eq!(error(&token(json!({"kid": "k"})), &unnamed), TokenError::UnknownKey);
    assert_eq!(error(&token(json!({"kid": "k"})), &named), TokenError::Signature);
    assert_eq!(error(&token(json!({})), &unnamed), TokenError::Signature);
}

#[test]
fn what_needs_no_key_can_be_asked_before_there_is_one() {
    let rules = rules();
    for (text, expected) in [
        (Signer::ed25519().token(Algorithm::EdDSA, json!({}), &payload()), Ok(())),
        (Signer::ed25519().token(Algorithm::EdDSA, json!({}), &json!({"iss": "issuer", "exp": 1})), Err(TokenError::Expired)),
        (Signer::ed25519().token(Algorithm::EdDSA, json!({}), &json!({"iss": "other"})), Err(TokenError::Issuer)),
    ] {
        assert_eq!(check_rules(&CompactJws::parse(text.as_bytes()).unwrap(), &rules, NOW), expected);
    }
    let rules = TokenRules { algorithms: [Algorithm::ES256].into_iter().collect(), ..rules };
    let text = Signer::ed25519().token(Algorithm::EdDSA, json!({}), &payload());
    let jws = CompactJws::parse(text.as_bytes()).unwrap();
    assert_eq!(check_rules(&jws, &rules, NOW), Err(TokenError::Algorithm));
}
