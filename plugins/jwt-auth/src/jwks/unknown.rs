//! The `kid`s that no key set had, and since when they are asked for.

use std::collections::BTreeMap;

use portcullis_filter::Timestamp;
use sha2::{Digest as _, Sha256};

/// How many are remembered; beyond, the one that came first is forgotten, and a token of it causes a fetch again.
const MAX_REMEMBERED: usize = 256;

/// A `kid`, hashed: they are as long as strangers make them, and nobody can find another one that is taken for it.
type Fingerprint = [u8; 16];

/// When a token of each first came, to any worker as far as this one has heard. A set that was asked for after that, and lacks
/// the key, says that the provider does not have it.
#[derive(Debug, Default)]
pub(super) struct UnknownKeys {
    first_seen: BTreeMap<Fingerprint, Timestamp>,
    /// Whether the other workers have not heard of one of them.
    pub(super) untold: bool,
}

impl UnknownKeys {
    /// When a token of this `kid` first came; this one came at `asked`.
    pub(super) fn first_seen(&mut self, kid: Option<&str>, asked: Timestamp, now: Timestamp) -> Timestamp {
        // Seen in the future: the clock went back.
        self.first_seen.retain(|_, seen| *seen <= now);
        let fingerprint = fingerprint(kid);
        let seen = self.first_seen.get(&fingerprint).copied();
        if seen.is_some_and(|seen| seen <= asked) {
            return seen.unwrap_or(asked);
        }
        self.first_seen.insert(fingerprint, asked);
        self.untold = true;
        self.forget_the_oldest();
        asked
    }

    /// Adds what another worker wrote by [`Self::to_bytes`]; whether it saw one of ours before we did.
    pub(super) fn learn(&mut self, told: &[u8], now: Timestamp) -> bool {
        let mut earlier = false;
        for (fingerprint, seen) in
            told.chunks_exact(ENTRY).take(MAX_REMEMBERED).filter_map(entry).filter(|(_, seen)| *seen <= now)
        {
            let ours = self.first_seen.entry(fingerprint).or_insert(seen);
            earlier |= seen < *ours;
            *ours = seen.min(*ours);
        }
        self.forget_the_oldest();
        earlier
    }

    /// For the other workers.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.first_seen
            .iter()
            .flat_map(|(fingerprint, seen)| [&fingerprint[..], &seen.as_nanos().to_le_bytes()].concat())
            .collect()
    }

    fn forget_the_oldest(&mut self) {
        while self.first_seen.len() > MAX_REMEMBERED {
            let oldest = self.first_seen.iter().min_by_key(|(_, seen)| **seen).map(|(fingerprint, _)| *fingerprint);
            oldest.and_then(|fingerprint| self.first_seen.remove(&fingerprint));
        }
    }
}

/// The bytes of one entry: a fingerprint, then nanoseconds since the epoch.
const ENTRY: usize = size_of::<Fingerprint>() + size_of::<u64>();

fn entry(bytes: &[u8]) -> Option<(Fingerprint, Timestamp)> {
    Some((*bytes.first_chunk()?, Timestamp::from_nanos(u64::from_le_bytes(*bytes.last_chunk()?))))
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

    fn at(second: u64) -> Timestamp {
        Timestamp::from_secs(second)
    }

    fn seen(kids: &[(&str, u64)]) -> UnknownKeys {
        let mut unknown = UnknownKeys::default();
        for (kid, second) in kids {
            unknown.first_seen(Some(kid), at(*second), at(*second));
        }
        unknown
    }

    #[test]
    fn the_first_time_counts() {
        let mut unknown = seen(&[("a", 5), ("a", 9)]);
        assert_eq!(unknown.first_seen(Some("a"), at(10), at(10)), at(5));
        assert_eq!(unknown.first_seen(Some("a"), at(4), at(10)), at(4));
    }

    #[test]
    fn remembers_a_bounded_number_and_forgets_what_came_first() {
        let mut unknown = UnknownKeys::default();
        for second in 0..=256 {
            unknown.first_seen(Some(&second.to_string()), at(second), at(second));
        }
        assert_eq!(unknown.first_seen.len(), MAX_REMEMBERED);
        assert_eq!(unknown.first_seen(Some("1"), at(999), at(999)), at(1));
        assert_eq!(unknown.first_seen(Some("0"), at(999), at(999)), at(999));
    }

    #[test]
    fn no_kid_and_an_empty_one_are_two_things() {
        let mut unknown = UnknownKeys::default();
        unknown.first_seen(None, at(1), at(1));
        assert_eq!(unknown.first_seen(Some(""), at(2), at(2)), at(2));
        assert_eq!(unknown.first_seen(None, at(2), at(2)), at(1));
    }

    #[test]
    fn learns_from_another_worker_what_came_there_before() {
        let mut unknown = seen(&[("a", 5)]);
        assert!(!unknown.learn(&seen(&[("a", 5), ("b", 1)]).to_bytes(), at(9)), "nothing about ours");
        assert_eq!(unknown.first_seen(Some("b"), at(9), at(9)), at(1));
        assert!(unknown.learn(&seen(&[("a", 4)]).to_bytes(), at(9)));
        assert!(!unknown.learn(&seen(&[("a", 6)]).to_bytes(), at(9)));
        assert_eq!(unknown.first_seen(Some("a"), at(9), at(9)), at(4));
    }

    #[test]
    fn a_clock_that_goes_back_leaves_nothing_of_the_future() {
        let mut unknown = seen(&[("a", 500)]);
        assert_eq!(unknown.first_seen(Some("b"), at(5), at(5)), at(5));
        assert_eq!(unknown.first_seen.len(), 1);
        unknown.learn(&seen(&[("a", 500)]).to_bytes(), at(6));
        assert_eq!(unknown.first_seen.len(), 1);
    }

    #[test]
    fn garbage_is_bounded_like_everything_else() {
        let mut unknown = UnknownKeys::default();
        unknown.learn(b"too short", at(9));
        let many: Vec<u8> = (0..300_u64).flat_map(|index| [[0; 8], index.to_le_bytes(), [0; 8]].concat()).collect();
        unknown.learn(&many, at(9));
        assert!(unknown.first_seen.len() <= MAX_REMEMBERED);
    }
}
