//! When keys were fetched and when they may be fetched again: what all workers of a proxy agree on.

use std::time::Duration;

use portcullis_filter::Timestamp;
use serde::{Deserialize, Serialize};

use super::options::Pacing;

/// SHA-256 of a key set as it was fetched.
pub(super) type Digest = [u8; 32];

/// The state of one provider's fetches. Instants are nanoseconds since the epoch; 0 is never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ledger {
    /// How many fetches have succeeded.
    pub(super) successes: u64,
    /// The set of the last one.
    pub(super) digest: Digest,
    /// When the last one was asked for: a key that it lacks, the provider did not have then.
    began: u64,
    /// When it was answered.
    fetched: u64,
    /// When it is to be repeated.
    refresh: u64,
    /// When its keys stop being fresh.
    expires: u64,
    /// How many attempts have failed since.
    failures: u32,
    /// No attempt before this.
    not_before: u64,
    /// When a token of an unknown key last caused a fetch.
    demanded: u64,
    /// Until when whoever fetches now has the sole right to.
    leased: u64,
}

/// A fetch that succeeded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Success {
    pub(super) began: Timestamp,
    pub(super) fetched: Timestamp,
    pub(super) digest: Digest,
    pub(super) lifetime: Duration,
}

impl Ledger {
    /// Nothing fetched yet, and nothing to fetch before `instant`.
    pub(super) fn starting_at(instant: Timestamp) -> Self {
        Self { not_before: instant.as_nanos(), ..Self::default() }
    }

    pub(super) fn began(&self) -> Timestamp {
        Timestamp::from_nanos(self.began)
    }

    pub(super) fn fetched(&self) -> Timestamp {
        Timestamp::from_nanos(self.fetched)
    }

    /// Until when the keys may be used.
    pub(super) fn usable_until(&self, pacing: &Pacing) -> Timestamp {
        Timestamp::from_nanos(self.expires).saturating_add(pacing.max_stale)
    }

    /// The ledger of whoever fetches now; `None` while there is no reason to, or somebody else does.
    pub(super) fn claim(&self, now: Timestamp, demand: bool, pacing: &Pacing) -> Option<Self> {
        let demanded = demand && !self.throttles(now, pacing);
        if self.is_leased(now, pacing) || self.backs_off(now, pacing) || !(demanded || self.is_due(now)) {
            return None;
        }
        let demanded = if demanded { now.as_nanos() } else { self.demanded };
        Some(Self { leased: now.saturating_add(lease(pacing)).as_nanos(), demanded, ..*self })
    }

    /// `chance` (0 to 1) spreads the refreshes of many proxies over a tenth of the lifetime.
    pub(super) fn succeeded(&self, success: &Success, chance: f64) -> Option<Self> {
        let began = success.began.as_nanos();
        if self.is_superseded(success.began, success.fetched) {
            return None;
        }
        let refresh = success.fetched.saturating_add(success.lifetime.mul_f64(0.8 - 0.1 * chance));
        Some(Self {
            successes: self.successes.wrapping_add(1),
            digest: success.digest,
            began,
            fetched: success.fetched.as_nanos(),
            refresh: refresh.as_nanos(),
            expires: success.fetched.saturating_add(success.lifetime).as_nanos(),
            failures: 0,
            not_before: 0,
            demanded: self.demanded,
            leased: 0,
        })
    }

    /// The attempt that began at `began` has failed: others may try, after a pause.
    pub(super) fn failed(&self, began: Timestamp, now: Timestamp, pacing: &Pacing, chance: f64) -> Option<Self> {
        if self.is_superseded(began, now) {
            return None;
        }
        let failures = self.failures.saturating_add(1);
        let not_before = now.saturating_add(pause(failures, pacing, chance)).as_nanos();
        // The pause takes the place of the throttle: a demanded fetch that failed is still wanted.
        Some(Self { failures, not_before, demanded: 0, leased: 0, ..*self })
    }

    fn is_due(&self, now: Timestamp) -> bool {
        // Fetched in the future: the clock went back, and nobody knows how old the keys are.
        self.successes == 0 || self.refresh <= now.as_nanos() || self.fetched > now.as_nanos()
    }

    /// Whether a later fetch than the one of `began` has succeeded, by a clock that has not been set back since.
    fn is_superseded(&self, began: Timestamp, now: Timestamp) -> bool {
        began.as_nanos() < self.began && self.began <= now.as_nanos()
    }

    fn is_leased(&self, now: Timestamp, pacing: &Pacing) -> bool {
        is_within(self.leased, now, lease(pacing))
    }

    fn backs_off(&self, now: Timestamp, pacing: &Pacing) -> bool {
        is_within(self.not_before, now, pacing.refetch_interval.max(pacing.retry_max))
    }

    fn throttles(&self, now: Timestamp, pacing: &Pacing) -> bool {
        let demanded = Timestamp::from_nanos(self.demanded);
        is_within(demanded.saturating_add(pacing.refetch_interval).as_nanos(), now, pacing.refetch_interval)
    }
}

/// Somewhat longer than an attempt, so that a worker that died does not block the others for good.
fn lease(pacing: &Pacing) -> Duration {
    pacing.attempt.saturating_add(Duration::from_secs(1))
}

/// Whether `until` is ahead, and not further than the clock can have been set back since.
fn is_within(until: u64, now: Timestamp, longest: Duration) -> bool {
    now.as_nanos() < until && until <= now.saturating_add(longest).as_nanos()
}

/// Exponential, half of it by chance; after the last retry as long as between refetches.
fn pause(failures: u32, pacing: &Pacing, chance: f64) -> Duration {
    if failures >= pacing.retry_attempts {
        return pacing.refetch_interval;
    }
    let doubled = pacing.retry_base.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
    doubled.min(pacing.retry_max).mul_f64(0.5 + 0.5 * chance)
}

#[cfg(test)]
mod tests;
