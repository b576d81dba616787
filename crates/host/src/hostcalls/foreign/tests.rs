use p256::ecdsa::signature::hazmat::PrehashSigner;
use rsa::pkcs8::EncodePublicKey;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::*;

// Signatures of OpenSSL over `TEXT`.
const RSA_KEY: &[u8] = include_bytes!("tests/rsa.pem");
const RSA_SHA256: &[u8] = include_bytes!("tests/sha256.sig");
const RSA_SHA384: &[u8] = include_bytes!("tests/sha384.sig");
const RSA_SHA512: &[u8] = include_bytes!("tests/sha512.sig");
const TEXT: &[u8] = b"text";
const VALID: &[u8] = &[0x08, 1];

fn with_pem(hash: &str, pem: &[u8], signature: &[u8], text: &[u8]) -> Result<Vec<u8>, Status> {
    let mut arguments = verify_signature_arguments(hash, b"", signature, text);
    put_bytes(&mut arguments, 5, pem);
    verify_signature(&arguments)
}

fn with_der(hash: &str, der: &[u8], signature: &[u8], text: &[u8]) -> Result<Vec<u8>, Status> {
    verify_signature(&verify_signature_arguments(hash, der, signature, text))
}

fn is_invalid(answer: Result<Vec<u8>, Status>) -> bool {
    // No result, which is false, and an error.
    answer.is_ok_and(|answer| answer.first() == Some(&0x12))
}

#[test]
fn verifies_rsa_with_every_hash() {
    for (hash, signature) in [("sha256", RSA_SHA256), ("sha384", RSA_SHA384), ("sha512", RSA_SHA512)] {
        assert_eq!(with_pem(hash, RSA_KEY, signature, TEXT).unwrap(), VALID, "{hash}");
        assert!(is_invalid(with_pem(hash, RSA_KEY, signature, b"other")), "{hash}");
    }
    assert!(is_invalid(with_pem("sha384", RSA_KEY, RSA_SHA256, TEXT)));
    assert!(is_invalid(with_pem("md5", RSA_KEY, RSA_SHA256, TEXT)));
    assert!(is_invalid(with_pem("sha256", RSA_KEY, b"", TEXT)));
}

#[test]
fn verifies_ecdsa_in_der() {
    let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let der = key.verifying_key().to_public_key_der().unwrap();
    let signature: p256::ecdsa::Signature = key.sign_prehash(&Sha256::digest(TEXT)).unwrap();
    assert_eq!(with_der("sha256", der.as_bytes(), signature.to_der().as_bytes(), TEXT).unwrap(), VALID);
    assert!(is_invalid(with_der("sha256", der.as_bytes(), &signature.to_bytes(), TEXT)), "r and s side by side");
    assert!(is_invalid(with_der("sha256", der.as_bytes(), signature.to_der().as_bytes(), b"other")));

    let key = p384::ecdsa::SigningKey::from_slice(&[7; 48]).unwrap();
    let der = key.verifying_key().to_public_key_der().unwrap();
    let signature: p384::ecdsa::Signature = key.sign_prehash(&Sha384::digest(TEXT)).unwrap();
    assert_eq!(with_der("sha384", der.as_bytes(), signature.to_der().as_bytes(), TEXT).unwrap(), VALID);

    let key = p521::ecdsa::SigningKey::from_slice(&[[0; 2].as_slice(), &[7; 64]].concat()).unwrap();
    let der = key.verifying_key().to_public_key_der().unwrap();
    let signature: p521::ecdsa::Signature = key.sign_prehash(&Sha512::digest(TEXT)).unwrap();
    assert_eq!(with_der("sha512", der.as_bytes(), signature.to_der().as_bytes(), TEXT).unwrap(), VALID);
}

#[test]
fn does_not_tie_the_hash_to_the_curve() {
    let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let der = key.verifying_key().to_public_key_der().unwrap();
    let signature: p256::ecdsa::Signature = key.sign_prehash(&Sha512::digest(TEXT)).unwrap();
    assert_eq!(with_der("sha512", der.as_bytes(), signature.to_der().as_bytes(), TEXT).unwrap(), VALID);
}

#[test]
fn a_key_that_is_none_is_a_bad_argument() {
    assert_eq!(with_der("sha256", b"no key", RSA_SHA256, TEXT), Err(Status::BadArgument));
    assert_eq!(with_der("sha256", b"", RSA_SHA256, TEXT), Err(Status::BadArgument));
    assert_eq!(with_pem("sha256", b"no key", RSA_SHA256, TEXT), Err(Status::BadArgument));
    assert_eq!(verify_signature(b"\x0a\xff"), Err(Status::BadArgument));
}
