//! Remote key sets as people write them, in the words of Envoy's `jwt_authn` where Envoy has them.

use std::time::Duration as StdDuration;

use portcullis_config::{ByteSize, Duration, HeaderName, NonEmpty, Secret};
use schemars::JsonSchema;
use serde::Deserialize;

/// A key set that is fetched over HTTP.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoteJwksConfig {
    /// Where the key set is: `https://id.example/jwks.json`. The connection is the cluster's; this gives the authority and the path.
    pub uri: String,
    /// The cluster that leads there. TLS, and whom it trusts, is the cluster's configuration.
    pub cluster: String,
    /// How long an answer may take, and how long a request waits for keys: about as long as a client does.
    #[serde(default = "five_seconds")]
    pub timeout: Duration,
    /// How long keys count as fresh: a key that the issuer withdraws is gone after that. A `cache-control: max-age` of the answer
    /// makes it shorter, never longer.
    #[serde(default = "ten_minutes")]
    pub cache_duration: Duration,
    /// How long keys are used beyond `cache_duration` while no new ones can be had: an outage of the issuer for a night is not one
    /// of yours.
    #[serde(default = "a_day")]
    pub max_stale: Duration,
    /// The shortest time between two fetches that tokens of unknown keys cause, between fetches while the issuer is down, and
    /// for which keys count as fresh, at least 1s: strangers cannot use the proxy against the issuer.
    #[serde(default = "ten_seconds")]
    pub refetch_interval: Duration,
    /// How a failed fetch is repeated.
    #[serde(default)]
    pub retry: RetryConfig,
    /// Further headers of the fetch. Default: none.
    #[serde(default)]
    pub headers: Vec<FetchHeaderConfig>,
    /// The longest answer that is read, at most 1MiB: a thousand keys have room.
    #[serde(default = "a_mebibyte")]
    pub max_bytes: ByteSize,
}

/// A key set that the issuer's metadata leads to (OpenID Connect Discovery 1.0, RFC 8414).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscoveryConfig {
    /// The cluster that leads to the issuer's metadata: OpenID Connect Discovery first, then RFC 8414. Needs `issuer`, which the
    /// metadata must repeat exactly.
    pub cluster: String,
    /// The cluster that leads to the key set. Default: `cluster`.
    pub jwks_cluster: Option<String>,
    /// The hosts that `jwks_uri` may name, by https unless the issuer itself is http: metadata cannot send the proxy elsewhere.
    /// Default: the issuer's.
    pub allowed_hosts: Option<NonEmpty<String>>,
    /// As in `remote_jwks`, for each of the two answers.
    #[serde(default = "five_seconds")]
    pub timeout: Duration,
    /// As in `remote_jwks`.
    #[serde(default = "ten_minutes")]
    pub cache_duration: Duration,
    /// As in `remote_jwks`.
    #[serde(default = "a_day")]
    pub max_stale: Duration,
    /// As in `remote_jwks`.
    #[serde(default = "ten_seconds")]
    pub refetch_interval: Duration,
    /// How a failed fetch is repeated.
    #[serde(default)]
    pub retry: RetryConfig,
    /// As in `remote_jwks`, for both fetches. Default: none.
    #[serde(default)]
    pub headers: Vec<FetchHeaderConfig>,
    /// As in `remote_jwks`, for each of the two answers.
    #[serde(default = "a_mebibyte")]
    pub max_bytes: ByteSize,
}

/// How a failed fetch is repeated.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetryConfig {
    /// How many attempts follow each other by backoff; after them the next one comes every `refetch_interval`: a connection
    /// that broke is not an outage.
    pub attempts: u32,
    /// The first pause; each further one is twice as long, and half of each is left to chance.
    pub base: Duration,
    /// The longest of these pauses.
    pub max: Duration,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self { attempts: 3, base: StdDuration::from_millis(200).into(), max: StdDuration::from_secs(2).into() }
    }
}

/// A header of the fetch.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FetchHeaderConfig {
    /// The header's name.
    pub name: HeaderName,
    /// Its whole value, from an environment variable of the VM.
    pub value: Secret,
}

fn five_seconds() -> Duration {
    StdDuration::from_secs(5).into()
}

fn ten_seconds() -> Duration {
    StdDuration::from_secs(10).into()
}

fn ten_minutes() -> Duration {
    StdDuration::from_secs(600).into()
}

fn a_day() -> Duration {
    StdDuration::from_secs(86_400).into()
}

const fn a_mebibyte() -> ByteSize {
    ByteSize::new(1024 * 1024)
}
