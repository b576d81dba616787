//! Where decisions go: a counter always, a log line within bounds.

use std::cell::{Cell, RefCell};
use std::num::NonZeroU32;

use crate::{Clock, Decision, Log, Metric, MetricKind, Metrics, Outcome, Reason};

/// What the operator wants recorded.
#[derive(Debug, Clone)]
pub struct RecorderOptions {
    /// The plugin's name in metrics and records.
    pub instance: String,
    /// Whether allowed requests get a record too.
    pub allowed: bool,
    /// How many records of each outcome a second each worker writes; `None` for no bound. Counters are never bounded.
    pub max_per_second: Option<NonZeroU32>,
}

/// Counts every decision and writes its record.
#[derive(Debug)]
pub struct Recorder {
    options: RecorderOptions,
    // A handful of pairs: (outcome, reason) comes from the code, never from traffic.
    counters: RefCell<Vec<(Outcome, Reason, Metric)>>,
    dropped: Metric,
    // By outcome: what any client can cause does not drive out the rest.
    budgets: [Cell<Budget>; 3],
}

#[derive(Debug, Clone, Copy, Default)]
struct Budget {
    second: u64,
    spent: u32,
}

impl Recorder {
    /// Without a decision yet.
    #[must_use]
    pub fn new(options: RecorderOptions) -> Self {
        let dropped = Metric::new(MetricKind::Counter, format!("portcullis.records_dropped.{}", options.instance));
        Self { options, counters: RefCell::default(), dropped, budgets: Default::default() }
    }

    /// The plugin's name in metrics and records.
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.options.instance
    }

    /// Whether decisions of this outcome get a record: what only a record needs can be left out otherwise.
    #[must_use]
    pub fn writes(&self, outcome: Outcome) -> bool {
        outcome != Outcome::Allowed || self.options.allowed
    }

    /// Counts `decision` as `portcullis.decisions.<instance>.<outcome>.<reason>` and writes its record if it is due.
    pub fn record<H: Clock + Log + Metrics + ?Sized>(&self, host: &H, decision: &Decision<'_>) {
        self.count(host, decision.outcome, decision.reason);
        if self.writes(decision.outcome) {
            self.write(host, decision);
        }
    }

    /// Counts `decision` and writes its record, of an allowed request too; only the bound of records keeps one back.
    pub fn record_always<H: Clock + Log + Metrics + ?Sized>(&self, host: &H, decision: &Decision<'_>) {
        self.count(host, decision.outcome, decision.reason);
        self.write(host, decision);
    }

    fn write<H: Clock + Log + Metrics + ?Sized>(&self, host: &H, decision: &Decision<'_>) {
        let now = host.now();
        if self.spend(decision.outcome, now.as_secs()) {
            host.log(decision.level(), &decision.to_json(&self.options.instance, now));
        } else {
            self.dropped.add(host, 1);
        }
    }

    fn count<H: Log + Metrics + ?Sized>(&self, host: &H, outcome: Outcome, reason: Reason) {
        let mut counters = self.counters.borrow_mut();
        if let Some((_, _, counter)) = counters.iter().find(|(o, r, _)| (*o, *r) == (outcome, reason)) {
            return counter.add(host, 1);
        }
        let name = format!("portcullis.decisions.{}.{}.{reason}", self.options.instance, outcome.name());
        let counter = Metric::new(MetricKind::Counter, name);
        counter.add(host, 1);
        counters.push((outcome, reason, counter));
    }

    fn spend(&self, outcome: Outcome, second: u64) -> bool {
        let Some(max) = self.options.max_per_second else { return true };
        let Some(purse) = self.budgets.get(outcome as usize) else { return false };
        let mut budget = purse.get();
        if budget.second != second {
            budget = Budget { second, spent: 0 };
        }
        let granted = budget.spent < max.get();
        budget.spent += u32::from(granted);
        purse.set(budget);
        granted
    }
}

#[cfg(test)]
mod tests;
