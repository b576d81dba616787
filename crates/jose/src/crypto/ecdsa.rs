//! ECDSA over the three NIST curves (RFC 7518 section 3.4).

use p256::ecdsa::signature::Verifier;

use super::spki;
use crate::algorithm::Algorithm;
use crate::error::KeyError;

/// A point of one of the curves.
pub(crate) struct EcdsaKey {
    point: Point,
    spki: Vec<u8>,
}

enum Point {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
}

impl EcdsaKey {
    /// The point of these coordinates on the curve that belongs to `algorithm`; each coordinate has the curve's exact length
    /// (RFC 7518 section 6.2.1.2).
    pub(crate) fn new(algorithm: Algorithm, x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        let length = coordinate_length(algorithm).ok_or(KeyError::Curve)?;
        if x.len() != length || y.len() != length {
            return Err(KeyError::Point);
        }
        Self::from_uncompressed(algorithm, &[&[4], x, y].concat())
    }

    /// The same from an uncompressed SEC1 point: 4, x, y.
    pub(crate) fn from_uncompressed(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let length = coordinate_length(algorithm).ok_or(KeyError::Curve)?;
        if bytes.len() != 1 + 2 * length || bytes.first() != Some(&4) {
            return Err(KeyError::Point);
        }
        let point = match algorithm {
            Algorithm::ES256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map(Point::P256),
            Algorithm::ES384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map(Point::P384),
            _ => p521::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map(Point::P521),
        };
        let spki = spki::ec(algorithm, bytes).ok_or(KeyError::Curve)?;
        point.map(|point| Self { point, spki }).map_err(|_| KeyError::Point)
    }

    /// The only algorithm of this curve.
    pub(crate) fn algorithm(&self) -> Algorithm {
        match self.point {
            Point::P256(_) => Algorithm::ES256,
            Point::P384(_) => Algorithm::ES384,
            Point::P521(_) => Algorithm::ES512,
        }
    }

    /// The key as DER SubjectPublicKeyInfo.
    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Whether `signature`, r and s in a row, was made over `text`.
    pub(crate) fn verify(&self, signature: &[u8], text: &[u8]) -> bool {
        match &self.point {
            Point::P256(key) => verify(key, p256::ecdsa::Signature::from_slice(signature), text),
            Point::P384(key) => verify(key, p384::ecdsa::Signature::from_slice(signature), text),
            Point::P521(key) => verify(key, p521::ecdsa::Signature::from_slice(signature), text),
        }
    }

    /// `signature` in DER; `None` unless it has the exact length and both numbers are from 1 to below the curve's order.
    pub(crate) fn der_signature(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let in_range = match self.point {
            Point::P256(_) => p256::ecdsa::Signature::from_slice(signature).is_ok(),
            Point::P384(_) => p384::ecdsa::Signature::from_slice(signature).is_ok(),
            Point::P521(_) => p521::ecdsa::Signature::from_slice(signature).is_ok(),
        };
        let (r, s) = signature.split_at_checked(signature.len() / 2).filter(|_| in_range)?;
        Some(spki::sequence(&[spki::integer(r), spki::integer(s)]))
    }
}

fn verify<S, E>(key: &impl Verifier<S>, signature: Result<S, E>, text: &[u8]) -> bool {
    signature.is_ok_and(|signature| key.verify(text, &signature).is_ok())
}

fn coordinate_length(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        Algorithm::ES256 => Some(32),
        Algorithm::ES384 => Some(48),
        Algorithm::ES512 => Some(66),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
