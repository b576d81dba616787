//! The configuration as people write it, in the words of Envoy's `jwt_authn` where Envoy has them.

use std::collections::BTreeMap;

use portcullis_config::{Duration, EnvVar, HeaderName, NonEmpty};
use portcullis_http::Match;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// Verifies JSON Web Tokens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JwtAuthConfig {
    /// Who issues tokens, by a name of yours that rules, metrics and records use.
    pub providers: BTreeMap<String, ProviderConfig>,
    /// What requests must satisfy, in order: the first match decides. Default: no rule.
    #[serde(default)]
    pub rules: Vec<RuleConfig>,
    /// What a request must satisfy that no rule matches. Default: a token of any provider, so that nothing is open by omission.
    pub on_no_match: Option<RequirementConfig>,
}

/// One issuer of tokens and its terms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// The exact `iss` of its tokens. Absent: `iss` is not looked at, as in Envoy.
    pub issuer: Option<String>,
    /// A token must name one of these in `aud`, exactly. Absent: `aud` is not looked at, as in Envoy.
    pub audiences: Option<NonEmpty<String>>,
    /// The algorithms that its tokens may use. Default: every asymmetric one (RS, PS, ES, EdDSA); HS* only when named here.
    pub algorithms: Option<NonEmpty<String>>,
    /// Its keys, written into the configuration.
    pub local_jwks: LocalJwksConfig,
    /// The headers that may carry its token. Default: `authorization` with `Bearer `.
    pub from_headers: Option<NonEmpty<FromHeaderConfig>>,
    /// How far the issuer's clock and ours may differ. Default: 60s, as in Envoy; 0s is allowed.
    #[serde(default = "a_minute")]
    pub clock_skew: Duration,
    /// Whether a token without `exp` is refused. Default: true, unlike Envoy: a token that never ends cannot be taken back.
    #[serde(default = "yes")]
    pub require_expiration: bool,
    /// Whether the upstream gets the token too. Default: false, as in Envoy: who has the token is the caller.
    #[serde(default)]
    pub forward: bool,
    /// Claims that the upstream gets as headers. A client's own copies of these headers are always removed.
    #[serde(default)]
    pub claim_to_headers: Vec<ClaimToHeaderConfig>,
}

/// A key set, in exactly one of these ways.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LocalJwksConfig {
    /// The key set itself: `{ keys: [ … ] }`.
    pub inline: Option<Value>,
    /// The key set as JSON text, as in Envoy.
    pub inline_string: Option<String>,
    /// The environment variable of the VM that holds the key set as JSON text.
    pub env: Option<EnvVar>,
}

/// A header that may carry the token.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FromHeaderConfig {
    /// The header's name.
    pub name: HeaderName,
    /// What stands before the token; letters match in either case (RFC 9110 section 11.1). Default: nothing.
    #[serde(default)]
    pub value_prefix: String,
}

/// A claim that becomes a header.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimToHeaderConfig {
    /// The header that the upstream gets. Absent where the token lacks the claim.
    pub header_name: HeaderName,
    /// The claim, a member of the payload. Lists and objects become base64url-encoded JSON, as in Envoy.
    pub claim_name: String,
}

/// A rule: which requests, and what they must satisfy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleConfig {
    /// The rule's name in records.
    pub name: String,
    /// The requests that it is about. Absent: all.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// What they must satisfy.
    pub requires: RequirementConfig,
}

/// What a request must satisfy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequirementConfig {
    /// Nothing: no token is looked for.
    None,
    /// A token of the provider with this name.
    ProviderName(String),
}

/// The JSON Schema of the whole configuration.
#[must_use]
pub fn schema() -> Value {
    portcullis_config::schema::<JwtAuthConfig>("Portcullis jwt-auth")
}

fn a_minute() -> Duration {
    std::time::Duration::from_secs(60).into()
}

fn yes() -> bool {
    true
}
