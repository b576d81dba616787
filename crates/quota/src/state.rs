//! What is kept of one key.

/// The words of the largest state.
pub(crate) const WORDS: usize = 6;

/// What is kept of one key. The default is a key that was never seen, and every state is one: whatever words a store gives back,
/// each algorithm makes something of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State(pub(crate) [u64; WORDS]);

/// One word, in bytes.
pub(crate) const WORD: usize = size_of::<u64>();

impl State {
    /// The first `words` words, little-endian.
    pub(crate) fn write(self, words: usize, bytes: &mut Vec<u8>) {
        self.0.iter().take(words).for_each(|word| bytes.extend_from_slice(&word.to_le_bytes()));
    }

    /// The words in `bytes`; what is missing is zero.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut state = Self::default();
        for (word, chunk) in state.0.iter_mut().zip(bytes.chunks(WORD)) {
            *word = chunk.try_into().map(u64::from_le_bytes).unwrap_or_default();
        }
        state
    }
}

/// A number of 128 bits in two words, the low one first.
pub(crate) const fn wide(low: u64, high: u64) -> u128 {
    (high as u128) << u64::BITS | low as u128
}

/// The two words of a number of 128 bits, the low one first.
#[expect(clippy::cast_possible_truncation, reason = "each half is 64 bits")]
pub(crate) const fn narrow(number: u128) -> (u64, u64) {
    (number as u64, (number >> u64::BITS) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let state = State([1, u64::MAX, 3, 4, 5, 6]);
        let mut bytes = Vec::new();
        state.write(WORDS, &mut bytes);
        assert_eq!((bytes.len(), State::read(&bytes)), (48, state));
        bytes.truncate(3 * WORD);
        assert_eq!(State::read(&bytes), State([1, u64::MAX, 3, 0, 0, 0]));
        assert_eq!(State::read(&bytes[..5]), State::default());
    }

    #[test]
    fn a_wide_number_is_two_words() {
        let number = (7 << 64) + 9;
        assert_eq!(narrow(number), (9, 7));
        assert_eq!(wide(9, 7), number);
    }
}
