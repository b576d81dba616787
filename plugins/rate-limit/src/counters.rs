//! Counters of limits: as many as the configuration names, whatever clients send.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use portcullis_config::ConfigError;
use portcullis_filter::{Log, Metric, MetricKind, Metrics, metric_segment};

use crate::limit::Limit;

/// What a limit did about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// The request was charged to it.
    Admitted,
    /// It had it refused.
    Refused,
    /// It had it wait.
    Delayed,
    /// It would have had it refused.
    WouldRefuse,
    /// The request lacked its key.
    MissingKey,
    /// Other workers were faster again and again.
    Contended,
    /// There was no place for the key.
    Overflow,
    /// The service that keeps it did not answer.
    Unavailable,
    /// One of its expressions could not be evaluated.
    Error,
    /// How many keys have a place: a gauge.
    Keys,
}

impl Effect {
    const fn name(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Refused => "refused",
            Self::Delayed => "delayed",
            Self::WouldRefuse => "would_refuse",
            Self::MissingKey => "missing_key",
            Self::Contended => "contended",
            Self::Overflow => "overflow",
            Self::Unavailable => "unavailable",
            Self::Error => "error",
            Self::Keys => "keys",
        }
    }

    const fn kind(self) -> MetricKind {
        match self {
            Self::Keys => MetricKind::Gauge,
            _ => MetricKind::Counter,
        }
    }
}

/// `portcullis.limits.<instance>.<limit>.<effect>`, each defined when it first counts.
#[derive(Debug)]
pub(crate) struct Counters {
    instance: String,
    limits: RefCell<BTreeMap<(usize, Effect), Metric>>,
    errors: Metric,
}

impl Counters {
    pub(crate) fn new(instance: &str, limits: &[Rc<Limit>]) -> Result<Self, ConfigError> {
        let mut names: BTreeMap<String, &Limit> = BTreeMap::new();
        let distinct = limits.iter().map(|limit| match names.insert(metric_segment(&limit.name), limit) {
            None => Ok(()),
            Some(earlier) if earlier.name == limit.name => {
                Err(at(limit, format!("`limits[{}]` has the same name", earlier.number)))
            }
            Some(earlier) => {
                Err(at(limit, format!("`{}` is written the same in metrics: `{}`", earlier.name, metric_segment(&limit.name))))
            }
        });
        ConfigError::gather(distinct)?;
        Ok(Self {
            instance: instance.to_owned(),
            limits: RefCell::default(),
            errors: Metric::new(MetricKind::Counter, format!("portcullis.evaluation_errors.{instance}")),
        })
    }

    /// Counts what `limit` did; an error also among all errors.
    pub(crate) fn count<H: Log + Metrics + ?Sized>(&self, host: &H, limit: &Limit, effect: Effect) {
        self.add(host, limit, effect, 1);
        if effect == Effect::Error {
            self.errors.add(host, 1);
        }
    }

    /// Notes that `limit` has so many keys more, or less.
    pub(crate) fn note_keys<H: Log + Metrics + ?Sized>(&self, host: &H, limit: &Limit, more: i64) {
        if more != 0 {
            self.add(host, limit, Effect::Keys, more);
        }
    }

    fn add<H: Log + Metrics + ?Sized>(&self, host: &H, limit: &Limit, effect: Effect, more: i64) {
        let name = || format!("portcullis.limits.{}.{}.{}", self.instance, metric_segment(&limit.name), effect.name());
        let mut limits = self.limits.borrow_mut();
        limits.entry((limit.number, effect)).or_insert_with(|| Metric::new(effect.kind(), name())).add(host, more);
    }
}

fn at(limit: &Limit, message: String) -> ConfigError {
    ConfigError::at("name", message).within_index(limit.number).within("limits")
}
