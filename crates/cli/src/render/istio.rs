//! Policies as Istio takes them.

mod cluster;
mod envoy_filter;
mod plugin;
mod workload;

use clap::ValueEnum;

use super::callouts::{self, Callout};
use super::facts::Phase;
use super::modules::Modules;
use super::policy::{Policy, written_from};
use super::refuse;
use super::yaml::{Map, Yaml, comment};
use workload::{Label, TargetRef};

/// What Istio has to be told besides.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "For Istio")]
pub(super) struct IstioOptions {
    /// The kind of resource [default: WasmPlugin]
    #[arg(long)]
    kind: Option<Kind>,
    /// Its namespace [default: istio-ingress]
    #[arg(long)]
    namespace: Option<String>,
    /// A label of the workloads whose proxies run it [default: istio=ingressgateway]
    #[arg(long, value_name = "NAME=VALUE")]
    selector: Vec<Label>,
    /// The Gateway, Service or other resource that it is for: Gateway/ingress, Service/orders
    #[arg(long, value_name = "KIND/NAME", conflicts_with = "selector")]
    target_ref: Vec<TargetRef>,
    /// The workloads have sidecars: what they send themselves is let alone
    #[arg(long, requires = "selector")]
    sidecar: bool,
}

/// A resource of Istio that adds a filter. Only one of them may be applied: each would run the policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
enum Kind {
    /// Every Istio
    #[default]
    WasmPlugin,
    /// Istio 1.30 and newer, in place of WasmPlugin
    TrafficExtension,
    /// The whole filter: restricted capabilities, and a VM of its own with its shared data
    EnvoyFilter,
}

impl IstioOptions {
    /// That none was given.
    ///
    /// # Errors
    /// When one was.
    pub(super) fn refuse_any(&self) -> Result<(), String> {
        let Self { kind, namespace, selector, target_ref, sidecar } = self;
        refuse("--kind", kind.is_some(), "istio")?;
        refuse("--namespace", namespace.is_some(), "istio")?;
        refuse("--selector", !selector.is_empty(), "istio")?;
        refuse("--target-ref", !target_ref.is_empty(), "istio")?;
        refuse("--sidecar", *sidecar, "istio")
    }

    fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or("istio-ingress")
    }

    fn metadata(&self, name: &str) -> Map {
        Map::block().with("name", name).with("namespace", self.namespace())
    }
}

/// The resources, one document each.
///
/// # Errors
/// When an option is none.
pub(super) fn documents(policies: &[Policy], modules: &Modules<'_>, options: &IstioOptions) -> Result<String, String> {
    workload::check_namespace(options.namespace())?;
    let placed = policies.iter().zip(phases(policies)).map(|(policy, phase)| Placed::new(policy, phase, modules));
    let policies: Vec<Placed<'_>> = placed.collect::<Result<_, _>>()?;
    let documents = match options.kind.unwrap_or_default() {
        Kind::EnvoyFilter => vec![envoy_filter::document(&policies, options)],
        kind => plugin::documents(&policies, kind, options),
    };
    let head = head(&policies, options);
    Ok(head + &documents.iter().map(|document| Yaml::from(document.clone()).document()).collect::<Vec<_>>().join("---\n"))
}

/// The phase of each policy: its plugin's, but never one after that of a later policy.
fn phases(policies: &[Policy]) -> Vec<Phase> {
    let latest = policies.iter().rev().scan(None, |after: &mut Option<Phase>, policy| {
        let own = policy.plugin.phase();
        let phase = after.map_or(own, |after| after.min(own));
        *after = Some(phase);
        Some(phase)
    });
    let mut phases: Vec<Phase> = latest.collect();
    phases.reverse();
    phases
}

/// A policy, and the module that runs it.
#[derive(Debug)]
struct Placed<'a> {
    policy: &'a Policy,
    phase: Phase,
    url: String,
    sha256: Option<String>,
    /// The configuration, with Istio's names of the clusters.
    config: Yaml,
    callouts: Vec<Callout>,
}

impl<'a> Placed<'a> {
    fn new(policy: &'a Policy, phase: Phase, modules: &Modules<'_>) -> Result<Self, String> {
        let plugin = policy.plugin;
        let usual = || format!("oci://registry.example/portcullis/{}:{}", plugin.name(), env!("CARGO_PKG_VERSION"));
        let url = modules.url(plugin).map_or_else(usual, str::to_owned);
        if !["oci://", "https://", "http://", "file://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err("`--url`: expected `oci://…`, `https://…` or `file://…`".to_owned());
        }
        let given = modules.given_digest(plugin).map(str::to_owned);
        let sha256 = if url.starts_with("oci://") { given } else { given.or_else(|| modules.digest(plugin)) };
        let config = callouts::renamed(policy, cluster::name);
        let callouts = callouts::of(policy);
        Ok(Self { policy, phase, url, sha256, config, callouts })
    }
}

/// What people must know before they apply it.
fn head(policies: &[Placed<'_>], options: &IstioOptions) -> String {
    let mut lines = Vec::new();
    if policies.iter().any(|placed| placed.url.starts_with("oci://registry.example/")) {
        lines.push("`url` is a placeholder: put in your image, or render with `--url`.");
    }
    if options.selector.is_empty() && options.target_ref.is_empty() {
        lines.push(
            "It is for the ingress gateway: `--selector` and `--target-ref` choose other proxies. Waypoints ignore selectors.",
        );
    }
    match options.kind.unwrap_or_default() {
        Kind::WasmPlugin => lines
            .push("Istio 1.30 and newer: `--kind TrafficExtension`. Apply one of the two: both would run, one after the other."),
        Kind::TrafficExtension => lines.push(
            "For Istio 1.30 and newer. Apply no WasmPlugin of the same policy beside it: both would run, one after the other.",
        ),
        Kind::EnvoyFilter => lines.push("Apply no WasmPlugin of the same policy beside it: both would run, one after the other."),
    }
    lines.push("The client's address, `source.ip`, follows `gatewayTopology.numTrustedProxies` of the mesh configuration.");
    let names = policies.iter().map(|placed| placed.policy);
    let lines: String = lines.into_iter().map(comment).collect();
    written_from(names) + "#\n" + &lines + &cluster::hints(policies, options) + "\n"
}
