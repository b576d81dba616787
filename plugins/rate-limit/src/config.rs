//! The configuration as people write it, in the words of Envoy's and nginx's limiters where these have them.

use std::num::NonZeroU64;

use portcullis_attributes::IdentitySource;
use portcullis_config::{ByteSize, Duration, NonEmpty};
use portcullis_gate::{DenyResponseConfig, Override};
use portcullis_http::Match;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::percent::Percent;

mod service;

pub(crate) use service::{EntryConfig, OnFailure, ServiceConfig};

/// Limits how often.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimitConfig {
    /// Who is believed to say who calls, in order. `jwt` is what the first source of tokens knows (`portcullis`, `jwt_authn`),
    /// `peer.principal` what the first source of certificates knows (`mtls`, `forwarded_client_cert`, `istio_peer_principal`).
    /// Default: `[portcullis]`.
    pub identity_from: Option<NonEmpty<IdentitySource>>,
    /// The limits. All that are for a request decide about it together: it passes, and is charged, if it fits into each of them; else
    /// nothing is charged.
    pub limits: NonEmpty<LimitConfig>,
    /// What becomes of a request with a header that makes some servers take another method for the one in the request
    /// (`x-http-method-override` and the like), where any limit looks at methods.
    #[serde(default)]
    pub method_override: Override,
    /// What becomes of a request with a header that makes some servers take another path for the one in the request
    /// (`x-original-url`, `x-original-uri`, `x-rewrite-url`), where any limit looks at paths.
    #[serde(default)]
    pub path_override: Override,
    /// Whether Envoy runs the plugin with `allow_on_headers_stop_iteration`; it matters where a limit reads `body`. With it the upstream
    /// sees nothing of such a request before it is judged. Without it (Istio's WasmPlugin) say `false`: the upstream then sees the
    /// head, and a refused body ends the connection. Saying `true` to a proxy that runs it without lets every such request hang.
    #[serde(default = "yes")]
    pub stop_iteration: bool,
    /// How much of a body is read, where a limit reads `body`.
    #[serde(default)]
    pub body: BodyConfig,
    /// What clients are told beside `Retry-After`, which every refusal has.
    #[serde(default)]
    pub response_headers: ResponseHeaders,
    /// What refusals look like whose limit says nothing else. Default: problem+json.
    pub deny_response: Option<DenyResponseConfig>,
}

/// How much of a body is read.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BodyConfig {
    /// How long a body may be, at most `64KiB`, that is held and read. A longer one cannot be told: a key that reads it refuses the
    /// request, a condition that reads it holds, a charge that reads it is as much as the limit can hold.
    pub max_bytes: ByteSize,
}

impl Default for BodyConfig {
    fn default() -> Self {
        Self { max_bytes: ByteSize::new(8 << 10) }
    }
}

/// What clients are told.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResponseHeaders {
    /// Whether refusals have the fields `RateLimit-Policy` and `RateLimit` of the IETF draft: well-behaved clients wait. They tell the
    /// names of the limits that the request did not fit into, what these promise, and what is left.
    pub rate_limit: bool,
    /// Whether they have `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` (in seconds) too, as Envoy's limiters
    /// send them.
    pub x_rate_limit: bool,
    /// Whether admitted responses have the same fields, of every limit that the request was charged to. It shows clients how much
    /// they may send.
    pub on_admitted: bool,
}

impl Default for ResponseHeaders {
    fn default() -> Self {
        Self { rate_limit: true, x_rate_limit: false, on_admitted: false }
    }
}

/// How much may be spent in which time, by whom, on what.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitConfig {
    /// Names it in records, metrics and the `RateLimit` fields: up to 64 letters, digits, `_`, `-` and `.`.
    pub name: String,
    /// The requests that it is for. Absent: all.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// What must hold besides, in CEL. Where it cannot be told, the limit applies. Absent: nothing.
    pub condition: Option<String>,
    /// Whether its expressions may read the path as the client spelt it (`request.path`, `request.url_path`), which others may read
    /// otherwise.
    #[serde(default)]
    pub raw_path: bool,
    /// By what requests are told apart: CEL that answers texts, `jwt.claims.sub` or `ip_prefix(source.ip, 32, 64)`; several make one
    /// key together. Where one fails for another reason than absence, the request is refused. Absent: all requests share one quota.
    pub key: Option<NonEmpty<String>>,
    /// What becomes of a request that lacks a part of the key.
    #[serde(default)]
    pub on_missing_key: OnMissingKey,
    /// How many units there are in each window. Every limit needs it, but one of scope `cluster`, which the service keeps; there it is
    /// for `on_failure: local`.
    #[schemars(range(max = 999_999_999_999_998_u64))]
    pub quota: Option<NonZeroU64>,
    /// The window; of a `concurrency` limit how long a request is counted whose end nobody sees. Needed where `quota` is.
    pub window: Option<Duration>,
    /// How many units may come at once beyond that: with `gcra` as nginx's `burst=… nodelay`, with windows and `concurrency` on top of
    /// the quota.
    #[serde(default)]
    #[schemars(range(max = 999_999_999_999_998_u64))]
    pub burst: u64,
    /// How units are counted.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// What a request costs.
    #[serde(default)]
    pub charge: ChargeConfig,
    /// What a unit is, for the field `RateLimit-Policy` (`content-bytes`, `concurrent-requests`). Default: a request.
    pub unit: Option<String>,
    /// What becomes of a request that does not fit.
    #[serde(default)]
    pub over_limit: OverLimitConfig,
    /// Whether it is only tried out: it is counted and recorded, and refuses nothing.
    #[serde(default)]
    pub shadow: bool,
    /// The share of the requests over the limit that are refused; the others pass, and are counted as `would_refuse`.
    #[serde(default)]
    pub enforce: Percent,
    /// Who shares the quota.
    #[serde(default)]
    pub scope: Scope,
    /// The rate limit service that keeps the limit. Only with the scope `cluster`, which needs it.
    pub service: Option<ServiceConfig>,
    /// What the service tells requests apart by: the entries of one descriptor, in the order in which the service's configuration nests
    /// them. Only with the scope `cluster`, which needs it.
    pub descriptor: Option<NonEmpty<EntryConfig>>,
    /// How many keys there can be at once, in places that are made when first needed. Each takes some 60 bytes; when all are taken,
    /// `on_full` says what becomes of a newcomer.
    #[serde(default = "max_keys")]
    #[schemars(range(min = 8, max = 4_194_304))]
    pub max_keys: u32,
    /// What becomes of a new key that finds no place, as every one that it could have is taken by a key that still owes something.
    #[serde(default = "share")]
    pub on_full: Overflow,
    /// What becomes of a request whose charge is overtaken by other workers again and again.
    #[serde(default = "deny")]
    pub on_contention: Overflow,
    /// How decision records show the key.
    #[serde(default)]
    pub key_in_records: KeyInRecords,
    /// What its refusals look like. Default: as the plugin's `deny_response`.
    pub deny_response: Option<DenyResponseConfig>,
}

/// What becomes of a request that lacks a part of the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnMissingKey {
    /// One quota for all that lack it: nobody escapes by leaving something out.
    #[default]
    Shared,
    /// It is refused.
    Deny,
    /// The limit is not for it.
    Skip,
}

/// How units are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// A bucket that leaks `quota` units in each window, evenly, and holds `burst + 1`: in any time `t` at most
    /// `burst + 1 + quota * t / window`.
    #[default]
    Gcra,
    /// At most `quota + burst` in any window, wherever it begins; each unit comes back after the window and at most an eighth more.
    SlidingWindow,
    /// At most `quota + burst` in each window, counted from 1970-01-01T00:00:00Z.
    FixedWindow,
    /// At most `quota + burst` requests in flight.
    Concurrency,
}

impl From<Algorithm> for portcullis_quota::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Gcra => Self::Gcra,
            Algorithm::SlidingWindow => Self::SlidingWindow,
            Algorithm::FixedWindow => Self::FixedWindow,
            Algorithm::Concurrency => Self::Concurrency,
        }
    }
}

/// What a request costs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChargeConfig {
    /// CEL that answers a whole number, before the request goes on. One that costs nothing still has to find a unit left. A charge that
    /// fails is as much as the limit can hold.
    pub request: String,
    /// CEL that answers a whole number, when the response has come (`response.code == 401 ? 5 : 0`): it is charged whether it fits or
    /// not, and what is owed is paid back before anything passes. A charge that fails is as much as the limit can hold. Absent: nothing.
    pub response: Option<String>,
}

impl Default for ChargeConfig {
    fn default() -> Self {
        Self { request: "1".to_owned(), response: None }
    }
}

/// What becomes of a request that does not fit.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OverLimitConfig {
    /// Whether it is refused, or has to wait.
    pub action: OverLimit,
    /// How long it waits at most; whoever would have to wait longer is refused at once. Only with `delay`, which needs it.
    pub max_delay: Option<Duration>,
    /// How many wait at once in each worker, at most 10,000; one more is refused. Only with `delay`. Default: 100.
    #[schemars(range(min = 1, max = 10_000))]
    pub max_waiting: Option<u32>,
}

/// Whether a request that does not fit is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverLimit {
    /// It is refused.
    #[default]
    Deny,
    /// It waits until it fits, in the order of arrival. Only a `gcra` limit knows when that is.
    Delay,
}

/// Who shares a quota.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Each worker has one of its own: the cheapest, and as many quotas as workers.
    Worker,
    /// All workers of the proxy.
    #[default]
    Proxy,
    /// All proxies that ask the same rate limit service.
    Cluster,
}

/// What becomes of a request that cannot be counted where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// It is refused.
    Deny,
    /// It shares one more quota with all others in the same plight.
    Share,
}

/// How decision records show the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyInRecords {
    /// As a hash with the proxy's secret: the same key is the same hash until the proxy is restarted.
    #[default]
    Hashed,
    /// As it is.
    Clear,
    /// Not at all.
    None,
}

const fn yes() -> bool {
    true
}

const fn max_keys() -> u32 {
    65_536
}

const fn share() -> Overflow {
    Overflow::Share
}

const fn deny() -> Overflow {
    Overflow::Deny
}

/// The JSON Schema of the whole configuration.
#[must_use]
pub fn schema() -> Value {
    portcullis_config::schema::<RateLimitConfig>("Portcullis rate-limit")
}
