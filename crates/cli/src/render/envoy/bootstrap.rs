//! A whole Envoy around the filters.

use super::EnvoyOptions;
use super::cluster::{cluster, socket_address};
use super::connection_manager::connection_manager;
use super::filter::Code;
use crate::render::callouts::{Callout, Endpoint};
use crate::render::policy::{Policy, written_from};
use crate::render::yaml::{Map, Yaml, comment};

/// The bootstrap of `filters`, with `clusters` besides the upstream.
///
/// # Errors
/// When an address is none.
pub(super) fn document(filters: &[(&Policy, Code)], clusters: &[Callout], options: &EnvoyOptions) -> Result<String, String> {
    let listen = address("--listen", options.listen.as_deref(), "0.0.0.0:10000")?;
    if !listen.is_address() {
        return Err("`--listen`: expected an address and a port: `0.0.0.0:10000`".to_owned());
    }
    let upstream = address("--upstream", options.upstream.as_deref(), "127.0.0.1:8080")?;
    let ca_file = options.ca_file.as_deref().unwrap_or("/etc/ssl/certs/ca-certificates.crt");
    refuse_ambiguous(clusters)?;
    let route = if clusters.iter().any(|callout| callout.cluster == "upstream") { "upstream-of-all" } else { "upstream" };
    let listener = Map::block()
        .with("name", "ingress")
        .with("address", socket_address(&listen))
        .with("filter_chains", Yaml::List(vec![Map::block().with("filters", vec![connection_manager(filters, route)]).into()]));
    let of_policies = clusters.iter().map(|callout| (callout.cluster.as_str(), &callout.endpoint));
    let clusters: Vec<Map> =
        [(route, &upstream)].into_iter().chain(of_policies).map(|(name, to)| cluster(name, to, ca_file)).collect();
    let admin = Endpoint { host: "127.0.0.1".to_owned(), port: 9901, tls: false, grpc: false };
    let sections = [
        Map::block().with("admin", Map::block().with("address", socket_address(&admin))),
        Map::block().commented(&STATS_COMMENT, "stats_config", Map::block().with("stats_tags", stats_tags())),
        Map::block().with("static_resources", Map::block().with("listeners", vec![listener]).with("clusters", clusters)),
    ];
    let head = comment("A bootstrap for Envoy 1.40 or newer: `envoy --mode validate -c FILE`, then `envoy -c FILE`.")
        + &written_from(filters.iter().map(|(policy, _)| *policy));
    Ok(sections.into_iter().fold(head, |document, section| document + "\n" + &Yaml::from(section).document()))
}

/// That a cluster would have to lead to two places.
fn refuse_ambiguous(clusters: &[Callout]) -> Result<(), String> {
    let twice = clusters
        .iter()
        .enumerate()
        .find(|(number, callout)| clusters.iter().take(*number).any(|before| before.cluster == callout.cluster));
    match twice {
        Some((_, callout)) => {
            Err(format!("the cluster `{}` leads to several hosts, which `--bootstrap` cannot say", callout.cluster))
        }
        None => Ok(()),
    }
}

fn address(option: &str, given: Option<&str>, usual: &str) -> Result<Endpoint, String> {
    Endpoint::of_authority(given.unwrap_or(usual), None)
        .ok_or_else(|| format!("`{option}`: expected an address and a port: `{usual}`"))
}

const STATS_COMMENT: [&str; 2] = [
    "Metrics are named portcullis.<what>.<instance>.<parts>; these make labels of the parts. `keys` of a limit is a gauge and no effect:",
    "it stays in the name.",
];

/// What makes labels of the parts of metrics; the same as in every plugin's example.
fn stats_tags() -> Vec<Map> {
    let tag = |name: &str, regex: &str| Map::default().with("tag_name", name).with("regex", regex);
    let part = |name: &str, regex: &str| tag(name, &format!(r"^wasmcustom\.portcullis\.{regex}"));
    vec![
        part("plugin", r"[^.]+(\.([^.]+))"),
        part("outcome", r"decisions\.[^.]+(\.([^.]+))\.[^.]+$"),
        part("reason", r"decisions\.[^.]+\.[^.]+(\.([^.]+))$"),
        part("rule", r"(?:policies|rules|limits)\.[^.]+(\.([^.]+))\.[^.]+$"),
        part("signature", r"signatures\.[^.]+(\.([^.]+))\.[^.]+$"),
        part("effect", r"(?:policies|rules|limits|signatures)\.[^.]+\.[^.]+(\.([^.]*[^.s]))$"),
        part("kind", r"redactions\.[^.]+(\.([^.]+))$"),
        part("provider", r"jwks\.[^.]+(\.([^.]+))\.[^.]+$"),
        tag("vm", r"^wasm(\.(.+))\.vm_reload_[a-z]+$"),
    ]
}
