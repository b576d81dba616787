//! A case as it is written.

mod values;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::time::Duration;

use portcullis_config::{ConfigError, from_value};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::checks;
use crate::expand::Expander;
use crate::rate_limit_service::RateLimitServices;
use crate::secrets::Secrets;
pub use values::{AttributeValue, Instant, OneOrMany};

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
    pub connection_manager: Map<String, Value>,
    /// The plugin's environment variables.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Clusters that answer callouts, each with the body at each path; `${jwks(rs256)}` is a key set. A real Envoy has its own.
    #[serde(default)]
    pub clusters: BTreeMap<String, BTreeMap<String, String>>,
    /// Rate limit services by their clusters, each with what it answers, in turn; the last answer is the one to all that follow. A real
    /// Envoy has its own.
    #[serde(default)]
    pub rate_limit_services: RateLimitServices,
    /// Where the virtual clock stands, in seconds since the epoch; written as that or as `2026-01-01T00:00:00Z`. Default: that.
    #[serde(default)]
    pub now: Instant,
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

impl Case {
    /// The case that `document` says, with the secrets of its environment in place.
    ///
    /// # Errors
    /// When it is no case, or one that nothing can break.
    pub fn parse(document: &Value) -> Result<Self, ConfigError> {
        let mut case: Self = from_value(document)?;
        checks::check(&case)?;
        case.expand()?;
        Ok(case)
    }

    /// Puts keys and key sets into the environment and into the answers of clusters. None of them depends on the time.
    pub(crate) fn expand(&mut self) -> Result<(), ConfigError> {
        let expander = Expander { now: 0, secrets: &self.secrets };
        let expand = |(name, value): (&String, &mut String)| match expander.text(value) {
            Ok(expanded) => {
                *value = expanded;
                Ok(())
            }
            Err(error) => Err(ConfigError::at("", error).within_key(name)),
        };
        ConfigError::gather(self.environment.iter_mut().map(expand)).map_err(|error| error.within("environment"))?;
        for (cluster, answers) in &mut self.clusters {
            let expanded = ConfigError::gather(answers.iter_mut().map(expand));
            expanded.map_err(|error| error.within_key(cluster).within("clusters"))?;
        }
        for (cluster, answers) in &mut self.rate_limit_services {
            let checked = answers.iter().enumerate().map(|(number, answer)| {
                answer
                    .check(&expander)
                    .map_err(|error| error.within_index(number).within_key(cluster).within("rate_limit_services"))
            });
            ConfigError::gather(checked)?;
        }
        Ok(())
    }
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
    /// What the upstream answers, if it is asked.
    #[serde(default)]
    pub response: ResponseSpec,
    /// How long to wait before it, in seconds: `0.25` too.
    #[serde(default, deserialize_with = "values::seconds")]
    pub after: Duration,
    /// How often it is sent, each time with the wait and the expectation. Default: once.
    #[serde(default = "once")]
    pub times: NonZeroU16,
}

/// What the upstream answers. Every text may hold `${…}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResponseSpec {
    /// The status.
    pub status: u16,
    /// Header lines; a list repeats the name.
    pub headers: BTreeMap<String, OneOrMany>,
    /// The body's chunks. A real Envoy's upstream has its own. Default: none.
    pub body: Vec<String>,
    /// That the upstream has it for the rest of the case, and does not answer: nobody waits for that. A real Envoy's answers. Default:
    /// false.
    pub unanswered: bool,
}

/// 200, and nothing more.
impl Default for ResponseSpec {
    fn default() -> Self {
        Self { status: 200, headers: BTreeMap::new(), body: Vec::new(), unanswered: false }
    }
}

/// A request as it is written. Every text may hold `${…}`.
#[derive(Debug, Clone, Deserialize)]
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
    /// Attributes that the proxy would have, by their paths (`connection.mtls`, `filter_state.io.istio.peer_principal`): texts, which
    /// may hold `${…}`, truths and integers. A real Envoy has its own.
    #[serde(default)]
    pub attributes: BTreeMap<String, AttributeValue>,
    /// `http` or `https`. A real Envoy has its own. Default: `http`.
    #[serde(default = "http")]
    pub scheme: String,
    /// The claims of the caller, as jwt-auth publishes them once it has verified a token, or Envoy's and Istio's own filters do. A
    /// real Envoy wants the token. Default: nobody was verified.
    pub jwt: Option<Map<String, Value>>,
    /// The SPIFFE id of the caller, whose certificate the connection has validated, or ztunnel has told. A real Envoy wants the
    /// certificate. Default: none.
    pub peer: Option<String>,
    /// The caller's address. A real Envoy knows it. Default: 127.0.0.1.
    pub source_ip: Option<IpAddr>,
}

impl RequestSpec {
    /// The first field that a real Envoy does not take from a case.
    pub(crate) fn simulated(&self) -> Option<&'static str> {
        let fields = [
            ("attributes", !self.attributes.is_empty()),
            ("scheme", self.scheme != http()),
            ("jwt", self.jwt.is_some()),
            ("peer", self.peer.is_some()),
            ("source_ip", self.source_ip.is_some()),
        ];
        fields.into_iter().find(|(_, given)| *given).map(|(field, _)| field)
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
    #[serde(default, deserialize_with = "values::lines")]
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
    /// What rate limit services are asked because of the request, in order: `cluster`, `domain`, `hits` and `descriptors`, each a list of
    /// `key=value`.
    pub asked: Option<Vec<Value>>,
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
    #[serde(default, deserialize_with = "values::lines")]
    pub headers: BTreeMap<String, Option<String>>,
    /// Trailers, in the same way.
    #[serde(default, deserialize_with = "values::lines")]
    pub trailers: BTreeMap<String, Option<String>>,
}

pub(crate) fn yes() -> bool {
    true
}

pub(crate) const fn once() -> NonZeroU16 {
    NonZeroU16::MIN
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

fn http() -> String {
    "http".to_owned()
}

fn shop() -> String {
    "shop.example".to_owned()
}
