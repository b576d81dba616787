//! The configuration as people write it, in the words of Envoy's `rbac` where Envoy has them.

use std::collections::BTreeMap;

use portcullis_attributes::IdentitySource;
use portcullis_config::NonEmpty;
use portcullis_gate::{DenyResponseConfig, Override};
use portcullis_http::Match;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Decides who may do what.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RbacConfig {
    /// What becomes of a request that no policy decides about; nothing is open by omission.
    #[serde(default)]
    pub on_no_match: OnNoMatch,
    /// Who is believed to say who calls, in order. `jwt` is what the first source of tokens knows (`portcullis`, `jwt_authn`),
    /// `peer.principal` what the first source of certificates knows (`mtls`, `forwarded_client_cert`, `istio_peer_principal`).
    /// Default: `[portcullis]`.
    pub identity_from: Option<NonEmpty<IdentitySource>>,
    /// The caller's roles: CEL that answers a list of texts, `jwt.claims.roles`. Where it fails, so does every condition that asks
    /// for a role or a permission. Absent: nobody has a role, and a condition that asks for one is an error.
    pub roles_from: Option<String>,
    /// What roles permit, at most 1,000. A role that callers have and that is not here permits nothing. Default: none.
    #[serde(default)]
    pub roles: BTreeMap<String, RoleConfig>,
    /// Who may do what. All that are for a request are asked: a DENY that holds decides, then an ALLOW that holds, then
    /// `on_no_match`. Default: none.
    #[serde(default)]
    pub policies: Vec<PolicyConfig>,
    /// What becomes of a request with a header that makes some servers take another method for the one in the request
    /// (`x-http-method-override` and the like), where any policy looks at methods.
    #[serde(default)]
    pub method_override: Override,
    /// What becomes of a request with a header that makes some servers take another path for the one in the request
    /// (`x-original-url`, `x-original-uri`, `x-rewrite-url`), where any policy looks at paths.
    #[serde(default)]
    pub path_override: Override,
    /// What refusals look like whose policy says nothing else. Default: problem+json.
    pub deny_response: Option<DenyResponseConfig>,
}

/// What becomes of a request that no policy decides about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum OnNoMatch {
    /// It is refused.
    #[default]
    Deny,
    /// It passes.
    Allow,
}

/// What a role permits.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoleConfig {
    /// The permissions of whoever has the role. Default: none of its own.
    pub permissions: Option<NonEmpty<String>>,
    /// The roles that whoever has this one has too. Default: none.
    pub inherits: Option<NonEmpty<String>>,
}

/// Who may do what, or may not.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyConfig {
    /// Names it in records, metrics and response code details.
    pub name: String,
    /// What it does with a request that it is for, and whose condition holds.
    pub action: Action,
    /// The requests that it is for. Absent: all.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// What must hold besides, in CEL. Where it cannot be told, a DENY denies, an ALLOW does not allow, and the record says so.
    /// Absent: nothing.
    pub condition: Option<String>,
    /// Whether the condition may read the path as the client spelt it (`request.path`, `request.url_path`), which others may read
    /// otherwise.
    #[serde(default)]
    pub raw_path: bool,
    /// Whether it is only tried out: it is evaluated, counted and recorded, and decides nothing.
    #[serde(default)]
    pub shadow: bool,
    /// What the refusals of a DENY look like. Default: as the plugin's `deny_response`.
    pub deny_response: Option<DenyResponseConfig>,
}

/// What a policy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Action {
    /// Allows, unless a DENY denies.
    Allow,
    /// Denies, whatever others allow.
    Deny,
    /// Decides nothing, and has the decision recorded.
    Log,
}

/// The JSON Schema of the whole configuration.
#[must_use]
pub fn schema() -> Value {
    portcullis_config::schema::<RbacConfig>("Portcullis rbac")
}
