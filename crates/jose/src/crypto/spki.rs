//! DER, as much as SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) and ECDSA signatures need.

use crate::algorithm::Algorithm;

const RSA_ENCRYPTION: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
const EC_PUBLIC_KEY: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";
const PRIME256V1: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const SECP384R1: &[u8] = b"\x06\x05\x2b\x81\x04\x00\x22";
const SECP521R1: &[u8] = b"\x06\x05\x2b\x81\x04\x00\x23";

/// An RSA public key.
pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Vec<u8> {
    public_key(&[RSA_ENCRYPTION], &sequence(&[integer(n), integer(e)]))
}

/// A public key on the curve of `algorithm`.
pub(crate) fn ec(algorithm: Algorithm, uncompressed: &[u8]) -> Option<Vec<u8>> {
    let curve = match algorithm {
        Algorithm::ES256 => PRIME256V1,
        Algorithm::ES384 => SECP384R1,
        Algorithm::ES512 => SECP521R1,
        _ => return None,
    };
    Some(public_key(&[EC_PUBLIC_KEY, curve], uncompressed))
}

/// SEQUENCE
pub(crate) fn sequence<T: AsRef<[u8]>>(elements: &[T]) -> Vec<u8> {
    let content: Vec<u8> = elements.iter().flat_map(|element| element.as_ref()).copied().collect();
    element(0x30, &content)
}

/// INTEGER, of an unsigned number, most significant byte first.
pub(crate) fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.get(zeros..).unwrap_or_default();
    if significant.first().is_some_and(|byte| *byte < 0x80) {
        return element(0x02, significant);
    }
    element(0x02, &[&[0], significant].concat())
}

fn public_key(algorithm: &[&[u8]], key: &[u8]) -> Vec<u8> {
    let no_unused_bits: &[u8] = &[0];
    sequence(&[sequence(algorithm), element(0x03, &[no_unused_bits, key].concat())])
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let significant = length.get(zeros..).unwrap_or_default();
    let mut element = vec![tag];
    if content.len() >= 0x80 {
        element.push(0x80 | significant.len() as u8);
    }
    element.extend_from_slice(if content.is_empty() { &[0] } else { significant });
    element.extend_from_slice(content);
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_minimal_and_never_negative() {
        assert_eq!(integer(&[0, 0, 1]), [2, 1, 1]);
        assert_eq!(integer(&[0x7f]), [2, 1, 0x7f]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[0, 0]), [2, 1, 0]);
        assert_eq!(integer(&[]), [2, 1, 0]);
    }

    #[test]
    fn lengths_take_the_shortest_form() {
        assert_eq!(element(4, &[7; 127])[..3], [4, 127, 7]);
        assert_eq!(element(4, &[7; 128])[..4], [4, 0x81, 128, 7]);
        assert_eq!(element(4, &[7; 256])[..5], [4, 0x82, 1, 0, 7]);
        assert_eq!(element(4, &[]), [4, 0]);
    }
}
