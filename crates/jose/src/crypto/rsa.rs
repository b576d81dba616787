//! RSASSA-PKCS1-v1_5 and RSASSA-PSS verification (RFC 8017 section 8).

use super::montgomery::Modulus;
use super::spki;
use crate::algorithm::Hash;
use crate::error::KeyError;

/// An RSA public key of bounded size.
pub(crate) struct RsaKey {
    modulus: Modulus,
    /// INVARIANT: odd, at least 3.
    exponent: u32,
    spki: Vec<u8>,
}

impl RsaKey {
    /// Moduli under 2048 bits are within reach of factoring, and RFC 7518 section 3.3 forbids them; the upper bound bounds the work.
    const BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

    /// The key of `n` and `e`, most significant byte first. Leading zero bytes are ignored: some libraries write one.
    pub(crate) fn new(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let modulus = Modulus::new(n).filter(|modulus| Self::BITS.contains(&modulus.bits())).ok_or(KeyError::Modulus)?;
        let exponent = exponent(e).ok_or(KeyError::Exponent)?;
        Ok(Self { modulus, exponent, spki: spki::rsa(n, e) })
    }

    /// The key as DER SubjectPublicKeyInfo.
    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Whether `signature` has the one length that it may have.
    pub(crate) fn fits(&self, signature: &[u8]) -> bool {
        signature.len() == self.modulus.bits().div_ceil(8)
    }

    pub(crate) fn verify_pkcs1(&self, hash: Hash, signature: &[u8], text: &[u8]) -> bool {
        let expected = pkcs1_message(hash, &hash.digest(&[text]), signature.len());
        self.fits(signature) && expected.is_some() && self.modulus.power(signature, self.exponent) == expected
    }

    /// The salt is as long as the digest (RFC 7518 section 3.5).
    pub(crate) fn verify_pss(&self, hash: Hash, signature: &[u8], text: &[u8]) -> bool {
        if !self.fits(signature) {
            return false;
        }
        let message = self.modulus.power(signature, self.exponent);
        message.is_some_and(|message| is_pss_message(hash, &hash.digest(&[text]), message, self.modulus.bits() - 1).is_some())
    }
}

fn exponent(bytes: &[u8]) -> Option<u32> {
    let start = bytes.iter().position(|byte| *byte != 0)?;
    let significant = bytes.get(start..).filter(|significant| significant.len() <= 4)?;
    let exponent = significant.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    (exponent >= 3 && exponent % 2 == 1).then_some(exponent)
}

/// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2): the whole message is built and compared, so nothing in it is left unread.
fn pkcs1_message(hash: Hash, digest: &[u8], length: usize) -> Option<Vec<u8>> {
    let info = digest_info(hash);
    let padding = length.checked_sub(3 + info.len() + digest.len()).filter(|padding| *padding >= 8)?;
    let mut message = Vec::with_capacity(length);
    message.extend_from_slice(&[0, 1]);
    message.resize(2 + padding, 0xff);
    message.push(0);
    message.extend_from_slice(info);
    message.extend_from_slice(digest);
    Some(message)
}

/// What stands before the digest: its DER-encoded algorithm (RFC 8017 section 9.2, note 1).
fn digest_info(hash: Hash) -> &'static [u8; 19] {
    match hash {
        Hash::Sha256 => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        Hash::Sha384 => b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
        Hash::Sha512 => b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
    }
}

/// EMSA-PSS-VERIFY (RFC 8017 section 9.1.2) for a message of `bits` bits: `Some` when it is consistent.
fn is_pss_message(hash: Hash, digest: &[u8], mut message: Vec<u8>, bits: usize) -> Option<()> {
    if bits.is_multiple_of(8) && message.first() == Some(&0) {
        // The message is a byte shorter than the modulus.
        message.remove(0);
    }
    let length = bits.div_ceil(8);
    let (masked, rest) = message.split_at_mut_checked(length.checked_sub(hash.length() + 1)?)?;
    let (seed, trailer) = rest.split_at_checked(hash.length())?;
    let spare = 0xffu8.checked_shr(u32::try_from(8 * length - bits).ok()?)?;
    if trailer != [0xbc] || masked.first()? & !spare != 0 {
        return None;
    }
    unmask(hash, seed, masked);
    *masked.first_mut()? &= spare;
    let (padding, salt) = masked.split_at_checked(masked.len().checked_sub(hash.length())?)?;
    let (one, zeros) = padding.split_last()?;
    let expected = hash.digest(&[&[0; 8], digest, salt]);
    (*one == 1 && zeros.iter().all(|byte| *byte == 0) && expected == seed).then_some(())
}

/// Takes off the mask that MGF1 makes of `seed` (RFC 8017 appendix B.2.1).
fn unmask(hash: Hash, seed: &[u8], masked: &mut [u8]) {
    for (counter, block) in (0u32..).zip(masked.chunks_mut(hash.length())) {
        let mask = hash.digest(&[seed, &counter.to_be_bytes()]);
        block.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
}

#[cfg(test)]
mod tests;
