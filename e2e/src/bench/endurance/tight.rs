//! One user's limit, held against what was admitted.

use std::fmt;
use std::time::Duration;

/// When a request was sent and when its answer was there; it was decided in between.
pub(super) type Span = (Duration, Duration);

/// What a limit of `quota` in a second with `burst` admitted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Admitted {
    count: usize,
    allowed: f64,
    /// The most by which the limit was exceeded in any stretch of time; less than 0 is room that was left.
    pub(super) excess: f64,
}

impl Admitted {
    /// Looks at every stretch of time that begins with a request and ends with an answer: what was both sent and answered in it was
    /// decided in it.
    pub(super) fn of(mut spans: Vec<Span>, (quota, burst): (u32, u32)) -> Self {
        spans.sort_unstable_by_key(|(_, answered)| *answered);
        let allowed = |time: Duration| f64::from(burst + 1) + f64::from(quota) * time.as_secs_f64();
        let mut excess = f64::NEG_INFINITY;
        for (begin, _) in &spans {
            let inside = spans.iter().filter(|(sent, _)| sent >= begin);
            for (before, (_, end)) in inside.enumerate() {
                excess = excess.max((before + 1) as f64 - allowed(end.saturating_sub(*begin)));
            }
        }
        let begin = spans.iter().map(|(sent, _)| *sent).min().unwrap_or_default();
        let end = spans.last().map(|(_, answered)| *answered).unwrap_or_default();
        Self { count: spans.len(), allowed: allowed(end.saturating_sub(begin)), excess }
    }
}

impl fmt::Display for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, allowed, excess } = self;
        write!(f, "{count} admitted of {allowed:.1}, at most {excess:+.2} beyond the quota in any stretch of time")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many requests at each of these milliseconds, answered one millisecond later.
    fn admitted(spans: &[(u64, usize)]) -> Admitted {
        let at = Duration::from_millis;
        let spans = spans.iter().flat_map(|(begin, count)| vec![(at(*begin), at(begin + 1)); *count]).collect();
        Admitted::of(spans, (10, 1))
    }

    #[test]
    fn a_burst_and_what_time_gives_back_is_within_the_limit() {
        assert!(admitted(&[(0, 2), (100, 1), (200, 1)]).excess <= 0.0);
    }

    #[test]
    fn one_too_many_at_any_time_is_found() {
        assert!(admitted(&[(0, 3)]).excess > 0.0);
        assert!(admitted(&[(0, 2), (5_000, 3)]).excess > 0.0);
        assert!(admitted(&[(0, 2), (100, 1), (150, 1)]).excess > 0.0);
    }
}
