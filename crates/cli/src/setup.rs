//! What a plugin may ask for while it is configured, on a machine that is no proxy.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use portcullis_filter::{
    Clock, Environment, HashFunction, HostCrypto, HostError, Log, LogLevel, MetricId, MetricKind, Metrics, Timestamp, Verdict,
};

/// Stands for what an unset variable holds in the proxy. It is a key set as well as a header's value: whatever a variable is for.
const STAND_IN: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"V-QRmhSJWT0Y1Yc3LnypxZeJcwwPqktx7ahM2xvdaHg","y":"Tp9Yj6gh6v5Fk9LZKfzCyglx6JL8YY5wO5xpkIdsJhI"}]}"#;

/// The command line as a host. Variables come from its own environment where they are set.
#[derive(Debug, Default)]
pub(crate) struct CommandLine {
    asked: RefCell<BTreeSet<String>>,
    unset: RefCell<BTreeSet<String>>,
}

impl CommandLine {
    /// The variables that were asked for.
    pub(crate) fn asked(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }

    /// The variables that were asked for and are not set.
    pub(crate) fn unset(&self) -> BTreeSet<String> {
        self.unset.borrow().clone()
    }
}

impl Environment for CommandLine {
    fn variable(&self, name: &str) -> Option<String> {
        self.asked.borrow_mut().insert(name.to_owned());
        match std::env::var(name) {
            Ok(value) => Some(value),
            Err(std::env::VarError::NotUnicode(_)) => None,
            Err(std::env::VarError::NotPresent) => {
                self.unset.borrow_mut().insert(name.to_owned());
                Some(STAND_IN.to_owned())
            }
        }
    }
}

impl Clock for CommandLine {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
    }
}

impl HostCrypto for CommandLine {
    fn verify_signature(&self, _: HashFunction, _: &[u8], _: &[u8], _: &[u8]) -> Verdict {
        Verdict::Unavailable
    }
}

impl Log for CommandLine {
    fn log(&self, _: LogLevel, _: &str) {}
}

impl Metrics for CommandLine {
    fn define_metric(&self, _: MetricKind, _: &str) -> Result<MetricId, HostError> {
        Ok(MetricId(0))
    }

    fn increment_metric(&self, _: MetricId, _: i64) -> Result<(), HostError> {
        Ok(())
    }

    fn record_metric(&self, _: MetricId, _: u64) -> Result<(), HostError> {
        Ok(())
    }
}
