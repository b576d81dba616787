//! The service that keeps a limit.

use std::num::NonZeroU64;
use std::time::Duration;

use portcullis_config::ConfigError;
use portcullis_filter::GrpcService;
use portcullis_quota::Terms;
use portcullis_rls::MESSAGE_MAX;

use super::Descriptor;
use crate::charge::Charge;
use crate::config::{Algorithm, LimitConfig, OnFailure, OverLimit, Scope, ServiceConfig};

/// How long an answer may take, at least and at most.
const TIMEOUTS: [Duration; 2] = [Duration::from_millis(1), Duration::from_secs(10)];

/// The longest name of a cluster, an authority or a domain, and the longest key of an entry, in bytes.
const NAME_MAX: usize = 512;

/// The most entries of a descriptor.
const ENTRIES_MAX: usize = 16;

/// Who keeps a limit of scope `cluster`, and what it is asked.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) service: Service,
    pub(crate) descriptor: Descriptor,
    /// Whether the proxy counts by itself what the service does not answer.
    pub(crate) falls_back: bool,
}

/// Where a service is, and whose limits are asked for. Limits that agree in it are asked for together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) at: GrpcService,
    pub(crate) domain: String,
    pub(crate) timeout: Duration,
}

impl Cluster {
    pub(crate) fn new(config: &ServiceConfig, descriptor: Descriptor) -> Self {
        let largest = u32::try_from(MESSAGE_MAX).unwrap_or(u32::MAX);
        let service = Service {
            at: GrpcService::new(&config.cluster, config.authority.as_deref(), largest),
            domain: config.domain.clone(),
            timeout: config.timeout.get(),
        };
        Self { service, descriptor, falls_back: config.on_failure == OnFailure::Local }
    }
}

/// The terms of a limit that the proxy never counts: nobody asks for its accounts.
pub(crate) fn terms_elsewhere() -> Terms {
    Terms { algorithm: portcullis_quota::Algorithm::Gcra, quota: NonZeroU64::MIN, window: Duration::from_secs(1), burst: 0 }
}

/// Whether the proxy itself counts, always or when the service does not answer.
pub(crate) fn counts_here(config: &LimitConfig) -> bool {
    config.scope != Scope::Cluster || config.service.as_ref().is_some_and(|service| service.on_failure == OnFailure::Local)
}

/// What the scope does not go with.
pub(crate) fn check(config: &LimitConfig, request: &Charge) -> Result<(), ConfigError> {
    if config.scope != Scope::Cluster {
        return ConfigError::gather([
            wrong_if("service", config.service.is_some(), "only a limit of scope `cluster` has one"),
            wrong_if("descriptor", config.descriptor.is_some(), "only a limit of scope `cluster` has one"),
        ])
        .map(drop);
    }
    let here = "the service keeps the limit: this is for `on_failure: local`";
    let counts_here = counts_here(config);
    ConfigError::gather([
        config
            .service
            .as_ref()
            .map_or_else(|| missing("service"), |service| service.check().map_err(|error| error.within("service"))),
        entries(config),
        wrong_if("quota", config.quota.is_some() && !counts_here, here),
        wrong_if("window", config.window.is_some() && !counts_here, here),
        wrong_if("key", config.key.is_some() && !counts_here, here),
        wrong_if("algorithm", config.algorithm == Algorithm::Concurrency, "no service counts requests in flight"),
        wrong_if("over_limit.action", config.over_limit.action == OverLimit::Delay, "no service says how long to delay"),
        wrong_if("charge.request", matches!(request, Charge::Units(0)), "a service charges every request that it is asked about"),
    ])
    .map(drop)
}

impl ServiceConfig {
    fn check(&self) -> Result<(), ConfigError> {
        let [least, most] = TIMEOUTS;
        let authority = self.authority.as_deref().unwrap_or("-");
        let timeout = self.timeout.get();
        ConfigError::gather([
            name("cluster", &self.cluster),
            name("authority", authority),
            wrong_if("authority", !authority.bytes().all(|byte| byte.is_ascii_graphic()), "a header cannot hold it"),
            name("domain", &self.domain),
            wrong_if("timeout", !(least..=most).contains(&timeout), "expected `1ms` to `10s`"),
        ])
        .map(drop)
    }
}

fn entries(config: &LimitConfig) -> Result<(), ConfigError> {
    let Some(entries) = &config.descriptor else { return missing("descriptor") };
    if entries.iter().count() > ENTRIES_MAX {
        return Err(ConfigError::at("descriptor", format_args!("expected at most {ENTRIES_MAX} entries")));
    }
    let keys = entries.iter().enumerate().map(|(number, entry)| name(&format!("descriptor[{number}].key"), &entry.key));
    ConfigError::gather(keys).map(drop)
}

fn name(field: &str, name: &str) -> Result<(), ConfigError> {
    if (1..=NAME_MAX).contains(&name.len()) {
        return Ok(());
    }
    Err(ConfigError::at(field, format_args!("expected a name of up to {NAME_MAX} bytes")))
}

fn missing(field: &str) -> Result<(), ConfigError> {
    Err(ConfigError::at("", format_args!("missing field `{field}`")))
}

fn wrong_if(field: &str, wrong: bool, why: &str) -> Result<(), ConfigError> {
    if wrong { Err(ConfigError::at(field, why)) } else { Ok(()) }
}
