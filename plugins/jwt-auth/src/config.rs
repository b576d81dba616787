//! The configuration as people write it, in the words of Envoy's `jwt_authn` where Envoy has them.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_config::{Duration, EnvVar, HeaderName, NonEmpty};
use portcullis_gate::DenyResponseConfig;
use portcullis_http::Match;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::jwks::{DiscoveryConfig, RemoteJwksConfig};

/// Verifies JSON Web Tokens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JwtAuthConfig {
    /// Who issues tokens, by a name of yours that rules, metrics and records use.
    pub providers: BTreeMap<String, ProviderConfig>,
    /// What requests must satisfy, in order: the first match decides. Default: none.
    #[serde(default)]
    pub rules: Vec<RuleConfig>,
    /// What a request must satisfy that no rule matches; nothing is open by omission. Default: a token of any provider.
    pub on_no_match: Option<RequirementConfig>,
    /// What becomes of a CORS preflight (`OPTIONS` with `origin` and `access-control-request-method`); browsers send no token with
    /// it.
    #[serde(default)]
    pub preflight: Preflight,
    /// What becomes of more tokens in a request than it needs; `requires_all` needs as many as it names. The upstream may believe
    /// the one that was not looked at.
    #[serde(default)]
    pub multiple_tokens: MultipleTokens,
    /// What a refused client is told besides the status.
    #[serde(default)]
    pub challenge: ChallengeConfig,
    /// The memory for tokens whose signatures were verified, so that they are not verified again. A token is forgotten when its key
    /// set changes; its times, terms and binding are asked each time.
    #[serde(default)]
    pub token_cache: TokenCacheConfig,
}

/// One issuer of tokens and its terms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// The exact `iss` of its tokens. Absent: any that no other provider names, or none.
    pub issuer: Option<String>,
    /// A token must name one of these in `aud`, byte by byte. Absent: `aud` is not looked at.
    pub audiences: Option<NonEmpty<String>>,
    /// A token's `sub` must be one of these, exactly. Absent: any subject, or none.
    pub subjects: Option<NonEmpty<String>>,
    /// The algorithms that its tokens may use: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA. HS256, HS384
    /// and HS512 count only when named here, and only with `local_jwks`: who can verify those can sign them. Default: every
    /// asymmetric one.
    pub algorithms: Option<NonEmpty<String>>,
    /// The `typ` that the token's header must have, in any case and with or without `application/` (RFC 7515 section 4.1.9):
    /// `at+jwt` admits access tokens and keeps ID tokens out (RFC 9068). Absent: `typ` is not looked at.
    pub required_typ: Option<String>,
    /// Its keys, written into the configuration in one of these ways; a key that cannot be used is an error. A provider has exactly
    /// one of `local_jwks`, `remote_jwks` and `discovery`.
    pub local_jwks: Option<LocalJwksConfig>,
    /// Its keys, fetched from a URI and kept fresh.
    pub remote_jwks: Option<RemoteJwksConfig>,
    /// Its keys, fetched from where the issuer's metadata say.
    pub discovery: Option<DiscoveryConfig>,
    /// The headers that may carry its token. Default: `authorization` with `Bearer `, where no header, parameter or cookie is named.
    pub from_headers: Option<NonEmpty<FromHeaderConfig>>,
    /// The query parameters that may carry its token. URLs end up in logs: prefer a header. Default: none.
    pub from_params: Option<NonEmpty<String>>,
    /// The cookies that may carry its token. Default: none.
    pub from_cookies: Option<NonEmpty<String>>,
    /// How far the issuer's clock and ours may differ; `0s` is allowed.
    #[serde(default = "a_minute")]
    pub clock_skew: Duration,
    /// Whether a token without `exp` is refused: one that never ends cannot be taken back.
    #[serde(default = "yes")]
    pub require_expiration: bool,
    /// The longest time from `iat` to `exp`; a token without either is refused then. Absent: any.
    pub max_lifetime: Option<Duration>,
    /// Tokens that are refused although their signature is good, at most 10,000 of each kind.
    #[serde(default)]
    pub not_revoked: RevokedConfig,
    /// What a token's binding to the client's certificate (`cnf.x5t#S256`, RFC 8705) counts for.
    #[serde(default)]
    pub certificate_binding: CertificateBinding,
    /// What a token must satisfy besides, in CEL over its `claims` and the `request`: `claims.tenant == request.host`. A condition that
    /// cannot be evaluated refuses the token, too. Absent: nothing.
    pub condition: Option<String>,
    /// Whether the upstream gets the token too. Otherwise it is taken out of its header, query or cookie: who has the token is
    /// the caller.
    #[serde(default)]
    pub forward: bool,
    /// A header that gives the upstream the payload, base64url-encoded. Default: none.
    pub forward_payload_header: Option<HeaderName>,
    /// Whether `forward_payload_header` is padded with `=`.
    #[serde(default)]
    pub pad_forward_payload_header: bool,
    /// Claims that the upstream gets as headers. A client's own copies of these headers are always removed. Default: none.
    #[serde(default)]
    pub claim_to_headers: Vec<ClaimToHeaderConfig>,
}

/// A key set, in exactly one of these ways.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LocalJwksConfig {
    /// The key set itself: `{ keys: [ … ] }`.
    pub inline: Option<Value>,
    /// The key set as JSON text.
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
    /// What stands before the token; letters match in either case (RFC 9110 section 11.1).
    #[serde(default)]
    pub value_prefix: String,
}

/// Tokens that are taken back, at most 10,000 of each kind.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RevokedConfig {
    /// The tokens with one of these `jti`.
    pub jti: BTreeSet<String>,
    /// Every token of these subjects.
    pub sub: BTreeSet<String>,
}

/// What a token's binding to a certificate counts for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// The header that the upstream gets, where the token has the claim. No header that frames or routes a message (`host`,
    /// `content-length`) or carries a token.
    pub header_name: HeaderName,
    /// The claim, by this, by `claim_path` or by `value`. A dot leads into an object: `realm_access.roles`; a claim that has the dot in its own
    /// name is found first.
    pub claim_name: Option<String>,
    /// The claim as a list of names, for names with dots: `["https://id.example/claims", "tenant"]`.
    pub claim_path: Option<NonEmpty<String>>,
    /// A value in CEL over the `claims`: `claims.sub + "@" + claims.tenant`. A token that lacks what it is made of gives no header; any
    /// other failure refuses the token.
    pub value: Option<String>,
    /// How a list or an object is written.
    #[serde(default)]
    pub encoding: Encoding,
}

/// How a list or an object becomes a header's value. Text, numbers and booleans are written as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The JSON text, base64url-encoded without padding.
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
    /// The scopes that the token must all have, in `scope` or `scp`; else the answer is 403 `insufficient_scope`. Default: none.
    pub scopes: Option<NonEmpty<String>>,
    /// How the user must have been authenticated; otherwise the answer asks for it (RFC 9470). Absent: in any way.
    pub step_up: Option<StepUpConfig>,
    /// What this rule's refusals look like. Default: problem+json.
    pub deny_response: Option<DenyResponseConfig>,
}

/// How the user must have been authenticated.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUpConfig {
    /// `acr` must be one of these. Absent: not looked at.
    pub acr_values: Option<NonEmpty<String>>,
    /// `amr` must have all of these. Absent: not looked at.
    pub amr: Option<NonEmpty<String>>,
    /// The longest time since `auth_time`; one that is still to come, by more than the provider's `clock_skew`, is none. Absent: not
    /// looked at.
    pub max_age: Option<Duration>,
}

/// What a request must satisfy. The identity is that of the first requirement that is met.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequirementConfig {
    /// Nothing: no token is looked for.
    None,
    /// A token of the provider with this name.
    ProviderName(String),
    /// A token of that provider for one of these audiences, in place of the provider's own.
    ProviderAndAudiences(ProviderAndAudiences),
    /// One of these, tried in order.
    RequiresAny(NonEmpty<RequirementConfig>),
    /// All of these; it may take several tokens.
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Preflight {
    /// It is judged as every request.
    #[default]
    Check,
    /// It passes without a token.
    Pass,
}

/// What becomes of several tokens in one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MultipleTokens {
    /// The request is refused with 400.
    #[default]
    Refuse,
    /// Any number passes, if every one is good.
    AllValid,
}

/// What a refused client is told (`www-authenticate`, RFC 6750 section 3).
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChallengeConfig {
    /// The realm of `www-authenticate`. Default: the instance.
    pub realm: Option<String>,
    /// A fixed text for people; the precise cause is never told. Default: none.
    pub error_description: Option<String>,
    /// Where clients learn which authorization servers to use (RFC 9728 section 5.1). Default: not told.
    pub resource_metadata: Option<String>,
}

/// The memory for tokens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TokenCacheConfig {
    /// How many good tokens each worker remembers, and as many with wrong signatures; 0 turns it off.
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
