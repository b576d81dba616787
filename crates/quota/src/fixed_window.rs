//! Windows counted from the epoch, each with a quota of its own.

use std::num::NonZeroU64;
use std::time::Duration;

use crate::instant::follow;
use crate::limit::{InvalidTerms, Meter, Terms, UNITS_MAX};
use crate::{Admission, Receipt, Refusal, Spend, Standing, State, Verdict};

#[derive(Debug, Clone, Copy)]
pub(crate) struct FixedWindow {
    capacity: u64,
    window: NonZeroU64,
}

/// What was spent in the window that begins at `start`.
#[derive(Debug, Clone, Copy)]
struct Count {
    start: u64,
    spent: u64,
}

impl FixedWindow {
    pub(crate) fn new(terms: &Terms) -> Result<Self, InvalidTerms> {
        Ok(Self { capacity: terms.units(UNITS_MAX)?, window: terms.window()? })
    }
}

impl Meter for FixedWindow {
    fn words(&self) -> usize {
        2
    }

    fn capacity(&self) -> u64 {
        self.capacity
    }

    fn spend(&self, state: State, Spend { cost, now, .. }: Spend) -> Verdict {
        let Count { start, spent } = self.at(state, now);
        let standing = |spent| self.standing_of(Count { start, spent }, now);
        if spent.saturating_add(cost.max(1)) > self.capacity {
            let retry_after = (cost <= self.capacity).then(|| self.rest(start, now));
            return Verdict::Refused(Refusal { retry_after, standing: standing(spent) });
        }
        Verdict::Admitted(Admission {
            state: Count { start, spent: spent + cost }.into(),
            receipt: Receipt { cost, at: start },
            wait: Duration::ZERO,
            standing: standing(spent + cost),
        })
    }

    fn charge(&self, state: State, cost: u64, now: u64) -> State {
        let Count { start, spent } = self.at(state, now);
        Count { start, spent: spent.saturating_add(cost) }.into()
    }

    fn refund(&self, state: State, receipt: &Receipt, now: u64) -> State {
        let Count { start, spent } = self.at(state, now);
        let left = if start == receipt.at { receipt.cost } else { 0 };
        Count { start, spent: spent.saturating_sub(left) }.into()
    }

    fn standing(&self, state: State, now: u64) -> Standing {
        self.standing_of(self.at(state, now), now)
    }

    fn is_idle(&self, state: State, now: u64) -> bool {
        self.at(state, now).spent == 0
    }

    fn rebased(&self, state: State, now: u64) -> Option<State> {
        let count = self.at(state, now);
        (count.start < Count::from(state).start).then(|| count.into())
    }
}

impl FixedWindow {
    /// A clock that was set back takes along what was spent.
    fn at(&self, state: State, now: u64) -> Count {
        let before = Count::from(state);
        let now = follow(before.start, now);
        let start = now - now % self.window;
        Count { start, spent: if start > before.start { 0 } else { before.spent } }
    }

    fn standing_of(&self, Count { start, spent }: Count, now: u64) -> Standing {
        let more_in = (spent > 0).then(|| self.rest(start, now));
        Standing { remaining: self.capacity.saturating_sub(spent), more_in }
    }

    /// How long from `now` until the window that begins at `start` is over.
    const fn rest(&self, start: u64, now: u64) -> Duration {
        Duration::from_nanos(start.saturating_add(self.window.get()).saturating_sub(now))
    }
}

impl From<State> for Count {
    fn from(State([start, spent, ..]): State) -> Self {
        Self { start, spent }
    }
}

impl From<Count> for State {
    fn from(Count { start, spent }: Count) -> Self {
        Self([start, spent, 0, 0, 0, 0])
    }
}
