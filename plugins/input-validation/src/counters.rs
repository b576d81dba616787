//! Counters of rules: as many as the configuration names, whatever clients send.

use std::cell::RefCell;
use std::collections::BTreeMap;

use portcullis_config::ConfigError;
use portcullis_filter::{Log, Metric, MetricKind, Metrics, metric_segment};
use portcullis_signatures::Signature;

use crate::rule::Rule;
use crate::violation::{Code, Violation};

/// What a rule came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// The request was what it must be.
    Passed,
    /// It was not.
    Refused,
    /// It was not, and the rule is only tried out.
    Shadow,
}

impl Effect {
    const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Refused => "refused",
            Self::Shadow => "shadow",
        }
    }
}

/// `portcullis.rules.<instance>.<rule>.<effect>`, `portcullis.redactions.<instance>.<kind>` and `portcullis.signatures.<instance>.<signature>.<blocked|detected>`, each defined when it first counts.
#[derive(Debug)]
pub(crate) struct Counters {
    instance: String,
    rules: RefCell<BTreeMap<(usize, Effect), Metric>>,
    signatures: RefCell<BTreeMap<(Signature, bool), Metric>>,
    redactions: RefCell<BTreeMap<String, Metric>>,
}

impl Counters {
    pub(crate) fn new(instance: &str, rules: &[Rule]) -> Result<Self, ConfigError> {
        let mut names: BTreeMap<String, &Rule> = BTreeMap::new();
        let distinct = rules.iter().map(|rule| match names.insert(metric_segment(&rule.name), rule) {
            None => Ok(()),
            Some(earlier) => {
                let message = format!("`{}` is written the same in metrics: `{}`", earlier.name, metric_segment(&rule.name));
                Err(ConfigError::at("name", message).within_index(rule.number).within("rules"))
            }
        });
        ConfigError::gather(distinct)?;
        Ok(Self {
            instance: instance.to_owned(),
            rules: RefCell::default(),
            signatures: RefCell::default(),
            redactions: RefCell::default(),
        })
    }

    /// Counts a violation that is a signature.
    pub(crate) fn signature<H: Log + Metrics + ?Sized>(&self, host: &H, violation: &Violation, blocked: bool) {
        let Code::Signature(signature) = violation.code else { return };
        let effect = if blocked { "blocked" } else { "detected" };
        let name = || format!("portcullis.signatures.{}.{}.{effect}", self.instance, signature.name());
        let mut signatures = self.signatures.borrow_mut();
        signatures.entry((signature, blocked)).or_insert_with(|| Metric::new(MetricKind::Counter, name())).add(host, 1);
    }

    /// Counts what was taken out of an answer.
    pub(crate) fn redacted<H: Log + Metrics + ?Sized>(&self, host: &H, kind: &str, count: u64) {
        let name = || format!("portcullis.redactions.{}.{kind}", self.instance);
        let mut redactions = self.redactions.borrow_mut();
        let metric = redactions.entry(kind.to_owned()).or_insert_with(|| Metric::new(MetricKind::Counter, name()));
        metric.add(host, i64::try_from(count).unwrap_or(i64::MAX));
    }

    pub(crate) fn count<H: Log + Metrics + ?Sized>(&self, host: &H, rule: &Rule, effect: Effect) {
        let name = || format!("portcullis.rules.{}.{}.{}", self.instance, metric_segment(&rule.name), effect.name());
        let mut rules = self.rules.borrow_mut();
        rules.entry((rule.number, effect)).or_insert_with(|| Metric::new(MetricKind::Counter, name())).add(host, 1);
    }
}
