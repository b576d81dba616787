//! The clusters of a mesh, which are made of its services.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{IstioOptions, Placed};
use crate::render::callouts::{Callout, Endpoint};
use crate::render::yaml::{Map, Yaml, comment};

/// What Istio calls the cluster of `callout`: `outbound|443||id.example`.
pub(super) fn name(callout: &Callout) -> String {
    if callout.cluster.starts_with("outbound|") {
        return callout.cluster.clone();
    }
    let Endpoint { host, port, .. } = &callout.endpoint;
    format!("outbound|{port}||{host}")
}

/// Comments that say which services the mesh must know, and how it gets to know them.
pub(super) fn hints(policies: &[Placed<'_>], options: &IstioOptions) -> String {
    let mut hints = String::new();
    let mut known = BTreeSet::new();
    for callout in policies.iter().flat_map(|placed| &placed.callouts) {
        if !known.insert(name(callout)) {
            continue;
        }
        let Callout { cluster, what, .. } = callout;
        let _ = write!(
            hints,
            "#\n{}{}",
            comment(&format!(
                "The policy's cluster `{cluster}` ({what}) is `{}` here. A service of the mesh is there",
                name(callout)
            )),
            comment("already; for any other host apply this too. The rule is also for what the workloads themselves send there:")
        );
        let documents = service(callout, options).map(|document| Yaml::from(document).document());
        documents.join("---\n").lines().for_each(|line| hints += &comment(&format!("  {line}")));
    }
    hints
}

/// What makes the host of `callout` known, and TLS spoken to it.
fn service(callout: &Callout, options: &IstioOptions) -> [Map; 2] {
    let Endpoint { host, port, tls, grpc } = &callout.endpoint;
    let resource = |kind: &str, spec: Map| {
        let name: String =
            host.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect();
        Map::block()
            .with("apiVersion", "networking.istio.io/v1")
            .with("kind", kind)
            .with("metadata", Map::default().with("name", name.to_ascii_lowercase()).with("namespace", options.namespace()))
            .with("spec", spec)
    };
    let (protocol, mode) = match (tls, grpc) {
        (true, _) => ("HTTPS", "SIMPLE"),
        (false, true) => ("GRPC", "DISABLE"),
        (false, false) => ("HTTP", "DISABLE"),
    };
    let port = Map::default().with("number", *port).with("name", protocol.to_ascii_lowercase()).with("protocol", protocol);
    let entry = Map::block()
        .with("hosts", vec![host.as_str()])
        .with("location", "MESH_EXTERNAL")
        .with("resolution", "DNS")
        .with("ports", vec![port]);
    let settings = Map::default().with("mode", mode).with_some("sni", tls.then_some(host.as_str()));
    let rule = Map::block().with("host", host.as_str()).with("trafficPolicy", Map::default().with("tls", settings));
    [resource("ServiceEntry", entry), resource("DestinationRule", rule)]
}
