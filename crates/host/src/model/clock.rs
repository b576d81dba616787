//! The virtual clock.

use std::time::Duration;

use portcullis_filter::Timestamp;

/// Time since the proxy started; timers run on it, whatever happens to the wall clock.
pub(crate) type Instant = Duration;

/// A wall clock that only moves when told to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// What the wall clock showed at the start, had it never jumped since; nanoseconds, possibly before the epoch.
    base: i128,
    elapsed: Instant,
}

impl Clock {
    pub(crate) fn starting_at(now: Timestamp) -> Self {
        Self { base: now.as_nanos().into(), elapsed: Duration::ZERO }
    }

    pub(crate) fn now(self) -> Timestamp {
        Timestamp::from_nanos(u64::try_from((self.base + nanos(self.elapsed)).max(0)).unwrap_or(u64::MAX))
    }

    pub(crate) fn elapsed(self) -> Instant {
        self.elapsed
    }

    /// Moves to `elapsed`, never back.
    pub(crate) fn reach(&mut self, elapsed: Instant) {
        self.elapsed = self.elapsed.max(elapsed);
    }

    /// Lets the wall clock jump; timers do not notice.
    pub(crate) fn jump(&mut self, now: Timestamp) {
        self.base = i128::from(now.as_nanos()) - nanos(self.elapsed);
    }
}

fn nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX / 2)
}
