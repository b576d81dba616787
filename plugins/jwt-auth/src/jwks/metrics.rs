//! What an operator sees of a provider's keys.

use std::cell::{Cell, OnceCell};

use portcullis_filter::{Log, LogLevel, MetricId, MetricKind, Metrics};

/// The metrics `portcullis.jwks.<instance>.<provider>.<what>`; each is defined when it is first used.
#[derive(Debug)]
pub(super) struct KeyMetrics {
    prefix: String,
    fetch_ok: OnceCell<Option<MetricId>>,
    fetch_failed: OnceCell<Option<MetricId>>,
    age: OnceCell<Option<MetricId>>,
    waiting: OnceCell<Option<MetricId>>,
    /// How many requests waited when it was last told.
    reported: Cell<usize>,
}

impl KeyMetrics {
    pub(super) fn new(instance: &str, provider: &str) -> Self {
        let segment = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let provider: String = provider.chars().map(segment).collect();
        Self {
            prefix: format!("portcullis.jwks.{instance}.{provider}"),
            fetch_ok: OnceCell::new(),
            fetch_failed: OnceCell::new(),
            age: OnceCell::new(),
            waiting: OnceCell::new(),
            reported: Cell::new(0),
        }
    }

    /// A fetch has ended.
    pub(super) fn fetched<H: Log + Metrics + ?Sized>(&self, host: &H, ok: bool) {
        let (cell, what) = if ok { (&self.fetch_ok, "fetch_ok") } else { (&self.fetch_failed, "fetch_failed") };
        if let Some(id) = self.define(host, cell, MetricKind::Counter, what) {
            let _ = host.increment_metric(id, 1);
        }
    }

    /// How old the keys are, in seconds; each worker writes the same gauge.
    pub(super) fn age<H: Log + Metrics + ?Sized>(&self, host: &H, seconds: u64) {
        if let Some(id) = self.define(host, &self.age, MetricKind::Gauge, "age_seconds") {
            let _ = host.record_metric(id, seconds);
        }
    }

    /// How many requests wait in this VM; the gauge is the sum over all workers.
    pub(super) fn waiting<H: Log + Metrics + ?Sized>(&self, host: &H, count: usize) {
        let before = self.reported.replace(count);
        if count != before
            && let Some(id) = self.define(host, &self.waiting, MetricKind::Gauge, "waiting")
        {
            let change = i64::try_from(count).unwrap_or_default() - i64::try_from(before).unwrap_or_default();
            let _ = host.increment_metric(id, change);
        }
    }

    fn define<H: Log + Metrics + ?Sized>(
        &self,
        host: &H,
        cell: &OnceCell<Option<MetricId>>,
        kind: MetricKind,
        what: &str,
    ) -> Option<MetricId> {
        *cell.get_or_init(|| match host.define_metric(kind, &format!("{}.{what}", self.prefix)) {
            Ok(id) => Some(id),
            Err(error) => {
                host.log(LogLevel::Debug, &format!("metric {}.{what} is not kept: {error}", self.prefix));
                None
            }
        })
    }
}
