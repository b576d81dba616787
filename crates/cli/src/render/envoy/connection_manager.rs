//! The connection manager around the filters.

use std::collections::BTreeSet;

use super::filter::{Code, http_filter};
use super::typed;
use crate::render::policy::Policy;
use crate::render::yaml::{Map, Yaml};

/// How far the filters are indented.
const FILTER_INDENT: usize = 18;

/// A field that policies need to be set.
pub(super) struct Need {
    pub(super) field: &'static str,
    pub(super) value: &'static str,
    pub(super) why: &'static str,
}

/// What `policies` need of their connection manager.
pub(super) fn needs<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> Vec<Need> {
    const NEEDS: [(&str, Need); 2] = [
        (
            "hosts",
            Need {
                field: "strip_any_host_port",
                value: "true",
                why: "Rules name hosts: without this they refuse an authority with a port.",
            },
        ),
        (
            "forwarded_client_cert",
            Need {
                field: "forward_client_cert_details",
                value: "FORWARD_ONLY",
                why: "A policy believes what proxies forward of their clients' certificates.",
            },
        ),
    ];
    let policies: Vec<&Policy> = policies.into_iter().collect();
    let asked = |field: &str| policies.iter().any(|policy| names(&policy.config, field));
    NEEDS.into_iter().filter(|(field, _)| asked(field)).map(|(_, need)| need).collect()
}

/// The network filter that runs `filters` and sends what passes to the cluster `route`.
pub(super) fn connection_manager(filters: &[(&Policy, Code)], route: &str) -> Map {
    let policies: Vec<&Policy> = filters.iter().map(|(policy, _)| *policy).collect();
    let manager = typed("filters.network.http_connection_manager.v3.HttpConnectionManager").with("stat_prefix", "ingress");
    let manager = manager
        .commented(
            &["The client's address is the connection's own; raise the second by one for each proxy of yours in front of this one."],
            "use_remote_address",
            true,
        )
        .with("xff_num_trusted_hops", 0_u16);
    let manager = needs(policies.iter().copied()).into_iter().fold(manager, |manager, Need { field, value, why }| {
        let value = if value == "true" { Yaml::Bool(true) } else { value.into() };
        manager.commented(&[why], field, value)
    });
    let router =
        Map::block().with("name", "envoy.filters.http.router").with("typed_config", typed("filters.http.router.v3.Router"));
    let filters = filters.iter().map(|(policy, code)| http_filter(policy, code, FILTER_INDENT)).chain([router]);
    let manager = manager
        .with("access_log", vec![access_log(&policies)])
        .with("http_filters", filters.collect::<Vec<_>>())
        .with("route_config", routes(route));
    Map::block().with("name", "envoy.filters.network.http_connection_manager").with("typed_config", manager)
}

fn access_log(policies: &[&Policy]) -> Map {
    let states: BTreeSet<&str> = policies.iter().filter_map(|policy| policy.plugin.filter_state()).collect();
    let states: String = states.iter().rev().map(|state| format!(" %FILTER_STATE(wasm.{state}:PLAIN)%")).collect();
    let line = format!("%START_TIME% %REQ(:METHOD)% %RESPONSE_CODE% %RESPONSE_CODE_DETAILS%{states}\n");
    let format = Map::block().with("text_format_source", Map::block().with("inline_string", line));
    Map::block()
        .with("name", "envoy.access_loggers.stdout")
        .with("typed_config", typed("access_loggers.stream.v3.StdoutAccessLog").with("log_format", format))
}

fn routes(cluster: &str) -> Map {
    let matches = Map::default().with("prefix", "/");
    let route = Map::default().with("match", matches).with("route", Map::default().with("cluster", cluster));
    let host = Map::block().with("name", "all").with("domains", vec!["*"]).with("routes", vec![route]);
    Map::block().with("virtual_hosts", vec![host])
}

/// Whether `value` has a field called `field` anywhere.
fn names(value: &Yaml, field: &str) -> bool {
    let items = if let Yaml::List(items) = value { items.as_slice() } else { &[] };
    value.entries().any(|(name, value)| name == field || names(value, field)) || items.iter().any(|item| names(item, field))
}
