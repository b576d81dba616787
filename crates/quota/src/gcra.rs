//! The generic cell rate algorithm, as a bucket that leaks.
//!
//! Levels are in units times nanoseconds of the window: a unit weighs `window`, and `quota` leaks in each nanosecond. So a rate of
//! three a second is exact, which no whole number of nanoseconds between two units would be.

use std::num::NonZeroU64;
use std::time::Duration;

use crate::instant::follow;
use crate::limit::{InvalidTerms, Meter, Terms, UNITS_MAX};
use crate::state::{narrow, wide};
use crate::{Admission, Receipt, Refusal, Spend, Standing, State, Verdict};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Gcra {
    quota: NonZeroU64,
    window: NonZeroU64,
    burst: u64,
}

/// What is in the bucket of one key, and since when.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    last: u64,
    level: u128,
}

impl Gcra {
    pub(crate) fn new(terms: &Terms) -> Result<Self, InvalidTerms> {
        // One less than the most, for the unit that comes with every burst.
        terms.units(UNITS_MAX - 1)?;
        Ok(Self { quota: terms.quota, window: terms.window()?, burst: terms.burst })
    }
}

impl Meter for Gcra {
    fn words(&self) -> usize {
        3
    }

    fn capacity(&self) -> u64 {
        self.burst.saturating_add(1)
    }

    fn spend(&self, state: State, Spend { cost, now, patience }: Spend) -> Verdict {
        let before = self.at(state, now);
        let refused = |retry_after| Verdict::Refused(Refusal { retry_after, standing: self.standing_of(before, now) });
        if cost > self.capacity() {
            return refused(None);
        }
        let asked = Bucket { level: before.level.saturating_add(self.weight(cost.max(1))), ..before };
        let wait = self.until(asked, self.weight(self.capacity()), now);
        if wait > patience {
            return refused(Some(wait));
        }
        let after = Bucket { level: before.level.saturating_add(self.weight(cost)), ..before };
        Verdict::Admitted(Admission {
            state: after.into(),
            receipt: Receipt { cost, at: before.last },
            wait,
            standing: self.standing_of(after, now),
        })
    }

    fn charge(&self, state: State, cost: u64, now: u64) -> State {
        let before = self.at(state, now);
        Bucket { level: before.level.saturating_add(self.weight(cost)), ..before }.into()
    }

    /// What has leaked since then may be just these units: an empty bucket leaks nothing. They are not given back.
    fn refund(&self, state: State, receipt: &Receipt, now: u64) -> State {
        let bucket = self.at(state, now);
        // Where the clock was set back in between, nobody can tell what has leaked.
        let left =
            bucket.last.checked_sub(receipt.at).map_or(0, |nanos| self.weight(receipt.cost).saturating_sub(self.leaked(nanos)));
        Bucket { level: bucket.level.saturating_sub(left), ..bucket }.into()
    }

    fn standing(&self, state: State, now: u64) -> Standing {
        self.standing_of(self.at(state, now), now)
    }

    fn is_idle(&self, state: State, now: u64) -> bool {
        self.at(state, now).level == 0
    }

    fn rebased(&self, state: State, now: u64) -> Option<State> {
        let bucket = self.at(state, now);
        (bucket.last < Bucket::from(state).last).then(|| bucket.into())
    }
}

impl Gcra {
    fn at(&self, state: State, now: u64) -> Bucket {
        let before = Bucket::from(state);
        let last = follow(before.last, now);
        let leaked = self.leaked(last.saturating_sub(before.last));
        Bucket { last, level: before.level.saturating_sub(leaked) }
    }

    fn standing_of(&self, bucket: Bucket, now: u64) -> Standing {
        let free = self.weight(self.capacity()).saturating_sub(bucket.level);
        let remaining = u64::try_from(free / u128::from(self.window.get())).unwrap_or(u64::MAX);
        let next = self.weight(self.capacity()).saturating_sub(self.weight(remaining.saturating_add(1)));
        let more_in = (bucket.level > 0).then(|| self.until(bucket, next, now));
        Standing { remaining, more_in }
    }

    /// How long from `now` until no more than `level` is left.
    fn until(&self, bucket: Bucket, level: u128, now: u64) -> Duration {
        let over = bucket.level.saturating_sub(level);
        if over == 0 {
            return Duration::ZERO;
        }
        let leaking = over.div_ceil(u128::from(self.quota.get()));
        let standing_still = bucket.last.saturating_sub(now);
        Duration::from_nanos(u64::try_from(leaking).unwrap_or(u64::MAX).saturating_add(standing_still))
    }

    const fn weight(&self, units: u64) -> u128 {
        (units as u128) * (self.window.get() as u128)
    }

    const fn leaked(&self, nanos: u64) -> u128 {
        (nanos as u128) * (self.quota.get() as u128)
    }
}

impl From<State> for Bucket {
    fn from(State([last, low, high, ..]): State) -> Self {
        Self { last, level: wide(low, high) }
    }
}

impl From<Bucket> for State {
    fn from(Bucket { last, level }: Bucket) -> Self {
        let (low, high) = narrow(level);
        Self([last, low, high, 0, 0, 0])
    }
}
