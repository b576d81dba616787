//! The HTTP filter of one policy.

use super::typed;
use crate::render::policy::Policy;
use crate::render::yaml::{Map, Yaml, json};

/// Where Envoy gets the module from.
#[derive(Debug, Clone)]
pub(in crate::render) enum Code {
    /// A file, as Envoy sees it.
    File(String),
    /// Somewhere else. Istio's agent needs no digest of an image.
    Remote { uri: String, cluster: String, sha256: Option<String> },
}

/// How much further than its filter a configuration is indented.
const CONFIGURATION_INDENT: usize = 10;

/// An element of `http_filters`, at `indent`.
pub(super) fn http_filter(policy: &Policy, code: &Code, indent: usize) -> Map {
    Map::block().with("name", policy.name.as_str()).with("typed_config", wasm(policy, &policy.config, code, indent))
}

/// The Wasm filter of `policy` with this configuration, in an HTTP filter at `indent`.
pub(in crate::render) fn wasm(policy: &Policy, config: &Yaml, code: &Code, indent: usize) -> Map {
    let configuration = Map::block()
        .with("@type", "type.googleapis.com/google.protobuf.StringValue")
        .with("value", json(config, indent + CONFIGURATION_INDENT));
    let config = Map::block()
        .with("name", policy.name.as_str())
        .commented(&[NEVER_OPEN], "failure_policy", "FAIL_RELOAD")
        .with("allow_on_headers_stop_iteration", true)
        .with("vm_config", vm_config(policy, code))
        .with("capability_restriction_config", capabilities(policy))
        .with("configuration", configuration);
    typed("filters.http.wasm.v3.Wasm").with("config", config)
}

/// Why `FAIL_RELOAD`.
pub(in crate::render) const NEVER_OPEN: &str =
    "A VM that has failed refuses its request and is replaced. Never FAIL_OPEN: everything would pass from then on.";

fn vm_config(policy: &Policy, code: &Code) -> Map {
    let vm = Map::block()
        .commented(
            &["Unique among the Wasm filters of this Envoy: those that share an id share data."],
            "vm_id",
            policy.name.as_str(),
        )
        .with("runtime", "envoy.wasm.runtime.v8")
        .with("code", location(code));
    if policy.variables.is_empty() {
        return vm;
    }
    let keys: Vec<&str> = policy.variables.iter().map(String::as_str).collect();
    vm.commented(
        &["Secrets: taken from the environment of Envoy's process."],
        "environment_variables",
        Map::default().with("host_env_keys", keys),
    )
}

fn location(code: &Code) -> Map {
    match code {
        Code::File(path) => Map::default().with("local", Map::default().with("filename", path.as_str())),
        Code::Remote { uri, cluster, sha256 } => {
            let http_uri = Map::block().with("uri", uri.as_str()).with("cluster", cluster.as_str()).with("timeout", "10s");
            let remote = Map::block().with("http_uri", http_uri).with_some("sha256", sha256.as_deref());
            Map::block().with("remote", remote)
        }
    }
}

fn capabilities(policy: &Policy) -> Map {
    let allowed = policy.plugin.capabilities().fold(Map::block(), |allowed, name| allowed.with(name, Map::default()));
    Map::block().commented(
        &[
            "All that the module imports, and every callback that it exports. Envoy does not call a callback",
            "that is missing here, and does not say so: without `proxy_on_request_headers` every request passes.",
        ],
        "allowed_capabilities",
        allowed,
    )
}
