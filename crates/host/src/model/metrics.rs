//! Counters, gauges and histograms: one value per name, many ids for it.

use std::collections::BTreeMap;

use portcullis_filter::MetricKind;

use super::Status;

/// The values, by the name that the plugin gave.
#[derive(Debug, Default)]
pub(crate) struct Metrics(BTreeMap<String, i64>);

impl Metrics {
    pub(crate) fn values(&self) -> BTreeMap<String, i64> {
        self.0.clone()
    }

    fn value(&mut self, name: &str) -> &mut i64 {
        self.0.entry(name.to_owned()).or_default()
    }
}

/// The metrics that one VM defined.
#[derive(Debug, Default)]
pub(crate) struct MetricIds {
    defined: BTreeMap<u32, (MetricKind, String)>,
    next: [u32; 3],
}

impl MetricIds {
    /// A new id, also for a name that has one.
    pub(crate) fn define(&mut self, metrics: &mut Metrics, kind: MetricKind, name: &str) -> u32 {
        // As in Envoy: the kind is in the lowest two bits, each kind counts for itself.
        let (slot, bits) = match kind {
            MetricKind::Counter => (&mut self.next[0], 0),
            MetricKind::Gauge => (&mut self.next[1], 1),
            MetricKind::Histogram => (&mut self.next[2], 2),
        };
        *slot += 1;
        let id = *slot * 4 + bits;
        metrics.value(name);
        self.defined.insert(id, (kind, name.to_owned()));
        id
    }

    pub(crate) fn increment(&self, metrics: &mut Metrics, id: u32, offset: i64) -> Result<(), Status> {
        match self.find(id)? {
            (MetricKind::Histogram, _) => Err(Status::BadArgument),
            (MetricKind::Counter, _) if offset <= 0 => Err(Status::BadArgument),
            (_, name) => add(metrics, name, offset),
        }
    }

    /// Sets a gauge, adds to a counter; of a histogram only the number of records is kept.
    pub(crate) fn record(&self, metrics: &mut Metrics, id: u32, value: u64) -> Result<(), Status> {
        let amount = i64::try_from(value).unwrap_or(i64::MAX);
        match self.find(id)? {
            (MetricKind::Counter, name) => add(metrics, name, amount),
            (MetricKind::Histogram, name) => add(metrics, name, 1),
            (MetricKind::Gauge, name) => {
                *metrics.value(name) = amount;
                Ok(())
            }
        }
    }

    pub(crate) fn get(&self, metrics: &Metrics, id: u32) -> Result<u64, Status> {
        match self.find(id)? {
            (MetricKind::Histogram, _) => Err(Status::BadArgument),
            (_, name) => Ok(metrics.0.get(name).copied().unwrap_or_default().cast_unsigned()),
        }
    }

    fn find(&self, id: u32) -> Result<(MetricKind, &str), Status> {
        self.defined.get(&id).map(|(kind, name)| (*kind, name.as_str())).ok_or(Status::NotFound)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the result of every arm that calls it")]
fn add(metrics: &mut Metrics, name: &str, amount: i64) -> Result<(), Status> {
    let value = metrics.value(name);
    *value = value.wrapping_add(amount);
    Ok(())
}
