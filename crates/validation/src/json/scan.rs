//! Runs of bytes that nothing has to be asked about.

/// How many bytes at the beginning stand for themselves in a string, and are ASCII. Eight are looked at together.
#[inline]
pub(super) fn plain(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    let mut length = 0;
    for word in words {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return length + (special.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    length + tail.iter().position(|byte| is_special(*byte)).unwrap_or(tail.len())
}

/// The highest bit of each byte that is special. Above the first of them there may be more bits than that: a borrow goes upwards.
const fn special(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (word | control | quote.wrapping_sub(ONES) & !quote | backslash.wrapping_sub(ONES) & !backslash) & HIGH
}

/// Takes blanks off the beginning.
#[inline]
pub(super) fn skip_blanks(rest: &mut &[u8]) {
    while let [b' ' | b'\t' | b'\n' | b'\r', tail @ ..] = rest {
        *rest = tail;
    }
}

const fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte >= 0x80 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_at_every_special_byte_wherever_it_stands() {
        for length in 0..70 {
            for special in [0, 0x1f, b'"', b'\\', 0x80, 0xff] {
                let mut bytes = vec![b'a'; length];
                assert_eq!(plain(&bytes), length);
                bytes.push(special);
                bytes.extend([b'a'; 20]);
                assert_eq!(plain(&bytes), length, "{special}");
            }
        }
    }

    #[test]
    fn every_other_ascii_character_is_plain() {
        let all: Vec<u8> = (0x20..0x80).filter(|byte| !matches!(byte, b'"' | b'\\')).collect();
        assert_eq!(plain(&all), all.len());
    }
}
