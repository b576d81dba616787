//! WasmPlugin, and TrafficExtension, which supersedes it: a resource for each policy.

use super::workload::chosen;
use super::{IstioOptions, Kind, Placed};
use crate::render::envoy::NEVER_OPEN;
use crate::render::facts::Phase;
use crate::render::yaml::Map;

/// A resource for each policy. Among those of one phase, priorities keep the order.
pub(super) fn documents(policies: &[Placed<'_>], kind: Kind, options: &IstioOptions) -> Vec<Map> {
    let priority = |number: usize, phase: Phase| {
        let others = policies.iter().filter(|other| other.phase == phase).count() > 1;
        others.then(|| u16::try_from((policies.len() - number) * 10).unwrap_or(u16::MAX))
    };
    let numbered = policies.iter().enumerate();
    numbered.map(|(number, placed)| document(placed, priority(number, placed.phase), kind, options)).collect()
}

fn document(placed: &Placed<'_>, priority: Option<u16>, kind: Kind, options: &IstioOptions) -> Map {
    let policy = placed.policy;
    let spec = chosen(Map::block(), options, "selector", "matchLabels");
    let spec = if options.sidecar {
        spec.commented(
            &["What comes to the workload, not what it sends itself."],
            "match",
            vec![Map::default().with("mode", "SERVER")],
        )
    } else {
        spec
    };
    let spec = spec.with("phase", placed.phase.name());
    let spec = match priority {
        Some(priority) => spec.commented(&["Higher ones run first."], "priority", priority),
        None => spec,
    };
    let (name, spec) = match kind {
        Kind::TrafficExtension => ("TrafficExtension", spec.with("wasm", module(Map::block(), placed))),
        Kind::WasmPlugin | Kind::EnvoyFilter => ("WasmPlugin", module(spec, placed)),
    };
    Map::block()
        .with("apiVersion", "extensions.istio.io/v1alpha1")
        .with("kind", name)
        .with("metadata", options.metadata(&policy.name))
        .with("spec", spec)
}

/// `spec` with what is about the module.
fn module(spec: Map, placed: &Placed<'_>) -> Map {
    let spec = spec.with("url", placed.url.as_str()).with_some("sha256", placed.sha256.as_deref()).commented(
        &[NEVER_OPEN],
        "failStrategy",
        "FAIL_RELOAD",
    );
    let variables = &placed.policy.variables;
    let spec = if variables.is_empty() {
        spec
    } else {
        let variable = |name: &String| Map::default().with("name", name.as_str()).with("valueFrom", "HOST");
        let variables: Vec<Map> = variables.iter().map(variable).collect();
        spec.commented(
            &["Secrets: taken from the environment of the proxy's container."],
            "vmConfig",
            Map::block().with("env", variables),
        )
    };
    spec.with("pluginConfig", placed.config.clone())
}
