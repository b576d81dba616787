use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::pkcs8::EncodePublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, RsaPrivateKey};
use sha2::{Digest, Sha256};

use super::*;
use crate::Algorithm;
use crate::mint::Signer;

const TEXT: &[u8] = b"what was signed";

fn private(pem: &str) -> RsaPrivateKey {
    let Signer::Rsa(key) = Signer::rsa_of(pem) else { panic!() };
    *key
}

fn key_of(private: &RsaPrivateKey) -> RsaKey {
    RsaKey::new(&private.n_bytes(), &private.e_bytes()).unwrap()
}

/// What only the owner of the key can do, for messages that no honest owner would sign.
fn sign_raw(private: &RsaPrivateKey, message: &[u8]) -> Vec<u8> {
    let message = BoxedUint::from_be_slice(message, private.n_bits_precision()).unwrap();
    let signature = rsa::hazmat::rsa_decrypt::<ChaCha20Rng>(None, private, &message).unwrap().to_be_bytes();
    signature[signature.len() - private.size()..].to_vec()
}

#[test]
fn verifies_every_scheme_with_every_size() {
    let sizes = [
        include_str!("../../../tests/keys/rsa2048.pem"),
        include_str!("../../../tests/keys/rsa2048e3.pem"),
        include_str!("../../../tests/keys/rsa2049.pem"),
        include_str!("../../../tests/keys/rsa3072.pem"),
        include_str!("../../../tests/keys/rsa8192.pem"),
    ];
    for pem in sizes {
        let signer = Signer::rsa_of(pem);
        let key = key_of(&private(pem));
        for (pkcs1, pss, hash) in [
            (Algorithm::RS256, Algorithm::PS256, Hash::Sha256),
            (Algorithm::RS384, Algorithm::PS384, Hash::Sha384),
            (Algorithm::RS512, Algorithm::PS512, Hash::Sha512),
        ] {
            let (pkcs1, pss) = (signer.sign(pkcs1, TEXT), signer.sign(pss, TEXT));
            let size = key.modulus.bits();
            assert!(key.verify_pkcs1(hash, &pkcs1, TEXT), "{size} {hash:?}");
            assert!(key.verify_pss(hash, &pss, TEXT), "{size} {hash:?}");
            assert!(!key.verify_pkcs1(hash, &pss, TEXT) && !key.verify_pss(hash, &pkcs1, TEXT), "{size} {hash:?}");
            assert!(!key.verify_pkcs1(hash, &pkcs1, b"other") && !key.verify_pss(hash, &pss, b"other"), "{size} {hash:?}");
        }
    }
}

#[test]
fn refuses_every_other_digest() {
    let signer = Signer::rsa();
    let key = key_of(&private(include_str!("../../../tests/keys/rsa2048.pem")));
    for (algorithm, right) in [
        (Algorithm::RS256, Hash::Sha256),
        (Algorithm::RS384, Hash::Sha384),
        (Algorithm::RS512, Hash::Sha512),
        (Algorithm::PS256, Hash::Sha256),
        (Algorithm::PS384, Hash::Sha384),
        (Algorithm::PS512, Hash::Sha512),
    ] {
        let signature = signer.sign(algorithm, TEXT);
        for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            let valid = key.verify_pkcs1(hash, &signature, TEXT) || key.verify_pss(hash, &signature, TEXT);
            assert_eq!(valid, hash == right, "{algorithm} as {hash:?}");
        }
    }
}

#[test]
fn bounds_the_modulus() {
    for (pem, size) in
        [(include_str!("../../../tests/keys/rsa1024.pem"), 1024), (include_str!("../../../tests/keys/rsa2041.pem"), 2041)]
    {
        assert_eq!(RsaKey::new(&private(pem).n_bytes(), &[1, 0, 1]).err(), Some(KeyError::Modulus), "{size}");
    }
    let exact = |bytes: usize, first: u8| [&[first][..], &vec![0; bytes - 2], &[1]].concat();
    assert_eq!(RsaKey::new(&exact(256, 0x7f), &[3]).err(), Some(KeyError::Modulus));
    assert!(RsaKey::new(&exact(256, 0x80), &[3]).is_ok());
    assert!(RsaKey::new(&exact(1024, 0x80), &[3]).is_ok());
    assert_eq!(RsaKey::new(&exact(1025, 1), &[3]).err(), Some(KeyError::Modulus));
    assert_eq!(RsaKey::new(&[0xfe; 256], &[3]).err(), Some(KeyError::Modulus));
    assert_eq!(RsaKey::new(&[], &[3]).err(), Some(KeyError::Modulus));
}

#[test]
fn bounds_the_exponent() {
    let n = [0xff; 256];
    for e in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[1, 0, 0, 0, 1], &[0xff; 300]] {
        assert_eq!(RsaKey::new(&n, e).err(), Some(KeyError::Exponent), "{e:?}");
    }
    for e in [&[3][..], &[1, 0, 1], &[0, 0, 1, 0, 1], &[0xff, 0xff, 0xff, 0xff]] {
        assert!(RsaKey::new(&n, e).is_ok(), "{e:?}");
    }
}

#[test]
fn ignores_leading_zeros_of_a_key() {
    let private = private(include_str!("../../../tests/keys/rsa2048.pem"));
    let key = RsaKey::new(&[&[0], &private.n_bytes()[..]].concat(), &[0, 1, 0, 1]).unwrap();
    assert!(key.verify_pkcs1(Hash::Sha256, &Signer::rsa().sign(Algorithm::RS256, TEXT), TEXT));
    assert_eq!(key.spki(), key_of(&private).spki());
}

#[test]
fn writes_the_key_as_others_do() {
    for pem in [include_str!("../../../tests/keys/rsa2048.pem"), include_str!("../../../tests/keys/rsa2049.pem")] {
        let private = private(pem);
        let theirs = private.to_public_key().to_public_key_der().unwrap();
        assert_eq!(key_of(&private).spki(), theirs.as_bytes());
    }
}

#[test]
fn a_signature_has_the_length_of_the_modulus() {
    let key = key_of(&private(include_str!("../../../tests/keys/rsa2048.pem")));
    for algorithm in [Algorithm::RS256, Algorithm::PS256] {
        let signature = Signer::rsa().sign(algorithm, TEXT);
        let padded = [&[0], &signature[..]].concat();
        for wrong in [&signature[1..], &signature[..255], &padded, &[], &[0; 256], &[0xff; 256], &[1]] {
            assert!(!key.verify_pkcs1(Hash::Sha256, wrong, TEXT) && !key.verify_pss(Hash::Sha256, wrong, TEXT));
        }
    }
}

#[test]
fn refuses_a_signature_raised_by_the_modulus() {
    // s + n has the same power as s.
    let private = private(include_str!("../../../tests/keys/rsa2049.pem"));
    let key = key_of(&private);
    let signature = Signer::rsa_of(include_str!("../../../tests/keys/rsa2049.pem")).sign(Algorithm::RS256, TEXT);
    let mut raised = signature.clone();
    let mut carry = 0;
    for (byte, n) in raised.iter_mut().rev().zip(private.n_bytes().iter().rev()) {
        let sum = u16::from(*byte) + u16::from(*n) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    assert_eq!(carry, 0, "it fits the length");
    assert!(key.verify_pkcs1(Hash::Sha256, &signature, TEXT));
    assert!(!key.verify_pkcs1(Hash::Sha256, &raised, TEXT));
}

#[test]
fn refuses_pkcs1_messages_that_lenient_parsers_accept() {
    let private = private(include_str!("../../../tests/keys/rsa2048e3.pem"));
    let key = key_of(&private);
    let good = pkcs1_message(Hash::Sha256, &Sha256::digest(TEXT), 256).unwrap();
    assert!(key.verify_pkcs1(Hash::Sha256, &sign_raw(&private, &good), TEXT));

    let digest = Sha256::digest(TEXT);
    let short_padding_then_garbage =
        [&[0, 1][..], &[0xff; 8], &[0], digest_info(Hash::Sha256), &digest, &[0x55; 256 - 62]].concat();
    let no_null = [
        &[0, 1][..],
        &[0xff; 256 - 3 - 49],
        b"\x00\x30\x2f\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20",
        &digest,
    ]
    .concat();
    let no_info = [&[0, 1][..], &[0xff; 256 - 3 - 32], &[0], &digest].concat();
    let mut block_type_two = good.clone();
    block_type_two[1] = 2;
    let mut hole_in_padding = good.clone();
    hole_in_padding[100] = 0xfe;
    for message in [short_padding_then_garbage, no_null, no_info, block_type_two, hole_in_padding] {
        assert_eq!(message.len(), 256);
        assert!(!key.verify_pkcs1(Hash::Sha256, &sign_raw(&private, &message), TEXT));
    }
}

#[test]
fn a_prefix_of_another_digest_is_not_enough() {
    let private = private(include_str!("../../../tests/keys/rsa2048.pem"));
    let unprefixed = private.sign(Pkcs1v15Sign::new_unprefixed(), &Sha256::digest(TEXT)).unwrap();
    assert!(!key_of(&private).verify_pkcs1(Hash::Sha256, &unprefixed, TEXT));
}

#[test]
fn a_pss_salt_is_as_long_as_the_digest() {
    let private = private(include_str!("../../../tests/keys/rsa2048.pem"));
    let key = key_of(&private);
    for (salt, valid) in [(0, false), (31, false), (32, true), (33, false), (222, false)] {
        let rng = &mut ChaCha20Rng::from_seed([1; 32]);
        let signature = private.sign_with_rng(rng, Pss::<Sha256>::new_with_salt(salt), &Sha256::digest(TEXT)).unwrap();
        assert_eq!(key.verify_pss(Hash::Sha256, &signature, TEXT), valid, "{salt}");
    }
}

#[test]
fn refuses_pss_messages_with_any_bit_changed() {
    let private = private(include_str!("../../../tests/keys/rsa2048.pem"));
    let key = key_of(&private);
    let signature = Signer::rsa().sign(Algorithm::PS256, TEXT);
    let message = key.modulus.power(&signature, key.exponent).unwrap();
    let digest = Hash::Sha256.digest(&[TEXT]);
    assert!(is_pss_message(Hash::Sha256, &digest, message.clone(), 2047).is_some());
    for bit in 0..2048 {
        let mut changed = message.clone();
        changed[bit / 8] ^= 0x80 >> (bit % 8);
        assert!(is_pss_message(Hash::Sha256, &digest, changed, 2047).is_none(), "bit {bit}");
    }
}

#[test]
fn a_message_of_any_length_is_only_refused() {
    for length in 0..140 {
        for byte in [0, 1, 0xbc, 0xff] {
            let message = vec![byte; length];
            for bits in (length * 8).saturating_sub(8)..=length * 8 {
                assert!(is_pss_message(Hash::Sha512, &[0; 64], message.clone(), bits).is_none());
            }
        }
        assert!(pkcs1_message(Hash::Sha512, &[0; 64], length).is_none_or(|message| message.len() == length));
    }
}
