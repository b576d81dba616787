use proptest::prelude::*;
use rsa::{BoxedUint, RsaPublicKey};

use super::*;

/// The same by repeated multiplication.
fn slow_power(base: u64, exponent: u32, modulus: u64) -> u64 {
    let (base, modulus) = (u128::from(base), u128::from(modulus));
    let bits = (0..u32::BITS).rev();
    let power = bits.fold(1, |sum, bit| sum * sum % modulus * if exponent >> bit & 1 == 1 { base } else { 1 } % modulus);
    power as u64
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[test]
fn refuses_a_modulus_that_is_even_or_below_three() {
    for bytes in [&[][..], &[0], &[0, 0, 0, 0, 0], &[1], &[0, 0, 0, 1], &[2], &[1, 0], &[0xff, 0xfe]] {
        assert!(Modulus::new(bytes).is_none(), "{bytes:?}");
    }
}

#[test]
fn counts_bits_without_leading_zeros() {
    for (bytes, bits) in [(&[3][..], 2), (&[0, 0, 3], 2), (&[0xff], 8), (&[1, 1], 9), (&[0x80, 0, 0, 0, 1], 40)] {
        assert_eq!(Modulus::new(bytes).unwrap().bits(), bits, "{bytes:?}");
    }
}

#[test]
fn refuses_a_base_that_is_not_below_the_modulus() {
    let modulus = Modulus::new(&[0xff, 0xff, 0xff, 0xff, 0xff]).unwrap();
    assert!(modulus.power(&[0xff, 0xff, 0xff, 0xff, 0xff], 3).is_none());
    assert!(modulus.power(&[0; 9], 3).is_none());
    assert_eq!(modulus.power(&[0xff, 0xff, 0xff, 0xff, 0xfe], 3), Some(vec![0xff, 0xff, 0xff, 0xff, 0xfe]));
    assert_eq!(modulus.power(&[], 3), Some(vec![0; 5]));
}

#[test]
fn refuses_an_exponent_that_is_even_or_below_three() {
    let modulus = Modulus::new(&[0xff, 0xf1]).unwrap();
    for exponent in [0, 1, 2, 4, 65536, u32::MAX - 1] {
        assert_eq!(modulus.power(&[0x12, 0x34], exponent), None, "{exponent}");
    }
}

proptest! {
    #[test]
    fn small_powers_are_those_of_plain_arithmetic(modulus in 3u64.., base: u64, exponent: u32) {
        let (modulus, exponent) = (modulus | 1, (exponent | 1).max(3));
        let base = base % modulus;
        let power = Modulus::new(&modulus.to_be_bytes()).unwrap().power(&base.to_be_bytes(), exponent);
        prop_assert_eq!(number(&power.unwrap()), slow_power(base, exponent, modulus));
    }

    #[test]
    fn large_powers_are_those_of_another_library(
        modulus in prop::collection::vec(prop_oneof![any::<u8>(), Just(0), Just(0xff)], 60..300),
        base in prop::collection::vec(prop_oneof![any::<u8>(), Just(0), Just(0xff)], 60..300),
        exponent in prop_oneof![Just(3u32), Just(65537), any::<u32>()],
    ) {
        let mut bytes = [&[1], &modulus[..]].concat();
        *bytes.last_mut().unwrap() |= 1;
        let base = &base[..base.len().min(modulus.len())];
        let exponent = (exponent | 1).max(3);
        let theirs = {
            let n = BoxedUint::from_be_slice_vartime(&bytes);
            let base = BoxedUint::from_be_slice(base, n.bits_precision()).unwrap();
            let key = RsaPublicKey::new_unchecked(n, u64::from(exponent).into());
            rsa::hazmat::rsa_encrypt(&key, &base).unwrap().to_be_bytes()
        };
        let ours = Modulus::new(&bytes).unwrap().power(base, exponent).unwrap();
        prop_assert_eq!(ours.len(), bytes.len());
        prop_assert_eq!(BoxedUint::from_be_slice_vartime(&ours), BoxedUint::from_be_slice_vartime(&theirs));
    }
}
