//! Sets of small numbers: what a thousand roles inherit of each other fits into a few kilobytes.

/// A set of numbers.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    pub(crate) fn insert(&mut self, number: usize) {
        let word = number / WORD;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << (number % WORD);
        }
    }

    pub(crate) fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// The numbers, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        let in_word = |(index, word): (usize, &u64)| {
            let word = *word;
            (0..WORD).filter(move |bit| word >> bit & 1 == 1).map(move |bit| index * WORD + bit)
        };
        self.0.iter().enumerate().flat_map(in_word)
    }
}

const WORD: usize = u64::BITS as usize;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_comes_out_once_and_in_order() {
        let mut one = Bits::default();
        let mut other = Bits::default();
        [64, 0, 63].into_iter().for_each(|number| one.insert(number));
        [1, 63, 1_000].into_iter().for_each(|number| other.insert(number));
        one.join(&other);
        assert_eq!(one.iter().collect::<Vec<_>>(), [0, 1, 63, 64, 1_000]);
        other.join(&Bits::default());
        assert_eq!(other.iter().collect::<Vec<_>>(), [1, 63, 1_000]);
    }
}
