//! EnvoyFilter: the whole filter, with what WasmPlugin has no field for.

use super::workload::chosen;
use super::{IstioOptions, Placed};
use crate::render::envoy::{Code, wasm};
use crate::render::facts::Phase;
use crate::render::policy::Policy;
use crate::render::yaml::Map;

/// How far the filters are indented.
const FILTER_INDENT: usize = 8;

/// One resource for all policies, since resources of this kind are applied in the order of their making.
pub(super) fn document(policies: &[Placed<'_>], options: &IstioOptions) -> Map {
    let names: Vec<&str> = policies.iter().map(|placed| placed.policy.name.as_str()).collect();
    // What stands first is inserted last.
    let (first, later): (Vec<&Placed<'_>>, Vec<&Placed<'_>>) = policies.iter().partition(|placed| placed.phase == Phase::Authn);
    let filters = first.into_iter().rev().chain(later).map(|placed| http_filter(placed, options));
    let patches: Vec<Map> = filters.chain(policies.iter().map(extension)).collect();
    let spec = chosen(Map::block(), options, "workloadSelector", "labels").with("configPatches", patches);
    Map::block()
        .with("apiVersion", "networking.istio.io/v1alpha3")
        .with("kind", "EnvoyFilter")
        .with("metadata", options.metadata(&names.join("-")))
        .with("spec", spec)
}

/// Puts the filter into the chain: before all others, or last before the router.
fn http_filter(placed: &Placed<'_>, options: &IstioOptions) -> Map {
    let context = if options.sidecar { "SIDECAR_INBOUND" } else { "GATEWAY" };
    let first = placed.phase == Phase::Authn;
    let manager = Map::block().with("name", "envoy.filters.network.http_connection_manager");
    let manager =
        if first { manager } else { manager.with("subFilter", Map::default().with("name", "envoy.filters.http.router")) };
    let listener = Map::block().with("filterChain", Map::block().with("filter", manager));
    let source = Map::block().with("ads", Map::default()).commented(
        &["Without end: until the module is there, no request passes."],
        "initial_fetch_timeout",
        "0s",
    );
    let discovery = Map::block()
        .with("config_source", source)
        .with("type_urls", vec!["type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm"]);
    let value = Map::block().with("name", name(placed.policy)).with("config_discovery", discovery);
    let operation = if first { "INSERT_FIRST" } else { "INSERT_BEFORE" };
    Map::block()
        .with("applyTo", "HTTP_FILTER")
        .with("match", Map::block().with("context", context).with("listener", listener))
        .with("patch", Map::block().with("operation", operation).with("value", value))
}

/// Says what the filter is. Istio's agent fetches the module, of an image as well.
fn extension(placed: &Placed<'_>) -> Map {
    let Placed { policy, url, sha256, config, .. } = placed;
    let code = Code::Remote { uri: url.clone(), cluster: "fetched-by-the-agent".to_owned(), sha256: sha256.clone() };
    let value = Map::block().with("name", name(policy)).with("typed_config", wasm(policy, config, &code, FILTER_INDENT));
    Map::block().with("applyTo", "EXTENSION_CONFIG").with("patch", Map::block().with("operation", "ADD").with("value", value))
}

/// The names of all extensions of a proxy are one namespace.
fn name(policy: &Policy) -> String {
    format!("portcullis.{}", policy.name)
}
