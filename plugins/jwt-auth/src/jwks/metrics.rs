//! What an operator sees of a provider's keys.

use std::cell::Cell;

use portcullis_filter::{Log, Metric, MetricKind, Metrics};

/// The metrics `portcullis.jwks.<instance>.<provider>.<what>`.
#[derive(Debug)]
pub(super) struct KeyMetrics {
    fetch_ok: Metric,
    fetch_failed: Metric,
    age: Metric,
    waiting: Metric,
    /// How many requests waited when it was last told.
    reported: Cell<usize>,
}

impl KeyMetrics {
    pub(super) fn new(instance: &str, provider: &str) -> Self {
        let segment = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let provider: String = provider.chars().map(segment).collect();
        let metric = |kind, what: &str| Metric::new(kind, format!("portcullis.jwks.{instance}.{provider}.{what}"));
        Self {
            fetch_ok: metric(MetricKind::Counter, "fetch_ok"),
            fetch_failed: metric(MetricKind::Counter, "fetch_failed"),
            age: metric(MetricKind::Gauge, "age_seconds"),
            waiting: metric(MetricKind::Gauge, "waiting"),
            reported: Cell::new(0),
        }
    }

    /// A fetch has ended.
    pub(super) fn fetched<H: Log + Metrics + ?Sized>(&self, host: &H, ok: bool) {
        if ok { &self.fetch_ok } else { &self.fetch_failed }.add(host, 1);
    }

    /// How old the keys are, in seconds; each worker writes the same gauge.
    pub(super) fn age<H: Log + Metrics + ?Sized>(&self, host: &H, seconds: u64) {
        self.age.record(host, seconds);
    }

    /// How many requests wait in this VM; the gauge is the sum over all workers.
    pub(super) fn waiting<H: Log + Metrics + ?Sized>(&self, host: &H, count: usize) {
        let before = self.reported.replace(count);
        if count != before {
            self.waiting.add(host, i64::try_from(count).unwrap_or_default() - i64::try_from(before).unwrap_or_default());
        }
    }
}
