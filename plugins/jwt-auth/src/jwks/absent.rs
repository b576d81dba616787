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
