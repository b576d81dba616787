//! What a service reports of a limit that it keeps.

use std::num::NonZeroU64;
use std::time::Duration;

use portcullis_quota::{Algorithm, Terms};
use portcullis_rls::{DescriptorStatus, RateLimit};

/// When to come back if the service does not say.
const SOON: Duration = Duration::from_secs(1);

/// As far as the service tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) terms: Option<Terms>,
    pub(crate) remaining: u64,
    pub(crate) until_reset: Option<Duration>,
}

impl Report {
    pub(crate) fn of(status: &DescriptorStatus) -> Self {
        let terms = status.current_limit.as_ref().and_then(terms);
        Self { terms, remaining: status.limit_remaining.into(), until_reset: status.until_reset }
    }

    /// How long whoever was refused has to wait.
    pub(crate) fn wait(&self) -> Duration {
        self.until_reset.or_else(|| self.terms.map(|terms| terms.window)).unwrap_or(SOON)
    }
}

/// Services count in windows of a unit.
fn terms(limit: &RateLimit) -> Option<Terms> {
    let quota = NonZeroU64::new(limit.requests_per_unit.into())?;
    let window = Duration::from_secs(limit.unit?.seconds());
    Some(Terms { algorithm: Algorithm::FixedWindow, quota, window, burst: 0 })
}

#[cfg(test)]
mod tests {
    use portcullis_rls::Unit;

    use super::*;

    fn report(unit: Option<Unit>, until_reset: Option<u64>) -> Report {
        let limit = RateLimit { requests_per_unit: 10, unit, name: String::new() };
        Report::of(&DescriptorStatus {
            current_limit: Some(limit),
            until_reset: until_reset.map(Duration::from_secs),
            ..DescriptorStatus::default()
        })
    }

    #[test]
    fn whoever_is_refused_waits_as_long_as_the_service_says_or_for_the_window() {
        assert_eq!(report(Some(Unit::Minute), Some(7)).wait(), Duration::from_secs(7));
        assert_eq!(report(Some(Unit::Minute), None).wait(), Duration::from_mins(1));
        assert_eq!(report(None, None).wait(), SOON);
    }

    #[test]
    fn a_limit_of_nothing_or_without_a_unit_has_no_terms() {
        assert_eq!(report(Some(Unit::Hour), None).terms.map(|terms| terms.quota.get()), Some(10));
        assert_eq!(report(None, None).terms, None);
        let nothing = DescriptorStatus { current_limit: Some(RateLimit::default()), ..DescriptorStatus::default() };
        assert_eq!(Report::of(&nothing).terms, None);
    }
}
