//! Counters of policies: as many as the configuration names, whatever clients send.

use std::cell::RefCell;
use std::collections::BTreeMap;

use portcullis_config::ConfigError;
use portcullis_filter::{Log, Metric, MetricKind, Metrics, metric_segment};

use crate::policy::Policy;

/// What a policy did about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// It allowed it.
    Allowed,
    /// It denied it.
    Denied,
    /// It had it recorded.
    Logged,
    /// It would have allowed or denied it.
    Shadow,
    /// Its condition could not be evaluated.
    Error,
}

impl Effect {
    const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Logged => "logged",
            Self::Shadow => "shadow",
            Self::Error => "error",
        }
    }
}

/// `portcullis.policies.<instance>.<policy>.<effect>`, each defined when it first counts.
#[derive(Debug)]
pub(crate) struct Counters {
    instance: String,
    policies: RefCell<BTreeMap<(usize, Effect), Metric>>,
    errors: Metric,
}

impl Counters {
    pub(crate) fn new(instance: &str, policies: &[Policy]) -> Result<Self, ConfigError> {
        let mut names: BTreeMap<String, &Policy> = BTreeMap::new();
        let distinct = policies.iter().map(|policy| match names.insert(metric_segment(&policy.name), policy) {
            None => Ok(()),
            Some(earlier) => {
                let message = format!("`{}` is written the same in metrics: `{}`", earlier.name, metric_segment(&policy.name));
                Err(ConfigError::at("name", message).within_index(policy.number).within("policies"))
            }
        });
        ConfigError::gather(distinct)?;
        Ok(Self {
            instance: instance.to_owned(),
            policies: RefCell::default(),
            errors: Metric::new(MetricKind::Counter, format!("portcullis.evaluation_errors.{instance}")),
        })
    }

    /// Counts what `policy` did; an error also among all errors.
    pub(crate) fn count<H: Log + Metrics + ?Sized>(&self, host: &H, policy: &Policy, effect: Effect) {
        let name = || format!("portcullis.policies.{}.{}.{}", self.instance, metric_segment(&policy.name), effect.name());
        let mut policies = self.policies.borrow_mut();
        let metric = policies.entry((policy.number, effect)).or_insert_with(|| Metric::new(MetricKind::Counter, name()));
        metric.add(host, 1);
        if effect == Effect::Error {
            self.errors.add(host, 1);
        }
    }
}
