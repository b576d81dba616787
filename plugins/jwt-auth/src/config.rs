//! The configuration as people write it, in the words of Envoy's `jwt_authn` where Envoy has them.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_config::{Duration, EnvVar, HeaderName, NonEmpty};
use portcullis_http::Match;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::jwks::{DiscoveryConfig, RemoteJwksConfig};

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
    /// Whether a CORS preflight (`OPTIONS` with `origin` and `access-control-request-method`) passes without a token. Default
    /// `check`, as in Envoy.
    #[serde(default)]
    pub preflight: Preflight,
    /// What becomes of several tokens in one request. Default `refuse`: the upstream may believe the one that was not looked at.
    /// A requirement with `requires_all` takes as many as it names.
    #[serde(default)]
    pub multiple_tokens: MultipleTokens,
    /// What a refused client is told besides the status.
    #[serde(default)]
    pub challenge: ChallengeConfig,
    /// How many verified tokens are remembered, so that their signatures are not verified again.
    #[serde(default)]
    pub token_cache: TokenCacheConfig,
}

/// One issuer of tokens and its terms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// The exact `iss` of its tokens. Absent: any that no other provider names, or none; Envoy does not look at `iss` then.
    pub issuer: Option<String>,
    /// A token must name one of these in `aud`, exactly. Absent: `aud` is not looked at, as in Envoy.
    pub audiences: Option<NonEmpty<String>>,
    /// A token's `sub` must be one of these, exactly. Absent: any subject, or none.
    pub subjects: Option<NonEmpty<String>>,
    /// The algorithms that its tokens may use. Default: every asymmetric one (RS, PS, ES, EdDSA); HS* only when named here.
    pub algorithms: Option<NonEmpty<String>>,
    /// The `typ` that the token's header must have, in any case and with or without `application/` (RFC 7515 section 4.1.9):
    /// `at+jwt` admits access tokens and keeps ID tokens out (RFC 9068). Absent: `typ` is not looked at.
    pub required_typ: Option<String>,
    /// Its keys, written into the configuration. A provider has exactly one of `local_jwks`, `remote_jwks` and `discovery`.
    pub local_jwks: Option<LocalJwksConfig>,
    /// Its keys, fetched from a URI.
    pub remote_jwks: Option<RemoteJwksConfig>,
    /// Its keys, fetched from where the issuer's metadata say.
    pub discovery: Option<DiscoveryConfig>,
    /// The headers that may carry its token. Default, where no place is named: `authorization` with `Bearer `.
    pub from_headers: Option<NonEmpty<FromHeaderConfig>>,
    /// The query parameters that may carry its token. URLs end up in logs: prefer a header.
    pub from_params: Option<NonEmpty<String>>,
    /// The cookies that may carry its token.
    pub from_cookies: Option<NonEmpty<String>>,
    /// How far the issuer's clock and ours may differ. Default: 60s, as in Envoy; 0s is allowed.
    #[serde(default = "a_minute")]
    pub clock_skew: Duration,
    /// Whether a token without `exp` is refused. Default: true, unlike Envoy: a token that never ends cannot be taken back.
    #[serde(default = "yes")]
    pub require_expiration: bool,
    /// The longest time from `iat` to `exp`; a token without either is refused then. Absent: any.
    pub max_lifetime: Option<Duration>,
    /// Tokens that are refused although their signature is good. Default: none.
    #[serde(default)]
    pub not_revoked: RevokedConfig,
    /// Whether the token must be bound to the client's certificate (`cnf.x5t#S256`, RFC 8705). Default `ignore`, as in Envoy;
    /// `when_bound` refuses a bound token from another client and lets unbound ones pass.
    #[serde(default)]
    pub certificate_binding: CertificateBinding,
    /// Whether the upstream gets the token too. Default: false, as in Envoy: who has the token is the caller.
    #[serde(default)]
    pub forward: bool,
    /// A header that gives the upstream the payload, base64url-encoded. Absent: none.
    pub forward_payload_header: Option<HeaderName>,
    /// Whether that encoding is padded with `=`. Default: false, as in Envoy.
    #[serde(default)]
    pub pad_forward_payload_header: bool,
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

/// Tokens that are taken back, at most 10,000 of each kind.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RevokedConfig {
    /// Their `jti`.
    pub jti: BTreeSet<String>,
    /// Their `sub`: every token of the subject.
    pub sub: BTreeSet<String>,
}

/// What a token's binding to a certificate counts for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateBinding {
    /// Nothing.
    #[default]
    Ignore,
    /// A bound token is refused without its certificate.
    WhenBound,
    /// An unbound token is refused too.
    Required,
}

/// A claim that becomes a header.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimToHeaderConfig {
    /// The header that the upstream gets. Absent where the token lacks the claim.
    pub header_name: HeaderName,
    /// The claim. A dot leads into an object, as in Envoy: `realm_access.roles`; a claim that has the dot in its own name is
    /// found first.
    pub claim_name: Option<String>,
    /// The claim as a list of names, for names with dots: `["https://id.example/claims", "tenant"]`.
    pub claim_path: Option<NonEmpty<String>>,
    /// How a list or an object is written. Default `base64url`, as in Envoy.
    #[serde(default)]
    pub encoding: Encoding,
}

/// How a list or an object becomes a header's value. Text, numbers and booleans are written as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// base64url of the JSON text, without padding.
    #[default]
    Base64url,
    /// The JSON text.
    Json,
    /// The elements with commas between them; an element with a comma in it refuses the request.
    Comma,
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
    /// Whose token they must carry.
    pub requires: RequirementConfig,
    /// The scopes that the token must have, in `scope` or `scp`; without them the answer is 403 `insufficient_scope`.
    pub scopes: Option<NonEmpty<String>>,
    /// How the user must have been authenticated; otherwise the answer asks for it (RFC 9470). Absent: in any way.
    pub step_up: Option<StepUpConfig>,
    /// What this rule's refusals look like. Absent: problem+json.
    pub deny_response: Option<DenyResponseConfig>,
}

/// How the user must have been authenticated.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUpConfig {
    /// `acr` must be one of these.
    pub acr_values: Option<NonEmpty<String>>,
    /// `amr` must have all of these.
    pub amr: Option<NonEmpty<String>>,
    /// The longest time since `auth_time`.
    pub max_age: Option<Duration>,
}

/// What a refusal looks like. What is absent stays as it would be.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DenyResponseConfig {
    /// The status, 400 to 599.
    #[schemars(range(min = 400, max = 599))]
    pub status: Option<u16>,
    /// The body.
    pub body: Option<String>,
    /// The body's media type. Default `text/plain; charset=utf-8` for a body of yours.
    pub content_type: Option<String>,
    /// Further headers.
    pub headers: BTreeMap<HeaderName, String>,
}

/// What a request must satisfy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequirementConfig {
    /// Nothing: no token is looked for.
    None,
    /// A token of the provider with this name.
    ProviderName(String),
    /// A token of a provider that names one of these audiences, in place of the provider's own.
    ProviderAndAudiences(ProviderAndAudiences),
    /// One of these, tried in order.
    RequiresAny(NonEmpty<RequirementConfig>),
    /// All of these.
    RequiresAll(NonEmpty<RequirementConfig>),
    /// Nothing, unless there is a token: that must be good. In `requires_any`, this is about the tokens of the others there.
    AllowMissing,
    /// Nothing: a good token makes the caller known, a bad one is as none, and the record says so.
    AllowMissingOrFailed,
}

/// A provider, with other audiences than its own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderAndAudiences {
    /// The provider's name.
    pub provider_name: String,
    /// A token must name one of these in `aud`, exactly.
    pub audiences: NonEmpty<String>,
}

/// What becomes of a CORS preflight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Preflight {
    /// It is judged as every request.
    #[default]
    Check,
    /// It passes: browsers send no token with it.
    Pass,
}

/// What becomes of several tokens in one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MultipleTokens {
    /// The request is refused with 400.
    #[default]
    Refuse,
    /// Every one of them must be good.
    AllValid,
}

/// What a refused client is told (`www-authenticate`, RFC 6750 section 3).
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChallengeConfig {
    /// The realm. Default: the instance's name.
    pub realm: Option<String>,
    /// A fixed text for people; the precise cause is never told. Absent: none.
    pub error_description: Option<String>,
    /// Where clients learn which authorization servers to use (RFC 9728 section 5.1). Absent: not told.
    pub resource_metadata: Option<String>,
}

/// The memory for tokens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TokenCacheConfig {
    /// How many verified tokens each worker remembers, and as many with wrong signatures. Default 1000; 0 turns it off.
    #[schemars(range(max = 100000))]
    pub max_entries: usize,
}

impl Default for TokenCacheConfig {
    fn default() -> Self {
        Self { max_entries: 1000 }
    }
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
