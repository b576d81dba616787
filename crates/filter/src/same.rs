//! Whether bytes are the same.

/// Equality, eight bytes at a time; wasm32 compares slices byte by byte. For long ones that are often the same, and are no secret.
#[must_use]
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    let ((one_words, one_rest), (other_words, other_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let same = |(one, other): (&[u8; 8], &[u8; 8])| u64::from_ne_bytes(*one) == u64::from_ne_bytes(*other);
    one.len() == other.len() && one_words.iter().zip(other_words).all(same) && one_rest == other_rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_the_same_in_every_byte_is_the_same() {
        for length in [0_u8, 1, 7, 8, 9, 16, 23] {
            let bytes: Vec<u8> = (0..length).collect();
            assert!(is_same(&bytes, &bytes.clone()), "{length}");
            assert!(!is_same(&bytes, &[&bytes, &b"x"[..]].concat()), "{length}");
            for place in 0..bytes.len() {
                let mut other = bytes.clone();
                if let Some(byte) = other.get_mut(place) {
                    *byte ^= 0x80;
                }
                assert!(!is_same(&bytes, &other), "{length} {place}");
            }
        }
    }
}
