//! A cluster: one endpoint, by TLS where it is spoken there.

use super::typed;
use crate::render::callouts::Endpoint;
use crate::render::yaml::{Map, Yaml};

/// The cluster `name`, which leads to `endpoint`. TLS trusts whom `ca_file` names, and asks for a certificate for the host.
pub(super) fn cluster(name: &str, endpoint: &Endpoint, ca_file: &str) -> Map {
    let cluster = Map::block().with("name", name).with("connect_timeout", "2s");
    let cluster = if endpoint.is_address() {
        cluster.with("type", "STATIC")
    } else {
        cluster.with("type", "LOGICAL_DNS").with("dns_lookup_family", "V4_PREFERRED")
    };
    let cluster = cluster.with_some("typed_extension_protocol_options", endpoint.grpc.then(http2));
    let address = Map::default().with("address", socket_address(endpoint));
    let endpoints = Yaml::List(vec![Map::default().with("endpoint", address).into()]);
    let localities = Yaml::List(vec![Map::block().with("lb_endpoints", endpoints).into()]);
    let cluster = cluster.with("load_assignment", Map::block().with("cluster_name", name).with("endpoints", localities));
    cluster.with_some("transport_socket", endpoint.tls.then(|| tls(endpoint, ca_file)))
}

fn http2() -> Map {
    let http2 = Map::block().with("http2_protocol_options", Map::default());
    let options = typed("upstreams.http.v3.HttpProtocolOptions").with("explicit_http_config", http2);
    Map::block().with("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", options)
}

/// `endpoint` as an address.
pub(super) fn socket_address(endpoint: &Endpoint) -> Map {
    let address = Map::default().with("address", endpoint.host.as_str()).with("port_value", endpoint.port);
    Map::default().with("socket_address", address)
}

fn tls(endpoint: &Endpoint, ca_file: &str) -> Map {
    let kind = if endpoint.is_address() { "IP_ADDRESS" } else { "DNS" };
    let name = Map::default().with("san_type", kind).with("matcher", Map::default().with("exact", endpoint.host.as_str()));
    let validation = Map::block()
        .with("trusted_ca", Map::default().with("filename", ca_file))
        .with("match_typed_subject_alt_names", Yaml::List(vec![name.into()]));
    let context = typed("transport_sockets.tls.v3.UpstreamTlsContext")
        .with_some("sni", (!endpoint.is_address()).then_some(endpoint.host.as_str()))
        .with("common_tls_context", Map::block().with("validation_context", validation));
    Map::block().with("name", "envoy.transport_sockets.tls").with("typed_config", context)
}
