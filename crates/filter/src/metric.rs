//! A metric that is defined when it is first used, once: a second definition of the same name would get another id.

use std::cell::OnceCell;

use crate::{Log, LogLevel, MetricId, MetricKind, Metrics};

/// A counter, a gauge or a histogram. One that the host refuses is not kept: it must not decide about a request.
#[derive(Debug)]
pub struct Metric {
    kind: MetricKind,
    name: String,
    id: OnceCell<Option<MetricId>>,
}

impl Metric {
    /// Not defined yet.
    #[must_use]
    pub fn new(kind: MetricKind, name: String) -> Self {
        Self { kind, name, id: OnceCell::new() }
    }

    /// Adds `offset` to a counter or a gauge.
    pub fn add<H: Log + Metrics + ?Sized>(&self, host: &H, offset: i64) {
        if let Some(id) = self.id(host) {
            let _ = host.increment_metric(id, offset);
        }
    }

    /// Sets a gauge, or records a value in a histogram.
    pub fn record<H: Log + Metrics + ?Sized>(&self, host: &H, value: u64) {
        if let Some(id) = self.id(host) {
            let _ = host.record_metric(id, value);
        }
    }

    fn id<H: Log + Metrics + ?Sized>(&self, host: &H) -> Option<MetricId> {
        *self.id.get_or_init(|| match host.define_metric(self.kind, &self.name) {
            Ok(id) => Some(id),
            Err(error) => {
                host.log(LogLevel::Debug, &format!("metric {} is not kept: {error}", self.name));
                None
            }
        })
    }
}

/// `name` as a segment of a metric's name: lower-case letters, digits and `_`.
#[must_use]
pub fn metric_segment(name: &str) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '_' };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_has_small_letters_and_digits_and_nothing_that_parts_it() {
        assert_eq!(metric_segment("Per-User.v2 \u{e9}"), "per_user_v2__");
    }
}
