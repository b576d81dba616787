//! A ring of counts: what was spent in the eighth of a window that is running, and in each of the eight before.
//!
//! The running eighth and the eight before it hold the whole window that ends now, and at most an eighth of it more. So what they
//! hold is never less than what was spent in the window, and each unit leaves them within a window and an eighth.

use std::num::NonZeroU64;
use std::time::Duration;

use crate::instant::JITTER;
use crate::limit::{InvalidTerms, Meter, Terms};
use crate::{Admission, Receipt, Refusal, Spend, Standing, State, Verdict};

/// So many counts make a window.
const PARTS: u64 = 8;

/// The one that is running, and those.
const COUNTS: usize = 9;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Ring {
    capacity: u32,
    /// How long each count runs: at least an eighth of the window.
    width: NonZeroU64,
}

/// The counts of one key, the running one first.
#[derive(Debug, Clone, Copy)]
struct Counts {
    /// The number of the one that is running, counted from the epoch.
    number: u64,
    spent: [u32; COUNTS],
}

impl Ring {
    pub(crate) fn new(terms: &Terms) -> Result<Self, InvalidTerms> {
        let units = terms.units(u32::MAX.into())?;
        let width = terms.window()?.get().div_ceil(PARTS);
        Ok(Self {
            capacity: u32::try_from(units).unwrap_or(u32::MAX),
            width: NonZeroU64::new(width).ok_or(InvalidTerms::NoWindow)?,
        })
    }
}

impl Meter for Ring {
    fn words(&self) -> usize {
        6
    }

    fn capacity(&self) -> u64 {
        self.capacity as u64
    }

    fn spend(&self, state: State, Spend { cost, now, .. }: Spend) -> Verdict {
        let before = self.at(state, now);
        let short = before.sum().saturating_add(cost.max(1)).saturating_sub(self.capacity());
        if short > 0 {
            let retry_after = (cost <= self.capacity()).then(|| self.until_free(&before, short, now)).flatten();
            return Verdict::Refused(Refusal { retry_after, standing: self.standing_of(&before, now) });
        }
        let after = before.charged(cost);
        Verdict::Admitted(Admission {
            state: after.into(),
            receipt: Receipt { cost, at: after.number },
            wait: Duration::ZERO,
            standing: self.standing_of(&after, now),
        })
    }

    fn charge(&self, state: State, cost: u64, now: u64) -> State {
        self.at(state, now).charged(cost).into()
    }

    /// A count that is older than the ring has left it, and one of a number that is still to come is of a clock that was set back.
    fn refund(&self, state: State, receipt: &Receipt, now: u64) -> State {
        let mut counts = self.at(state, now);
        let age = counts.number.checked_sub(receipt.at).and_then(|age| usize::try_from(age).ok());
        if let Some(count) = age.and_then(|age| counts.spent.get_mut(age)) {
            *count = count.saturating_sub(saturated(receipt.cost));
        }
        counts.into()
    }

    fn standing(&self, state: State, now: u64) -> Standing {
        self.standing_of(&self.at(state, now), now)
    }

    fn is_idle(&self, state: State, now: u64) -> bool {
        self.at(state, now).sum() == 0
    }

    fn rebased(&self, state: State, now: u64) -> Option<State> {
        let counts = self.at(state, now);
        (counts.number < Counts::from(state).number).then(|| counts.into())
    }
}

impl Ring {
    /// A clock that was set back takes along what was spent.
    fn at(&self, state: State, now: u64) -> Counts {
        let before = Counts::from(state);
        let number = now / self.width;
        if number < before.number {
            let behind = before.number.saturating_mul(self.width.get()).saturating_sub(now);
            return if behind <= JITTER { before } else { Counts { number, ..before } };
        }
        let gone = usize::try_from(number - before.number).unwrap_or(COUNTS).min(COUNTS);
        let mut spent = [0; COUNTS];
        spent.iter_mut().skip(gone).zip(before.spent).for_each(|(count, kept)| *count = kept);
        Counts { number, spent }
    }

    fn standing_of(&self, counts: &Counts, now: u64) -> Standing {
        let debt = counts.sum().saturating_sub(self.capacity());
        Standing { remaining: self.capacity().saturating_sub(counts.sum()), more_in: self.until_free(counts, debt + 1, now) }
    }

    /// How long from `now` until `units` have left the ring, the oldest first; `None` where there are not so many.
    fn until_free(&self, counts: &Counts, units: u64, now: u64) -> Option<Duration> {
        let mut free = 0;
        for (count, parts) in counts.spent.into_iter().rev().zip(1..) {
            free += u64::from(count);
            if free >= units {
                let number = counts.number.saturating_add(parts);
                return Some(Duration::from_nanos(number.saturating_mul(self.width.get()).saturating_sub(now)));
            }
        }
        None
    }
}

impl Counts {
    fn sum(&self) -> u64 {
        self.spent.iter().copied().map(u64::from).sum()
    }

    fn charged(mut self, cost: u64) -> Self {
        let [running, ..] = &mut self.spent;
        *running = running.saturating_add(saturated(cost));
        self
    }
}

/// More than any quota, and so as good as `units`.
fn saturated(units: u64) -> u32 {
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// Two counts to a word, the younger one below.
impl From<State> for Counts {
    fn from(State([number, words @ ..]): State) -> Self {
        let mut spent = [0; COUNTS];
        let halves = words.iter().flat_map(|word| [word & u64::from(u32::MAX), word >> u32::BITS]);
        spent.iter_mut().zip(halves).for_each(|(count, half)| *count = saturated(half));
        Self { number, spent }
    }
}

impl From<Counts> for State {
    fn from(Counts { number, spent }: Counts) -> Self {
        let [a, b, c, d, e, f, g, h, i] = spent.map(u64::from);
        let word = |young: u64, old: u64| old << u32::BITS | young;
        Self([number, word(a, b), word(c, d), word(e, f), word(g, h), i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_kept_in_their_order() {
        let counts = Counts { number: 7, spent: [1, 2, 3, 4, u32::MAX, 6, 7, 8, 9] };
        let again = Counts::from(State::from(counts));
        assert_eq!((again.number, again.spent), (counts.number, counts.spent));
    }
}
