//! What an Envoy shall serve, and the bootstrap document that says so.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};

use serde_json::{Map, Value, json};

/// An Envoy to be started: listeners on free ports of loopback, static clusters.
#[derive(Debug, Clone)]
pub struct EnvoySpec {
    /// What it listens for.
    pub listeners: Vec<Listener>,
    /// Names and endpoints of its upstreams.
    pub clusters: Vec<(String, SocketAddr)>,
    /// The clusters that are spoken to in HTTP/2.
    pub http2: BTreeSet<String>,
    /// The transport socket of a cluster, by its name: TLS.
    pub transport_sockets: BTreeMap<String, Value>,
    /// Worker threads, each with VMs of its own; default 1.
    pub concurrency: u32,
    /// `trace`, `debug`, `info`, `warning`, `error`, `critical`, `off`; default `warning`.
    pub log_level: String,
    /// The level of what plugins log, and of the VM's failures; default `info`. Above `error`, `wasm_failures` is blind.
    pub wasm_log_level: String,
    /// For how many seconds a connection may go on under a configuration that has been replaced; Envoy's ten minutes when absent.
    pub drain_time_s: Option<u32>,
}

impl Default for EnvoySpec {
    fn default() -> Self {
        Self {
            listeners: Vec::new(),
            clusters: Vec::new(),
            http2: BTreeSet::new(),
            transport_sockets: BTreeMap::new(),
            concurrency: 1,
            log_level: "warning".to_owned(),
            wasm_log_level: "info".to_owned(),
            drain_time_s: None,
        }
    }
}

impl EnvoySpec {
    /// The same with one more listener.
    #[must_use]
    pub fn listener(mut self, listener: Listener) -> Self {
        self.listeners.push(listener);
        self
    }

    /// The same with one more cluster.
    #[must_use]
    pub fn cluster(mut self, name: &str, endpoint: SocketAddr) -> Self {
        self.clusters.push((name.to_owned(), endpoint));
        self
    }

    /// The same with one more cluster, that is spoken to in HTTP/2.
    #[must_use]
    pub fn http2_cluster(mut self, name: &str, endpoint: SocketAddr) -> Self {
        self.http2.insert(name.to_owned());
        self.cluster(name, endpoint)
    }

    /// The same with one more cluster, that is reached through this transport socket.
    #[must_use]
    pub fn cluster_through(mut self, name: &str, endpoint: SocketAddr, transport_socket: Value) -> Self {
        self.transport_sockets.insert(name.to_owned(), transport_socket);
        self.cluster(name, endpoint)
    }

    fn cluster_to_json(&self, name: &str, endpoint: SocketAddr) -> Value {
        let mut cluster = cluster(name, endpoint, self.http2.contains(name));
        if let (Some(cluster), Some(socket)) = (cluster.as_object_mut(), self.transport_sockets.get(name)) {
            cluster.insert("transport_socket".to_owned(), socket.clone());
        }
        cluster
    }

    /// The bootstrap document.
    #[must_use]
    pub fn bootstrap(&self) -> Value {
        json!({
            "admin": { "address": free_port() },
            "stats_config": { "stats_tags": stats_tags() },
            "static_resources": {
                "listeners": self.listeners.iter().map(Listener::to_json).collect::<Value>(),
                "clusters": self.clusters.iter().map(|(name, endpoint)| self.cluster_to_json(name, *endpoint)).collect::<Value>(),
            },
        })
    }
}

/// One port, one chain of filters, one route. HTTP/1 trailers pass, both ways.
///
/// Paths are left at Envoy's defaults (`normalize_path` and `merge_slashes` off, escaped slashes kept), so that a filter sees
/// the path as the client wrote it; only a path with a fragment is refused by Envoy itself, with 400.
#[derive(Debug, Clone)]
pub struct Listener {
    /// Also the prefix of its statistics.
    pub name: String,
    /// HTTP filters, in order; the router follows by itself.
    pub filters: Vec<Value>,
    /// What connections go through before HTTP: TLS; nothing when absent.
    pub transport_socket: Option<Value>,
    /// Where requests go that pass the filters.
    pub route: Route,
    /// Fields of the `HttpConnectionManager` that are set or replaced.
    pub connection_manager: Map<String, Value>,
    /// The format of the line in the access log; none is written when absent.
    pub access_log: Option<String>,
    /// How much is buffered for a connection; Envoy's 1 MiB when absent.
    pub buffer_limit: Option<u32>,
    /// A header that tells the client `%RESPONSE_CODE_DETAILS%` of each reply that is not the upstream's; none when absent.
    pub details_header: Option<String>,
    /// Headers that the upstream gets after all filters, as access log formats: `%FILTER_STATE(wasm.x:PLAIN)%`.
    pub request_headers: Vec<(String, String)>,
}

/// Where requests go that pass the filters. The route's name (`xds.route_name`) is `all`.
#[derive(Debug, Clone)]
pub enum Route {
    /// To the cluster of this name.
    Cluster(String),
    /// Nowhere: Envoy answers with this status and a short body, as an upstream would: callbacks for bodies are called.
    Direct(u16),
    /// Nowhere: Envoy answers 200 with this body, which is JSON.
    Json(String),
}

impl Listener {
    /// Without filters or logs, to the cluster `echo`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            filters: Vec::new(),
            transport_socket: None,
            route: Route::Cluster("echo".to_owned()),
            connection_manager: Map::new(),
            access_log: None,
            buffer_limit: None,
            details_header: None,
            request_headers: Vec::new(),
        }
    }

    /// The same with one more filter at the end.
    #[must_use]
    pub fn filter(mut self, filter: Value) -> Self {
        self.filters.push(filter);
        self
    }

    /// The same, for connections through this transport socket.
    #[must_use]
    pub fn transport_socket(mut self, socket: Value) -> Self {
        self.transport_socket = Some(socket);
        self
    }

    /// The same with another route.
    #[must_use]
    pub fn route(mut self, route: Route) -> Self {
        self.route = route;
        self
    }

    /// The same with `field` of the `HttpConnectionManager` set, such as `use_remote_address`.
    #[must_use]
    pub fn connection_manager(mut self, field: &str, value: Value) -> Self {
        self.connection_manager.insert(field.to_owned(), value);
        self
    }

    /// The same with an access log.
    #[must_use]
    pub fn access_log(mut self, format: &str) -> Self {
        self.access_log = Some(format.to_owned());
        self
    }

    /// The same with a header for the details of local replies.
    #[must_use]
    pub fn details_header(mut self, name: &str) -> Self {
        self.details_header = Some(name.to_owned());
        self
    }

    /// The same with one more header for the upstream; without a value, the upstream gets none.
    #[must_use]
    pub fn request_header(mut self, name: &str, format: &str) -> Self {
        self.request_headers.push((name.to_owned(), format.to_owned()));
        self
    }

    fn to_json(&self) -> Value {
        let manager = json!({ "name": "http", "typed_config": self.manager() });
        let chain = json!({ "filters": [manager], "transport_socket": self.transport_socket });
        json!({
            "name": self.name,
            "address": free_port(),
            "filter_chains": [chain],
            "per_connection_buffer_limit_bytes": self.buffer_limit,
        })
    }

    fn manager(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("@type".to_owned(), type_url("filters.network.http_connection_manager.v3.HttpConnectionManager"));
        fields.insert("stat_prefix".to_owned(), json!(self.name));
        fields.insert("route_config".to_owned(), self.route_config());
        fields.insert("http_protocol_options".to_owned(), json!({ "enable_trailers": true }));
        fields.insert("http_filters".to_owned(), self.filters.iter().cloned().chain([router()]).collect());
        if let Some(format) = &self.access_log {
            fields.insert("access_log".to_owned(), access_log(format));
        }
        if let Some(header) = &self.details_header {
            fields.insert("local_reply_config".to_owned(), details_of_local_replies(header));
        }
        fields.extend(self.connection_manager.clone());
        Value::Object(fields)
    }

    fn route_config(&self) -> Value {
        let header = |(name, format): &(String, String)| json!({ "header": { "key": name, "value": format }, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD" });
        json!({
            "virtual_hosts": [{ "name": "all", "domains": ["*"], "routes": [self.route.to_json()] }],
            "max_direct_response_body_size_bytes": MAX_DIRECT_RESPONSE,
            "request_headers_to_add": self.request_headers.iter().map(header).collect::<Value>(),
        })
    }
}

impl Route {
    fn to_json(&self) -> Value {
        let everything = json!({ "prefix": "/" });
        match self {
            Self::Cluster(name) => json!({ "name": "all", "match": everything, "route": { "cluster": name } }),
            Self::Direct(status) => {
                let response = json!({ "status": status, "body": { "inline_string": "direct" } });
                json!({ "name": "all", "match": everything, "direct_response": response })
            }
            Self::Json(body) => {
                let media_type = json!({ "header": { "key": "content-type", "value": "application/json" }, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD" });
                let response = json!({ "status": 200, "body": { "inline_string": body } });
                json!({ "name": "all", "match": everything, "direct_response": response, "response_headers_to_add": [media_type] })
            }
        }
    }
}

/// The longest body of Envoy's own answers; its default is 4 KiB.
const MAX_DIRECT_RESPONSE: u32 = 1 << 20;

fn router() -> Value {
    json!({ "name": "router", "typed_config": { "@type": type_url("filters.http.router.v3.Router") } })
}

fn access_log(format: &str) -> Value {
    json!([{ "name": "file", "typed_config": {
        "@type": type_url("access_loggers.file.v3.FileAccessLog"),
        "path": ACCESS_LOG,
        "log_format": { "text_format_source": { "inline_string": format!("{format}\n") } },
    } }])
}

/// The access log's name in the directory of the instance, which is Envoy's working directory.
pub(crate) const ACCESS_LOG: &str = "access.log";

fn details_of_local_replies(header: &str) -> Value {
    let any_status = json!({ "op": "GE", "value": { "default_value": 100, "runtime_key": "e2e.any_status" } });
    json!({ "mappers": [{
        "filter": { "status_code_filter": { "comparison": any_status } },
        "headers_to_add": [{ "header": { "key": header, "value": "%RESPONSE_CODE_DETAILS%" } }],
    }] })
}

fn cluster(name: &str, endpoint: SocketAddr, http2: bool) -> Value {
    let http1 = json!({ "http_protocol_options": { "enable_trailers": true } });
    let protocol = if http2 { json!({ "http2_protocol_options": {} }) } else { http1 };
    let endpoint = json!({ "endpoint": { "address": socket_address(endpoint) } });
    json!({
        "name": name,
        "connect_timeout": "1s",
        "typed_extension_protocol_options": { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": type_url("upstreams.http.v3.HttpProtocolOptions"),
            "explicit_http_config": protocol,
        } },
        "load_assignment": { "cluster_name": name, "endpoints": [{ "lb_endpoints": [endpoint] }] },
    })
}

/// Makes labels of the parts of `portcullis.decisions.<plugin>.<outcome>.<reason>`.
fn stats_tags() -> Value {
    let part =
        |name: &str, regex: &str| json!({ "tag_name": name, "regex": format!("^wasmcustom\\.portcullis\\.decisions{regex}") });
    json!([
        part("plugin", r"(\.([^.]+))\.[^.]+\.[^.]+$"),
        part("outcome", r"\.[^.]+(\.([^.]+))\.[^.]+$"),
        part("reason", r"\.[^.]+\.[^.]+(\.([^.]+))$"),
    ])
}

/// Port 0: Envoy takes a free one and reports it.
fn free_port() -> Value {
    socket_address((Ipv4Addr::LOCALHOST, 0).into())
}

fn socket_address(address: SocketAddr) -> Value {
    json!({ "socket_address": { "address": address.ip().to_string(), "port_value": address.port() } })
}

/// The `@type` of an extension's configuration.
pub(crate) fn type_url(message: &str) -> Value {
    json!(format!("type.googleapis.com/envoy.extensions.{message}"))
}
