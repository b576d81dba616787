//! The keys that a provider is known not to have.

use std::collections::VecDeque;

use sha2::{Digest as _, Sha256};

/// How many are remembered; beyond, the oldest is forgotten, and a token of it causes a fetch again.
const MAX_REMEMBERED: usize = 256;

/// A `kid`, hashed: they are as long as strangers make them, and nobody can find another one that is taken for it.
type Fingerprint = [u8; 16];

/// `kid`s that were looked for in the current key set in vain, in the order in which that was found.
#[derive(Debug, Default)]
pub(super) struct Absent(VecDeque<Fingerprint>);

impl Absent {
    pub(super) fn contains(&self, kid: Option<&str>) -> bool {
        !self.0.is_empty() && self.0.contains(&fingerprint(kid))
    }

    pub(super) fn insert(&mut self, kid: Option<&str>) {
        let fingerprint = fingerprint(kid);
        if self.0.contains(&fingerprint) {
            return;
        }
        if self.0.len() >= MAX_REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(fingerprint);
    }

    /// Another set, in which they may be.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

fn fingerprint(kid: Option<&str>) -> Fingerprint {
    let mut hash = Sha256::new();
    hash.update([u8::from(kid.is_some())]);
    hash.update(kid.unwrap_or_default());
    hash.finalize().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_a_bounded_number_and_forgets_the_oldest() {
        let mut absent = Absent::default();
        for index in 0..=MAX_REMEMBERED {
            absent.insert(Some(&index.to_string()));
            absent.insert(Some("1"));
        }
        assert_eq!(absent.0.len(), MAX_REMEMBERED);
        assert!(!absent.contains(Some("0")) && absent.contains(Some("256")));
        absent.clear();
        assert!(!absent.contains(Some("256")));
    }

    #[test]
    fn no_kid_and_an_empty_one_are_two_things() {
        let mut absent = Absent::default();
        absent.insert(None);
        assert!(absent.contains(None) && !absent.contains(Some("")));
    }
}
