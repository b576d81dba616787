use serde_json::json;

use super::*;
use crate::mint::{Signer, encode};
use crate::native::NoNative;

fn parse(jwk: &Value) -> Result<Key, KeyError> {
    Key::parse(jwk, SymmetricKeys::Accept)
}

fn error(jwk: &Value) -> KeyError {
    parse(jwk).unwrap_err()
}

fn fitting(jwk: &Value) -> Vec<Algorithm> {
    let key = parse(jwk).unwrap();
    Algorithm::ALL.into_iter().filter(|algorithm| key.fits(*algorithm)).collect()
}

#[test]
fn a_key_fits_the_algorithms_of_its_type_and_curve() {
    use Algorithm::*;
    assert_eq!(fitting(&Signer::rsa().jwk()), [RS256, RS384, RS512, PS256, PS384, PS512]);
    assert_eq!(fitting(&Signer::p256().jwk()), [ES256]);
    assert_eq!(fitting(&Signer::p384().jwk()), [ES384]);
    assert_eq!(fitting(&Signer::p521().jwk()), [ES512]);
    assert_eq!(fitting(&Signer::ed25519().jwk()), [EdDSA]);
    assert_eq!(fitting(&Signer::secret().jwk()), [HS256, HS384, HS512]);
}

#[test]
fn a_secret_fits_the_digests_that_are_no_longer() {
    use Algorithm::*;
    let of_length = |length: usize| json!({"kty": "oct", "k": encode(vec![7; length])});
    assert_eq!(error(&of_length(0)), KeyError::Short);
    assert_eq!(error(&of_length(31)), KeyError::Short);
    assert_eq!(fitting(&of_length(32)), [HS256]);
    assert_eq!(fitting(&of_length(48)), [HS256, HS384]);
    assert_eq!(fitting(&of_length(64)), [HS256, HS384, HS512]);
    assert_eq!(error(&json!({"kty": "oct", "alg": "HS512", "k": encode([7; 63])})), KeyError::Short);
}

#[test]
fn an_alg_leaves_only_itself() {
    assert_eq!(fitting(&Signer::rsa().jwk_with(json!({"alg": "PS384"}))), [Algorithm::PS384]);
    for (signer, name) in [
        (Signer::rsa(), "ES256"),
        (Signer::rsa(), "HS256"),
        (Signer::rsa(), "RSA-OAEP"),
        (Signer::rsa(), "none"),
        (Signer::rsa(), "rs256"),
        (Signer::p256(), "ES384"),
        (Signer::p256(), "ES256K"),
        (Signer::ed25519(), "ES256"),
        (Signer::secret(), "RS256"),
        (Signer::secret(), "A256GCM"),
    ] {
        assert_eq!(error(&signer.jwk_with(json!({"alg": name}))), KeyError::Algorithm, "{name}");
    }
}

#[test]
fn use_and_operations_must_allow_verification() {
    let key = |members| parse(&Signer::p256().jwk_with(members)).err();
    assert_eq!(key(json!({"use": "sig"})), None);
    assert_eq!(key(json!({"use": "enc"})), Some(KeyError::Use));
    assert_eq!(key(json!({"use": "Sig"})), Some(KeyError::Use));
    assert_eq!(key(json!({"use": ""})), Some(KeyError::Use));
    assert_eq!(key(json!({"use": ["sig"]})), Some(KeyError::WrongType("use")));
    assert_eq!(key(json!({"key_ops": ["verify"]})), None);
    assert_eq!(key(json!({"key_ops": ["sign", "verify"]})), None);
    assert_eq!(key(json!({"key_ops": ["sign"]})), Some(KeyError::Operations));
    assert_eq!(key(json!({"key_ops": []})), Some(KeyError::Operations));
    assert_eq!(key(json!({"key_ops": "verify"})), Some(KeyError::WrongType("key_ops")));
    assert_eq!(key(json!({"key_ops": [["verify"]]})), Some(KeyError::Operations));
    assert_eq!(key(json!({"use": "sig", "key_ops": ["encrypt"]})), Some(KeyError::Operations));
}

#[test]
fn secrets_are_taken_only_when_asked_for() {
    let refused = Key::parse(&Signer::secret().jwk(), SymmetricKeys::Refuse);
    assert_eq!(refused.unwrap_err(), KeyError::Symmetric);
}

#[test]
fn says_what_is_missing_or_of_another_type() {
    assert_eq!(error(&json!([])), KeyError::NotAnObject);
    assert_eq!(error(&json!({})), KeyError::Missing("kty"));
    assert_eq!(error(&json!({"kty": 1})), KeyError::WrongType("kty"));
    assert_eq!(error(&json!({"kty": "rsa"})), KeyError::KeyType);
    assert_eq!(error(&json!({"kty": "AKP"})), KeyError::KeyType);
    assert_eq!(error(&json!({"kty": "RSA"})), KeyError::Missing("n"));
    assert_eq!(error(&json!({"kty": "EC", "x": "", "y": ""})), KeyError::Missing("crv"));
    assert_eq!(error(&json!({"kty": "EC", "crv": "secp256k1", "x": "", "y": ""})), KeyError::Curve);
    assert_eq!(error(&json!({"kty": "EC", "crv": "P-256", "x": "AA"})), KeyError::Missing("y"));
    assert_eq!(error(&json!({"kty": "OKP", "crv": "Ed448", "x": ""})), KeyError::Curve);
    assert_eq!(error(&json!({"kty": "OKP", "crv": "X25519", "x": ""})), KeyError::Curve);
    assert_eq!(error(&json!({"kty": "OKP"})), KeyError::Curve);
    assert_eq!(error(&json!({"kty": "oct"})), KeyError::Missing("k"));
    assert_eq!(error(&Signer::p256().jwk_with(json!({"kid": 1}))), KeyError::WrongType("kid"));
    assert_eq!(error(&Signer::p256().jwk_with(json!({"x": 1}))), KeyError::WrongType("x"));
}

#[test]
fn members_are_canonical_base64url() {
    for (signer, member) in [
        (Signer::rsa(), "n"),
        (Signer::rsa(), "e"),
        (Signer::p256(), "x"),
        (Signer::p256(), "y"),
        (Signer::ed25519(), "x"),
        (Signer::secret(), "k"),
    ] {
        let good = signer.jwk()[member].as_str().unwrap().to_owned();
        for spoilt in [format!("{good}="), format!(" {good}"), format!("{good}\n"), good.replacen(|_| true, "+", 1)] {
            assert_eq!(error(&signer.jwk_with(json!({member: spoilt}))), KeyError::Encoding(member), "{spoilt}");
        }
    }
}

#[test]
fn refuses_points_off_the_curve() {
    assert_eq!(error(&Signer::p256().jwk_with(json!({"crv": "P-384"}))), KeyError::Point);
    let y = Signer::p256().jwk()["y"].clone();
    assert_eq!(error(&Signer::p256().jwk_with(json!({"x": y}))), KeyError::Point);
}

#[test]
fn refuses_weak_ed25519_keys() {
    let jwk = |x: [u8; 32]| json!({"kty": "OKP", "crv": "Ed25519", "x": encode(x)});
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut not_canonical = [0xff; 32];
    // p + 1 is the identity again.
    (not_canonical[0], not_canonical[31]) = (0xee, 0x7f);
    let mut minus_zero = identity;
    minus_zero[31] = 0x80;
    for x in [identity, [0; 32], not_canonical, minus_zero] {
        assert!(matches!(error(&jwk(x)), KeyError::Weak | KeyError::Point), "{x:02x?}");
    }
    // y = p + 3 is a point of large order in a second encoding.
    let mut second_encoding = [0xff; 32];
    (second_encoding[0], second_encoding[31]) = (0xf0, 0x7f);
    assert!(matches!(error(&jwk(second_encoding)), KeyError::Weak | KeyError::Point));
    assert_eq!(error(&json!({"kty": "OKP", "crv": "Ed25519", "x": encode([7; 31])})), KeyError::Point);
}

#[test]
fn ignores_what_it_does_not_know_and_private_parts() {
    let jwk = Signer::ed25519().jwk_with(json!({"d": "secret", "x5c": ["a"], "exp": 1, "kid": "k"}));
    assert_eq!(parse(&jwk).unwrap().id(), Some("k"));
}

#[test]
fn never_prints_a_secret() {
    let printed = format!("{:?}", parse(&Signer::secret().jwk_with(json!({"kid": "k"}))).unwrap());
    assert!(!printed.contains('7') && printed.contains("Secret"), "{printed}");
}

#[test]
fn does_not_verify_with_an_algorithm_that_it_does_not_fit() {
    let signer = Signer::rsa();
    let key = parse(&signer.jwk_with(json!({"alg": "PS256"}))).unwrap();
    let signature = signer.sign(Algorithm::RS256, b"text");
    assert!(!key.verify(Algorithm::RS256, &signature, b"text", &NoNative));
}
