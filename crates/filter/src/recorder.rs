//! Where decisions go: a counter always, a log line within bounds.

use std::cell::{Cell, RefCell};
use std::num::NonZeroU32;

use crate::{Clock, Decision, Log, LogLevel, MetricId, MetricKind, Metrics, Outcome, Reason};

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
    counters: RefCell<Vec<(Outcome, Reason, MetricId)>>,
    dropped: Cell<Option<MetricId>>,
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
        Self { options, counters: RefCell::default(), dropped: Cell::default(), budgets: Default::default() }
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
        if !self.writes(decision.outcome) {
            return;
        }
        let now = host.now();
        if self.spend(decision.outcome, now.as_secs()) {
            host.log(decision.level(), &decision.to_json(&self.options.instance, now));
        } else {
            self.count_dropped(host);
        }
    }

    fn count<H: Log + Metrics + ?Sized>(&self, host: &H, outcome: Outcome, reason: Reason) {
        let known = self.counters.borrow().iter().find(|(o, r, _)| (*o, *r) == (outcome, reason)).map(|(_, _, id)| *id);
        let counter = known.or_else(|| {
            let name = format!("portcullis.decisions.{}.{}.{reason}", self.options.instance, outcome.name());
            let id = define(host, &name)?;
            self.counters.borrow_mut().push((outcome, reason, id));
            Some(id)
        });
        increment(host, counter);
    }

    fn count_dropped<H: Log + Metrics + ?Sized>(&self, host: &H) {
        if self.dropped.get().is_none() {
            self.dropped.set(define(host, &format!("portcullis.records_dropped.{}", self.options.instance)));
        }
        increment(host, self.dropped.get());
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

fn define<H: Log + Metrics + ?Sized>(host: &H, name: &str) -> Option<MetricId> {
    match host.define_metric(MetricKind::Counter, name) {
        Ok(id) => Some(id),
        Err(error) => {
            host.log(LogLevel::Debug, &format!("metric {name} is not counted: {error}"));
            None
        }
    }
}

/// A metric that the host refuses must not decide about a request.
fn increment<H: Metrics + ?Sized>(host: &H, metric: Option<MetricId>) {
    if let Some(metric) = metric {
        let _ = host.increment_metric(metric, 1);
    }
}

#[cfg(test)]
mod tests;
