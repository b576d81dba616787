//! A limit: its terms, and the algorithm that keeps them.

use std::fmt::{self, Display};
use std::num::NonZeroU64;
use std::time::Duration;

use crate::fixed_window::FixedWindow;
use crate::gcra::Gcra;
use crate::ring::Ring;
use crate::state::WORD;
use crate::{Receipt, Spend, Standing, State, Verdict};

/// The most units that a quota or a burst may have: the largest integer of a structured field (RFC 9651 section 3.3.1).
pub const UNITS_MAX: u64 = 999_999_999_999_999;

/// How units are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// A bucket that leaks `quota` units in each `window`, evenly, and holds `burst + 1`: in any time `t` at most
    /// `burst + 1 + quota · t / window` units (the generic cell rate algorithm; nginx's `limit_req … burst=… nodelay`).
    #[default]
    Gcra,
    /// At most `quota + burst` units in any `window`, wherever it begins. Each unit comes back after `window` and at most an eighth
    /// of it more.
    SlidingWindow,
    /// At most `quota + burst` units in each `window` counted from the epoch; twice that around the end of one.
    FixedWindow,
    /// At most `quota + burst` units at once. Each is a lease: given back with its receipt, or by itself after `window` and at most
    /// an eighth of it more.
    Concurrency,
}

/// What a limit promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How units are counted.
    pub algorithm: Algorithm,
    /// The units of each window.
    pub quota: NonZeroU64,
    /// The window, or the length of a lease.
    pub window: Duration,
    /// The units that may come at once beyond that.
    pub burst: u64,
}

/// Terms that no limit can keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidTerms {
    /// A window of no time.
    NoWindow,
    /// A window of more than 64 bits of nanoseconds: 584 years.
    WindowTooLong,
    /// More units than this, the burst included.
    TooManyUnits(u64),
}

/// A limit, for any number of keys: it holds none of their state.
#[derive(Debug, Clone, Copy)]
pub struct Limit(Kind);

#[derive(Debug, Clone, Copy)]
enum Kind {
    Gcra(Gcra),
    FixedWindow(FixedWindow),
    Ring(Ring),
}

/// What counts units.
pub(crate) trait Meter {
    fn words(&self) -> usize;
    fn capacity(&self) -> u64;
    fn spend(&self, state: State, spend: Spend) -> Verdict;
    fn charge(&self, state: State, cost: u64, now: u64) -> State;
    fn refund(&self, state: State, receipt: &Receipt, now: u64) -> State;
    fn standing(&self, state: State, now: u64) -> Standing;
    fn is_idle(&self, state: State, now: u64) -> bool;
    fn rebased(&self, state: State, now: u64) -> Option<State>;
}

impl Limit {
    /// The limit that keeps `terms`.
    ///
    /// # Errors
    /// When they have no window, or more units than can be counted.
    pub fn new(terms: &Terms) -> Result<Self, InvalidTerms> {
        Ok(Self(match terms.algorithm {
            Algorithm::Gcra => Kind::Gcra(Gcra::new(terms)?),
            Algorithm::FixedWindow => Kind::FixedWindow(FixedWindow::new(terms)?),
            // A lease is a unit that can be given back before it leaves by itself.
            Algorithm::SlidingWindow | Algorithm::Concurrency => Kind::Ring(Ring::new(terms)?),
        }))
    }

    /// The most units that can ever be spent at once.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        self.meter().capacity()
    }

    /// Asks for units: all of them, or none. Whoever asks for nothing asks whether there is a unit left.
    #[must_use]
    pub fn spend(&self, state: State, spend: Spend) -> Verdict {
        self.meter().spend(state, spend)
    }

    /// Takes units whether they are there or not: a debt is paid back before anything is admitted.
    #[must_use]
    pub fn charge(&self, state: State, cost: u64, now: u64) -> State {
        self.meter().charge(state, cost, now)
    }

    /// Gives back what was spent: never more than is left of it, so that nobody gains by it.
    #[must_use]
    pub fn refund(&self, state: State, receipt: &Receipt, now: u64) -> State {
        self.meter().refund(state, receipt, now)
    }

    /// What is left.
    #[must_use]
    pub fn standing(&self, state: State, now: u64) -> Standing {
        self.meter().standing(state, now)
    }

    /// Whether a key with this state is as one that was never seen: it may be forgotten, and nobody gains by it.
    #[must_use]
    pub fn is_idle(&self, state: State, now: u64) -> bool {
        self.meter().is_idle(state, now)
    }

    /// The state as time goes on from here, where the clock was set back: it has to be kept, also where nothing is admitted, or time
    /// stands still until the clock has caught up.
    #[must_use]
    pub fn rebased(&self, state: State, now: u64) -> Option<State> {
        self.meter().rebased(state, now)
    }

    /// How much of a state has to be kept, in bytes.
    #[must_use]
    pub fn state_size(&self) -> usize {
        self.words() * WORD
    }

    pub(crate) fn words(&self) -> usize {
        self.meter().words()
    }

    fn meter(&self) -> &dyn Meter {
        match &self.0 {
            Kind::Gcra(meter) => meter,
            Kind::FixedWindow(meter) => meter,
            Kind::Ring(meter) => meter,
        }
    }
}

impl Terms {
    /// The window in nanoseconds.
    pub(crate) fn window(&self) -> Result<NonZeroU64, InvalidTerms> {
        let nanos = u64::try_from(self.window.as_nanos()).map_err(|_| InvalidTerms::WindowTooLong)?;
        NonZeroU64::new(nanos).ok_or(InvalidTerms::NoWindow)
    }

    /// Quota and burst together, if they are at most `max`.
    pub(crate) fn units(&self, max: u64) -> Result<u64, InvalidTerms> {
        let units = self.quota.get().checked_add(self.burst).filter(|units| *units <= max);
        units.ok_or(InvalidTerms::TooManyUnits(max))
    }
}

impl Display for InvalidTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWindow => f.write_str("expected a window longer than no time at all"),
            Self::WindowTooLong => f.write_str("expected a window of at most 584 years"),
            Self::TooManyUnits(max) => write!(f, "expected at most {max} units, the burst included"),
        }
    }
}

impl std::error::Error for InvalidTerms {}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(quota: u64, window: Duration, algorithm: Algorithm) -> Result<Limit, InvalidTerms> {
        Limit::new(&Terms { algorithm, quota: NonZeroU64::new(quota).unwrap(), window, burst: 0 })
    }

    #[test]
    fn terms_that_cannot_be_kept_are_refused() {
        let second = Duration::from_secs(1);
        assert_eq!(limit(1, Duration::ZERO, Algorithm::Gcra).unwrap_err(), InvalidTerms::NoWindow);
        assert_eq!(limit(1, Duration::MAX, Algorithm::FixedWindow).unwrap_err(), InvalidTerms::WindowTooLong);
        assert!(limit(UNITS_MAX, second, Algorithm::FixedWindow).is_ok());
        assert_eq!(limit(UNITS_MAX + 1, second, Algorithm::FixedWindow).unwrap_err(), InvalidTerms::TooManyUnits(UNITS_MAX));
        let many = u64::from(u32::MAX);
        assert!(limit(many, second, Algorithm::Concurrency).is_ok());
        assert_eq!(limit(many + 1, second, Algorithm::SlidingWindow).unwrap_err(), InvalidTerms::TooManyUnits(many));
        assert!(limit(u64::MAX, second, Algorithm::Gcra).is_err());
    }

    #[test]
    fn a_state_takes_no_more_than_its_algorithm_needs() {
        let size = |algorithm| limit(1, Duration::from_secs(1), algorithm).unwrap().state_size();
        assert_eq!([Algorithm::Gcra, Algorithm::FixedWindow, Algorithm::SlidingWindow].map(size), [24, 16, 48]);
    }
}
