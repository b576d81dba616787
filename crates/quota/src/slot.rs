//! A slot: the states of the few keys that share one value of a store.

use std::fmt::{self, Display};

use crate::state::WORD;
use crate::{Limit, State};

/// So many keys share a slot. With half of all places taken, one newcomer in twenty finds its slot full; with a quarter, one in nine
/// hundred.
pub const WAYS: usize = 8;

/// The keys of one slot, each by its fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slot(Vec<(u64, State)>);

/// Every place is taken by a key that is not idle: to forget one would give somebody a fresh quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Slot {
    /// The slot that a store gives back for `limit`; what is cut off at its end is no entry.
    #[must_use]
    pub fn parse(bytes: &[u8], limit: &Limit) -> Self {
        let entry = |bytes: &[u8]| {
            let (fingerprint, state) = bytes.split_first_chunk::<WORD>()?;
            Some((u64::from_le_bytes(*fingerprint), State::read(state)))
        };
        Self(bytes.chunks_exact(WORD + limit.state_size()).take(WAYS).filter_map(entry).collect())
    }

    /// What a store has to keep.
    #[must_use]
    pub fn to_bytes(&self, limit: &Limit) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * (WORD + limit.state_size()));
        for (fingerprint, state) in &self.0 {
            bytes.extend_from_slice(&fingerprint.to_le_bytes());
            state.write(limit.words(), &mut bytes);
        }
        bytes
    }

    /// The state of a key; that of one which was never seen where it is not here.
    #[must_use]
    pub fn state(&self, fingerprint: u64) -> State {
        self.0.iter().find(|(known, _)| *known == fingerprint).map(|(_, state)| *state).unwrap_or_default()
    }

    /// Whether a key that wants to be kept here could be.
    #[must_use]
    pub fn has_room(&self, fingerprint: u64, limit: &Limit, now: u64) -> bool {
        self.0.len() < WAYS || self.0.iter().any(|(known, kept)| *known == fingerprint || limit.is_idle(*kept, now))
    }

    /// Keeps `state` for a key. Whoever is idle is forgotten, and nobody else ever is.
    ///
    /// # Errors
    /// When there is no place for a new key.
    pub fn keep(&mut self, fingerprint: u64, state: State, limit: &Limit, now: u64) -> Result<(), Full> {
        self.0.retain(|(known, kept)| *known != fingerprint && !limit.is_idle(*kept, now));
        if limit.is_idle(state, now) {
            return Ok(());
        }
        if self.0.len() >= WAYS {
            return Err(Full);
        }
        self.0.push((fingerprint, state));
        Ok(())
    }

    /// How many keys are here.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no key is here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("every place of the slot is taken")
    }
}

impl std::error::Error for Full {}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;
    use std::time::Duration;

    use super::*;
    use crate::{Algorithm, Terms};

    const SECOND: u64 = 1_000_000_000;

    fn one_a_second() -> Limit {
        let terms = Terms { algorithm: Algorithm::Gcra, quota: NonZeroU64::MIN, window: Duration::from_secs(1), burst: 9 };
        Limit::new(&terms).unwrap()
    }

    /// A slot in which the keys 0, 1, … have spent 1, 2, … units at `now`.
    fn full(limit: &Limit, now: u64) -> Slot {
        let mut slot = Slot::default();
        for key in 0..WAYS as u64 {
            slot.keep(key, limit.charge(State::default(), key + 1, now), limit, now).unwrap();
        }
        slot
    }

    #[test]
    fn what_was_kept_comes_back_from_a_store() {
        let limit = one_a_second();
        let slot = full(&limit, SECOND);
        let bytes = slot.to_bytes(&limit);
        assert_eq!(bytes.len(), WAYS * 32);
        assert_eq!(Slot::parse(&bytes, &limit), slot);
        assert_eq!(Slot::parse(&bytes[..bytes.len() - 1], &limit).len(), WAYS - 1);
        assert_eq!(Slot::parse(&bytes.repeat(2), &limit).len(), WAYS);
    }

    #[test]
    fn only_an_idle_key_makes_room() {
        let limit = one_a_second();
        let mut slot = full(&limit, SECOND);
        let newcomer = limit.charge(State::default(), 1, 2 * SECOND - 1);
        assert_eq!(slot.clone().keep(99, newcomer, &limit, 2 * SECOND - 1), Err(Full));
        assert_eq!(slot.keep(99, newcomer, &limit, 2 * SECOND), Ok(()));
        assert_eq!((slot.state(0), slot.len()), (State::default(), WAYS));
        assert!((1..WAYS as u64).all(|key| slot.state(key) != State::default()));
    }

    #[test]
    fn a_key_that_has_its_place_keeps_it_in_a_full_slot() {
        let limit = one_a_second();
        let mut slot = full(&limit, SECOND);
        let more = limit.charge(slot.state(3), 1, SECOND);
        assert_eq!(slot.keep(3, more, &limit, SECOND), Ok(()));
        assert_eq!((slot.state(3), slot.len()), (more, WAYS));
    }

    #[test]
    fn a_key_that_becomes_idle_leaves() {
        let limit = one_a_second();
        let mut slot = full(&limit, SECOND);
        slot.keep(3, State::default(), &limit, SECOND).unwrap();
        assert_eq!(slot.len(), WAYS - 1);
    }
}
