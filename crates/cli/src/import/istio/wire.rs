//! The two resources as Istio defines them (`security.istio.io/v1`). What is not here is refused: it would mean something.

use std::collections::BTreeMap;

use portcullis_config::NonEmpty;
use serde::Deserialize;
use serde_json::Value as Json;

/// Values of one field, or none.
pub(super) type Texts = Option<NonEmpty<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct AuthorizationPolicy {
    pub(super) selector: Option<Selector>,
    pub(super) target_ref: Option<TargetRef>,
    pub(super) target_refs: Option<NonEmpty<TargetRef>>,
    pub(super) action: Action,
    pub(super) provider: Option<Json>,
    pub(super) rules: Vec<Rule>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Action {
    #[default]
    Allow,
    Deny,
    Audit,
    Custom,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Selector {
    #[serde(default)]
    pub(super) match_labels: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetRef {
    #[serde(default)]
    pub(super) group: String,
    pub(super) kind: String,
    pub(super) name: String,
    /// Must be the policy's own.
    #[serde(default)]
    pub(super) namespace: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Rule {
    pub(super) from: Option<NonEmpty<From>>,
    pub(super) to: Option<NonEmpty<To>>,
    pub(super) when: Option<NonEmpty<Condition>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct From {
    pub(super) source: Source,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Source {
    pub(super) principals: Texts,
    pub(super) not_principals: Texts,
    pub(super) request_principals: Texts,
    pub(super) not_request_principals: Texts,
    pub(super) namespaces: Texts,
    pub(super) not_namespaces: Texts,
    pub(super) service_accounts: Texts,
    pub(super) not_service_accounts: Texts,
    pub(super) trust_domains: Texts,
    pub(super) not_trust_domains: Texts,
    pub(super) ip_blocks: Texts,
    pub(super) not_ip_blocks: Texts,
    pub(super) remote_ip_blocks: Texts,
    pub(super) not_remote_ip_blocks: Texts,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct To {
    pub(super) operation: Operation,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Operation {
    pub(super) hosts: Texts,
    pub(super) not_hosts: Texts,
    pub(super) ports: Texts,
    pub(super) not_ports: Texts,
    pub(super) methods: Texts,
    pub(super) not_methods: Texts,
    pub(super) paths: Texts,
    pub(super) not_paths: Texts,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Condition {
    pub(super) key: String,
    #[serde(default)]
    pub(super) values: Texts,
    #[serde(default)]
    pub(super) not_values: Texts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct RequestAuthentication {
    pub(super) selector: Option<Selector>,
    pub(super) target_ref: Option<TargetRef>,
    pub(super) target_refs: Option<NonEmpty<TargetRef>>,
    pub(super) jwt_rules: Vec<JwtRule>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct JwtRule {
    pub(super) issuer: String,
    #[serde(default)]
    pub(super) audiences: Texts,
    #[serde(default, alias = "jwks_uri")]
    pub(super) jwks_uri: Option<String>,
    #[serde(default)]
    pub(super) jwks: Option<String>,
    #[serde(default)]
    pub(super) from_headers: Option<NonEmpty<FromHeader>>,
    #[serde(default)]
    pub(super) from_params: Texts,
    #[serde(default)]
    pub(super) from_cookies: Texts,
    #[serde(default)]
    pub(super) output_payload_to_header: Option<String>,
    #[serde(default)]
    pub(super) output_claim_to_headers: Option<NonEmpty<ClaimToHeader>>,
    #[serde(default)]
    pub(super) forward_original_token: bool,
    #[serde(default)]
    pub(super) space_delimited_claims: Texts,
    #[serde(default)]
    pub(super) timeout: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FromHeader {
    pub(super) name: String,
    #[serde(default)]
    pub(super) prefix: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimToHeader {
    pub(super) header: String,
    pub(super) claim: String,
}
