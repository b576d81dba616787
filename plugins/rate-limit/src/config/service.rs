//! What a limit of scope `cluster` says of the service that keeps it.

use std::time::Duration as Time;

use portcullis_config::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A service that speaks Envoy's protocol for rate limits (`envoy.service.ratelimit.v3`), over gRPC.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceConfig {
    /// The cluster of the proxy that leads to it. It has to speak HTTP/2.
    pub cluster: String,
    /// The authority of the calls. Absent: the name of the cluster.
    pub authority: Option<String>,
    /// Whose limits they are, as the service's own configuration calls it.
    pub domain: String,
    /// How long a request is held for the answer, from `1ms` to `10s`. Envoy's 20 ms are for a filter that lets requests pass when the
    /// time is over.
    #[serde(default = "timeout")]
    pub timeout: Duration,
    /// What becomes of a request that the service does not answer.
    #[serde(default)]
    pub on_failure: OnFailure,
}

/// What becomes of a request that the service does not answer: it cannot be reached, is late, fails, or answers nonsense.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// It is refused.
    #[default]
    Deny,
    /// The proxy counts it by itself, by the limit's own `quota`, `window` and `key`, as with the scope `proxy`.
    Local,
}

/// A part of what a service tells requests apart by.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryConfig {
    /// Its key, as the service's own configuration calls it.
    pub key: String,
    /// Its value: CEL that answers a text. Of a request that lacks it, `on_missing_key` says what becomes; with `shared` the value is `-`.
    pub value: String,
}

fn timeout() -> Duration {
    Time::from_millis(200).into()
}
