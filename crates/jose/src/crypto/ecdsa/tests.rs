use super::*;
use crate::mint::Signer;

const TEXT: &[u8] = b"what was signed";
const CURVES: [(Algorithm, usize); 3] = [(Algorithm::ES256, 32), (Algorithm::ES384, 48), (Algorithm::ES512, 66)];

fn coordinates(algorithm: Algorithm) -> (Vec<u8>, Vec<u8>) {
    let jwk = Signer::of(algorithm).jwk();
    let decoded = |member: &str| crate::base64url::decode(jwk[member].as_str().unwrap()).unwrap();
    (decoded("x"), decoded("y"))
}

fn key(algorithm: Algorithm) -> EcdsaKey {
    let (x, y) = coordinates(algorithm);
    EcdsaKey::new(algorithm, &x, &y).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn verifies_on_every_curve() {
    for (algorithm, length) in CURVES {
        let signature = Signer::of(algorithm).sign(algorithm, TEXT);
        assert_eq!(signature.len(), 2 * length);
        assert!(key(algorithm).verify(&signature, TEXT), "{algorithm}");
        assert!(!key(algorithm).verify(&signature, b"other"), "{algorithm}");
    }
}

#[test]
fn refuses_the_psychic_signature_and_numbers_out_of_range() {
    for (algorithm, length) in CURVES {
        let key = key(algorithm);
        let good = Signer::of(algorithm).sign(algorithm, TEXT);
        let (r, s) = good.split_at(length);
        let (zero, ones) = (vec![0; length], vec![0xff; length]);
        let pairs: [(&[u8], &[u8]); 6] = [(&zero, &zero), (&zero, s), (r, &zero), (&ones, s), (r, &ones), (&ones, &ones)];
        for (r, s) in pairs {
            let signature = [r, s].concat();
            assert!(!key.verify(&signature, TEXT), "{algorithm} {}", hex(&signature));
            assert_eq!(key.der_signature(&signature), None, "{algorithm}: native cryptography is not even asked");
        }
    }
}

#[test]
fn refuses_a_number_raised_by_the_order() {
    let order = b"\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
    let one = [&[0; 31][..], &[1]].concat();
    let mut below = *order;
    below[31] -= 1;
    let key = key(Algorithm::ES256);
    assert!(key.der_signature(&[&below[..], &one].concat()).is_some());
    assert!(key.der_signature(&[&order[..], &one].concat()).is_none());
    assert!(key.der_signature(&[&one[..], order].concat()).is_none());
}

#[test]
fn refuses_every_other_length_and_der() {
    for (algorithm, length) in CURVES {
        let key = key(algorithm);
        let good = Signer::of(algorithm).sign(algorithm, TEXT);
        let der = key.der_signature(&good).unwrap();
        let longer = [&[0], &good[..]].concat();
        for wrong in [&good[1..], &good[..2 * length - 1], &longer, &der, &[], &[0]] {
            assert!(!key.verify(wrong, TEXT), "{algorithm}");
            assert_eq!(key.der_signature(wrong), None, "{algorithm}");
        }
    }
}

#[test]
fn refuses_what_is_no_point_of_the_curve() {
    for (algorithm, length) in CURVES {
        let (x, y) = coordinates(algorithm);
        let mut off = y.clone();
        off[length - 1] ^= 1;
        let (zero, ones, short) = (vec![0; length], vec![0xff; length], &x[1..]);
        let longer = [&[0], &x[..]].concat();
        let pairs: [(&[u8], &[u8]); 7] =
            [(&x, &off), (&y, &x), (&zero, &zero), (&ones, &y), (short, &y), (&longer, &y), (&[], &[])];
        for (x, y) in pairs {
            assert_eq!(EcdsaKey::new(algorithm, x, y).err(), Some(KeyError::Point), "{algorithm}");
        }
    }
}

#[test]
fn refuses_points_in_another_form() {
    let (x, y) = coordinates(Algorithm::ES256);
    let parity = 2 + (y[31] & 1);
    for bytes in [[&[parity], &x[..]].concat(), [&[4 + parity], &x[..], &y].concat(), vec![0], vec![]] {
        assert_eq!(EcdsaKey::from_uncompressed(Algorithm::ES256, &bytes).err(), Some(KeyError::Point));
    }
}

#[test]
fn writes_the_key_as_rfc_5480_says() {
    let prefixes = [
        (Algorithm::ES256, "3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
        (Algorithm::ES384, "3076301006072a8648ce3d020106052b8104002203620004"),
        (Algorithm::ES512, "30819b301006072a8648ce3d020106052b810400230381860004"),
    ];
    for (algorithm, prefix) in prefixes {
        let (x, y) = coordinates(algorithm);
        assert_eq!(hex(key(algorithm).spki()), format!("{prefix}{}{}", hex(&x), hex(&y)));
    }
}

#[test]
fn writes_signatures_as_others_do() {
    for number in 0..40u8 {
        let text = [number];
        let ours = |algorithm| key(algorithm).der_signature(&Signer::of(algorithm).sign(algorithm, &text)).unwrap();
        let bytes = |algorithm: Algorithm| Signer::of(algorithm).sign(algorithm, &text);
        let p256 = p256::ecdsa::Signature::from_slice(&bytes(Algorithm::ES256)).unwrap();
        assert_eq!(ours(Algorithm::ES256), p256.to_der().as_bytes());
        let p384 = p384::ecdsa::Signature::from_slice(&bytes(Algorithm::ES384)).unwrap();
        assert_eq!(ours(Algorithm::ES384), p384.to_der().as_bytes());
        let p521 = p521::ecdsa::Signature::from_slice(&bytes(Algorithm::ES512)).unwrap();
        assert_eq!(ours(Algorithm::ES512), p521.to_der().as_bytes());
    }
}
