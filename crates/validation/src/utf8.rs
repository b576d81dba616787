//! UTF-8 (RFC 3629) on its way in, byte by byte.

/// The bytes are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotUtf8;

/// A character, as far as it has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Utf8 {
    /// How many bytes of it are still to come.
    left: u8,
    /// What the next of them may be: the first one after some leads is narrower, against overlong forms and surrogates.
    low: u8,
    high: u8,
}

impl Default for Utf8 {
    fn default() -> Self {
        Self::expecting(0, 0x80, 0xbf)
    }
}

impl Utf8 {
    const fn expecting(left: u8, low: u8, high: u8) -> Self {
        Self { left, low, high }
    }

    /// Whether no character is half there.
    pub(crate) const fn is_complete(self) -> bool {
        self.left == 0
    }

    /// The next byte.
    pub(crate) fn push(&mut self, byte: u8) -> Result<(), NotUtf8> {
        *self = match (self.left, byte) {
            (0, 0..0x80) => Self::default(),
            (0, 0xc2..=0xdf) => Self::expecting(1, 0x80, 0xbf),
            (0, 0xe0) => Self::expecting(2, 0xa0, 0xbf),
            (0, 0xed) => Self::expecting(2, 0x80, 0x9f),
            (0, 0xe1..=0xef) => Self::expecting(2, 0x80, 0xbf),
            (0, 0xf0) => Self::expecting(3, 0x90, 0xbf),
            (0, 0xf4) => Self::expecting(3, 0x80, 0x8f),
            (0, 0xf1..=0xf3) => Self::expecting(3, 0x80, 0xbf),
            (0, _) => return Err(NotUtf8),
            (left, _) if (self.low..=self.high).contains(&byte) => Self::expecting(left - 1, 0x80, 0xbf),
            _ => return Err(NotUtf8),
        };
        Ok(())
    }
}

/// A text in UTF-8, in pieces.
#[derive(Debug, Clone, Copy, Default)]
pub struct Utf8Check(Utf8);

impl Utf8Check {
    /// Reads the next piece.
    ///
    /// # Errors
    /// When it cannot be UTF-8.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), NotUtf8> {
        let mut rest = piece;
        while let [byte, tail @ ..] = rest {
            // What is whole by itself, the library checks faster.
            rest = match self.0.is_complete().then(|| valid_prefix(rest)) {
                Some(0) | None => {
                    self.0.push(*byte)?;
                    tail
                }
                Some(valid) => rest.get(valid..).unwrap_or_default(),
            };
        }
        Ok(())
    }

    /// The text is over.
    ///
    /// # Errors
    /// When it ends within a character.
    pub fn finish(self) -> Result<(), NotUtf8> {
        if self.0.is_complete() { Ok(()) } else { Err(NotUtf8) }
    }
}

fn valid_prefix(bytes: &[u8]) -> usize {
    str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_utf8(pieces: &[&[u8]]) -> bool {
        let mut check = Utf8Check::default();
        pieces.iter().all(|piece| check.feed(piece).is_ok()) && check.finish().is_ok()
    }

    #[test]
    fn every_sequence_of_two_or_three_bytes_is_judged_as_the_library_does() {
        for lead in 0..=255 {
            for second in 0..=255 {
                for bytes in [vec![lead, second], vec![lead, second, 0x80], vec![lead, second, 0xbf, 0xbf]] {
                    assert_eq!(is_utf8(&[&bytes]), str::from_utf8(&bytes).is_ok(), "{bytes:x?}");
                    let single: Vec<&[u8]> = bytes.chunks(1).collect();
                    assert_eq!(is_utf8(&single), str::from_utf8(&bytes).is_ok(), "{bytes:x?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(text in ".*", cut in 0usize..64, noise in any::<Option<u8>>()) {
            let mut bytes = text.into_bytes();
            bytes.extend(noise);
            let (head, tail) = bytes.split_at(cut.min(bytes.len()));
            prop_assert_eq!(is_utf8(&[head, tail]), str::from_utf8(&bytes).is_ok());
        }
    }
}
