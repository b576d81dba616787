//! The numbers of a bench, for people and for machines.

use std::fmt;

use serde_json::{Value, json};

use super::{Cost, Samples};

/// Several measurements of one quantity, in µs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spread {
    /// Half of them are below.
    pub median: f64,
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

impl Spread {
    pub(super) fn of(samples: impl Iterator<Item = f64>) -> Self {
        let mut samples: Vec<_> = samples.collect();
        samples.sort_by(f64::total_cmp);
        let middle = samples.len() / 2;
        let upper = samples.get(middle).copied().unwrap_or_default();
        let lower = if samples.len().is_multiple_of(2) { samples.get(middle.saturating_sub(1)) } else { None };
        Self {
            median: lower.map_or(upper, |lower| f64::midpoint(*lower, upper)),
            low: samples.first().copied().unwrap_or_default(),
            high: samples.last().copied().unwrap_or_default(),
        }
    }

    pub(super) fn to_json(self) -> Value {
        json!({ "median": rounded(self.median), "low": rounded(self.low), "high": rounded(self.high) })
    }
}

pub(super) fn rounded(micros: f64) -> f64 {
    (micros * 100.0).round() / 100.0
}

/// The cost in µs that another one can be divided by: less is lost in the noise.
const LEAST: f64 = 0.5;

/// One variant.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What each of its filters adds to a request in the worker thread.
    pub added: Spread,
    /// The same in the whole process: with compilation, statistics, timers.
    pub added_process: Spread,
    /// What its requests cost without filters, in the worker thread.
    pub baseline: Spread,
    /// The line of a chart that it is a point of, and where that stands on the other axis.
    pub point: Option<(String, f64)>,
    /// The bytes of a body that it judges.
    pub bytes: usize,
    /// The variant it is compared with, and `added` divided by that one's, by their medians.
    pub ratio: Option<(String, f64)>,
}

/// All variants.
#[derive(Debug, Clone)]
pub struct Report {
    /// In the order of the variants.
    pub rows: Vec<Row>,
}

impl Report {
    pub(super) fn new<'a>(samples: impl Iterator<Item = &'a Samples<'a>>) -> Self {
        let samples: Vec<_> = samples.collect();
        let mut rows: Vec<_> = samples.iter().map(|samples| row(samples)).collect();
        let medians: Vec<_> = rows.iter().map(|row| (row.name.clone(), row.added.median)).collect();
        for (row, samples) in rows.iter_mut().zip(&samples) {
            let peer = medians.iter().find(|(name, _)| Some(name) == samples.variant.peer.as_ref());
            row.ratio = peer.filter(|(_, added)| *added >= LEAST).map(|(name, added)| (name.clone(), row.added.median / added));
        }
        Self { rows }
    }

    /// For a file that is compared from release to release.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let row = |row: &Row| {
            json!({
                "name": row.name,
                "added_us": row.added.to_json(),
                "added_process_us": row.added_process.to_json(),
                "baseline_us": row.baseline.to_json(),
                "mb_per_second": row.throughput().map(rounded),
                "peer": row.ratio.as_ref().map(|(name, _)| name),
                "ratio": row.ratio.as_ref().map(|(_, ratio)| rounded(*ratio)),
            })
        };
        json!({ "rows": self.rows.iter().map(row).collect::<Value>() })
    }
}

fn row(samples: &Samples<'_>) -> Row {
    let copies = f64::from(samples.variant.copies.max(1));
    let added = |of: fn(&Cost) -> f64| Spread::of(samples.pairs.iter().map(|(base, cost)| (of(cost) - of(base)) / copies));
    Row {
        name: samples.variant.name.clone(),
        added: added(|cost| cost.worker),
        added_process: added(|cost| cost.process),
        baseline: Spread::of(samples.pairs.iter().map(|(base, _)| base.worker)),
        point: samples.variant.point.clone(),
        bytes: samples.variant.bytes,
        ratio: None,
    }
}

impl Row {
    /// The MB that go through a second of added worker time, where bodies are judged.
    #[must_use]
    pub fn throughput(&self) -> Option<f64> {
        (self.bytes > 0).then(|| self.bytes as f64 / self.added.median)
    }
}

/// A table in Markdown.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let judges = self.rows.iter().any(|row| row.bytes > 0);
        let [head, rule] = if judges { [" MB/s |", "---:|"] } else { ["", ""] };
        writeln!(f, "| variant | added µs (worker) | lowest–highest | added µs (process) | without filters |{head} ratio |")?;
        writeln!(f, "|---|---:|---:|---:|---:|{rule}---|")?;
        for row @ Row { name, added, added_process, baseline, ratio, .. } in &self.rows {
            let ratio = ratio.as_ref().map(|(peer, ratio)| format!("{ratio:.2} × {peer}")).unwrap_or_default();
            let (process, baseline) = (added_process.median, baseline.median);
            write!(f, "| {name} | {:.1} | {:.1}–{:.1} ", added.median, added.low, added.high)?;
            write!(f, "| {process:.1} | {baseline:.1} |")?;
            if judges {
                write!(f, " {} |", row.throughput().map(|rate| format!("{rate:.0}")).unwrap_or_default())?;
            }
            writeln!(f, " {ratio} |")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
