//! A case as it is written: `cases/<plugin>/*.yaml`, one or more documents a file.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::secrets::Secrets;

/// One configuration and the requests that it is held to, in order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A sentence: what the case shows.
    pub name: String,
    /// The plugin's configuration, as a person writes it.
    pub config: Value,
    /// Other plugins that stand before it, in order. Default: none.
    #[serde(default)]
    pub before: Vec<Before>,
    /// Fields of Envoy's `HttpConnectionManager`, such as `use_remote_address`. The simulated hosts have no such thing. Default: none.
    #[serde(default)]
    pub connection_manager: serde_json::Map<String, Value>,
    /// The plugin's environment variables.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Where the virtual clock stands, in seconds since the epoch. Default: 2026-01-01T00:00:00Z.
    #[serde(default = "new_year_2026")]
    pub now: u64,
    /// Whether the proxy can verify signatures itself. Default: true.
    #[serde(default = "yes")]
    pub native_crypto: bool,
    /// Host functions that the proxy refuses (capability restriction), by their proxy-wasm names. Default: none.
    #[serde(default)]
    pub forbidden: Vec<String>,
    /// That the configuration is refused, with this in the message. Such a case has no requests.
    pub refused: Option<String>,
    /// What is sent, and what must follow.
    #[serde(default)]
    pub requests: Vec<Step>,
    /// The hosts that run the case. Default: all.
    #[serde(default = "every_host")]
    pub run_on: Vec<HostKind>,
    /// Why a host is left out.
    pub run_on_reason: Option<String>,
    /// What its environment variables hold that nobody may tell.
    #[serde(skip)]
    pub(crate) secrets: Secrets,
}

/// Another plugin, which sees a request first.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// Its folder: `jwt-auth`.
    pub plugin: String,
    /// Its configuration.
    pub config: Value,
}

/// Where a case runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostKind {
    /// The filter, compiled for this machine.
    Native,
    /// The `.wasm`, on wasmtime.
    Wasm,
    /// The `.wasm`, in a real Envoy.
    Envoy,
}

/// One request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What the client sends.
    pub request: RequestSpec,
    /// What must follow.
    pub expect: Expectation,
    /// How long to wait before it, in seconds.
    #[serde(default)]
    pub after: u64,
}

/// A request as it is written. Every text may hold `${…}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestSpec {
    /// Default: GET.
    #[serde(default = "get")]
    pub method: String,
    /// Default: `/`.
    #[serde(default = "slash")]
    pub path: String,
    /// The authority. Default: `shop.example`.
    #[serde(default = "shop")]
    pub host: String,
    /// Header lines; a list repeats the name.
    #[serde(default)]
    pub headers: BTreeMap<String, OneOrMany>,
    /// The body's chunks; nothing for no body.
    #[serde(default)]
    pub body: Vec<String>,
    /// Trailers; they need a body.
    #[serde(default)]
    pub trailers: BTreeMap<String, OneOrMany>,
    /// Attributes that the proxy would have, by their paths (`connection.mtls`, `filter_state.io.istio.peer_principal`); a value
    /// may hold `${…}`. A real Envoy has its own.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

/// A value, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// Each value.
    #[must_use]
    pub fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// What must follow a request. What is not mentioned is not asserted. Names of headers are lower case.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The status that the client gets.
    pub status: Option<u16>,
    /// One of these statuses, where hosts may differ.
    pub status_in: Option<Vec<u16>>,
    /// Response headers: the value, or null for absent. A value may hold `${…}`.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// The response's body: all of its JSON, or the text where it is none.
    pub body: Option<Value>,
    /// What the upstream sees, or `nothing`.
    pub upstream: Option<UpstreamExpectation>,
    /// By how much metrics grow.
    #[serde(default)]
    pub metrics: BTreeMap<String, i64>,
    /// Members of the one decision record that the request leaves, with exactly these `claims`; `none` for no record.
    pub decision: Option<Value>,
    /// `%RESPONSE_CODE_DETAILS%` of a local reply.
    pub details: Option<String>,
    /// Filter state: members where it is JSON, the text where it is not, null for absent.
    #[serde(default)]
    pub filter_state: BTreeMap<String, Value>,
}

/// What the upstream sees.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpstreamExpectation {
    /// No request at all.
    Nothing,
    /// A request.
    Request(UpstreamRequest),
}

/// A request as the upstream sees it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamRequest {
    /// The path and query; may hold `${…}`.
    pub path: Option<String>,
    /// Headers: the value, or null for absent. A repeated header is its lines joined by ` | `. A value may
    /// hold `${…}`.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// Trailers, in the same way.
    #[serde(default)]
    pub trailers: BTreeMap<String, Option<String>>,
}

fn new_year_2026() -> u64 {
    1_767_225_600
}

fn yes() -> bool {
    true
}

fn every_host() -> Vec<HostKind> {
    vec![HostKind::Native, HostKind::Wasm, HostKind::Envoy]
}

fn get() -> String {
    "GET".to_owned()
}

fn slash() -> String {
    "/".to_owned()
}

fn shop() -> String {
    "shop.example".to_owned()
}
