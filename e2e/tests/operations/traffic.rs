//! One Envoy with every plugin, and traffic that makes each of them count all that it counts.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use portcullis_cases::mint::{self, TokenSpec};
use portcullis_e2e::filters::{WasmFilter, wasm_filter};
use portcullis_e2e::key_server::{Behaviour, KeyServer};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, echo, envoy, eventually, wall_clock};
use portcullis_host_tests::corpus::{capabilities, module_path};
use serde::Deserialize;
use serde_json::{Value, json};

/// What an Envoy tells after the traffic.
pub(crate) struct Told {
    /// The body of `/stats/prometheus`.
    pub(crate) exposition: String,
    /// The log.
    pub(crate) log: String,
    /// What the plugins have logged.
    pub(crate) messages: Vec<String>,
}

/// The same for all tests; `None` where Envoy is not installed.
pub(crate) fn told() -> Option<&'static Told> {
    static TOLD: OnceLock<Option<Told>> = OnceLock::new();
    TOLD.get_or_init(|| envoy::is_installed().unwrap().then(observe)).as_ref()
}

/// The `stats_config` of the plugin's example.
pub(crate) fn stats_config(plugin: &str) -> Value {
    let path = crate::root().join("plugins").join(plugin).join("examples/envoy.yaml");
    documents(&path).remove(0)["stats_config"].take()
}

pub(crate) fn documents(path: &PathBuf) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    serde_yaml_ng::Deserializer::from_str(&text).map(|document| Value::deserialize(document).unwrap()).collect()
}

fn observe() -> Told {
    let (upstream, id) = (echo::start().unwrap(), KeyServer::start(Behaviour::Serve(key_set())).unwrap());
    let broken = KeyServer::start(Behaviour::Status(500)).unwrap();
    let spec = EnvoySpec::default()
        .cluster("echo", upstream.address())
        .cluster("id", id.address())
        .cluster("broken", broken.address())
        .http2_cluster("nowhere", nobody())
        .listener(listener("jwt-auth", "jwt-auth", &jwt_auth(), &[]))
        .listener(listener("input-validation", "input-validation", &input_validation(), &[]))
        .listener(listener("rate-limit", "rate-limit", &rate_limit(), &[]))
        .listener(listener("rbac", "rbac", &rbac(), &[]))
        .listener(listener("failing", "rbac", &json!({ "version": 1, "policies": [] }), &["proxy_get_header_map_pairs"]));
    let mut bootstrap = spec.bootstrap();
    bootstrap["stats_config"] = stats_config("bundle");
    // Histograms are shown after the first flush.
    bootstrap["stats_flush_interval"] = json!("0.5s");
    let envoy = Envoy::start_document(&bootstrap, &spec).unwrap();
    requests().iter().for_each(|(listener, request, status)| {
        let answer = envoy.send(listener, request).unwrap();
        assert_eq!(answer.status, *status, "{listener} {request:?}: {}", answer.text());
    });
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
    let exposition = eventually(Duration::from_secs(20), || {
        let page = envoy.admin_get("/stats/prometheus")?;
        let complete = page.contains("envoy_cluster_upstream_rq_time_bucket") && page.contains("portcullis_jwks_fetch_failed");
        Ok(complete.then_some(page))
    });
    Told { exposition: exposition.unwrap().unwrap(), log: envoy.log_text().unwrap(), messages: envoy.plugin_messages(0).unwrap() }
}

/// A listener with one plugin, whose VM has all it needs but `denied`.
fn listener(name: &str, plugin: &str, configuration: &Value, denied: &[&str]) -> Listener {
    let allowed = capabilities(plugin).unwrap().into_iter().filter(|capability| !denied.contains(&capability.as_str()));
    Listener::new(name).filter(wasm_filter(&WasmFilter {
        allow_on_headers_stop_iteration: Some(true),
        capabilities: Some(allowed.collect()),
        ..WasmFilter::new(name, &module_path(plugin), configuration)
    }))
}

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

fn key_set() -> String {
    mint::key_set(&["rs256"]).unwrap().to_string()
}

fn jwt_auth() -> Value {
    let remote =
        |cluster: &str| json!({ "uri": format!("http://{cluster}.example/jwks.json"), "cluster": cluster, "timeout": "500ms" });
    json!({
        "version": 1,
        "decisions": { "allowed": true },
        "providers": {
            "main": { "issuer": "https://id.example", "remote_jwks": remote("id") },
            "other": { "issuer": "https://broken.example", "remote_jwks": remote("broken") },
        },
    })
}

fn input_validation() -> Value {
    json!({
        "version": 1,
        "defaults": { "signatures": { "sqli": "block", "template": "detect" }, "response": { "redact": {} } },
        "rules": [
            { "name": "strict", "shadow": true, "match": { "paths": ["/orders"] }, "body": { "json": { "schema": { "required": ["id"] } } } },
            { "name": "orders", "match": { "paths": ["/orders"] }, "body": { "json": {} } },
            { "name": "read", "match": { "methods": ["GET"] } },
        ],
    })
}

fn rate_limit() -> Value {
    let at = |path: &str| json!({ "paths": [path] });
    json!({
        "version": 1,
        "decisions": { "max_per_second": 1 },
        "limits": [
            { "name": "per-key", "match": at("/key"), "key": ["request.headers['x-api-key']"], "quota": 1, "window": "1h", "max_keys": 8 },
            { "name": "tried", "match": at("/tried"), "shadow": true, "quota": 1, "window": "1h" },
            { "name": "waits", "match": at("/waits"), "quota": 2, "window": "1s", "over_limit": { "action": "delay", "max_delay": "10s" } },
            {
                "name": "shared", "match": at("/shared"), "scope": "cluster",
                "service": { "cluster": "nowhere", "domain": "shop", "timeout": "200ms" },
                "descriptor": [{ "key": "all", "value": "'all'" }],
            },
        ],
    })
}

fn rbac() -> Value {
    json!({ "version": 1, "policies": [
        { "name": "no-guests", "action": "DENY", "match": { "paths": ["/deny"] }, "condition": "request.headers['x-role'] == 'guest'" },
        { "name": "tried", "action": "DENY", "shadow": true, "match": { "paths": ["/tried"] } },
        { "name": "shop", "action": "ALLOW", "match": { "hosts": ["e2e"], "methods": ["GET"] } },
    ] })
}

/// To which listener, what, and the status of the answer.
fn requests() -> Vec<(&'static str, Request, u16)> {
    let get = |target: &str| Request::get(target);
    let key = |key: &str| get("/key").header("x-api-key", key);
    let mut all = vec![
        ("jwt-auth", get("/"), 401),
        ("jwt-auth", bearing(""), 200),
        ("jwt-auth", bearing("exp: -100"), 401),
        ("jwt-auth", bearing("iss: 'https://broken.example'"), 503),
        ("input-validation", get("/cards?n=4111111111111111"), 200),
        ("input-validation", get("/items?q=1'+or+'1'%3D'1"), 400),
        ("input-validation", get("/items?q=%7B%7B7*7%7D%7D"), 200),
        ("input-validation", Request::new("POST", "/orders").header("content-type", "application/json").body("{}"), 200),
        ("input-validation", Request::new("POST", "/orders").header("content-type", "application/json").body("{"), 400),
        ("rate-limit", get("/key"), 200),
        ("rate-limit", key("a").header("x-api-key", "b"), 400),
        ("rate-limit", get("/tried"), 200),
        ("rate-limit", get("/tried"), 200),
        ("rate-limit", get("/waits"), 200),
        ("rate-limit", get("/waits"), 200),
        ("rate-limit", get("/shared"), 503),
        ("rbac", get("/"), 200),
        ("rbac", get("/deny").header("x-role", "guest"), 403),
        ("rbac", get("/deny").header("x-role", "guest").header("x-role", "admin"), 403),
        ("rbac", get("/tried"), 200),
        ("rbac", get("/a//b"), 400),
        ("rbac", get("/").header("host", "e2e."), 400),
        ("rbac", get("/").header("x-http-method-override", "DELETE"), 400),
        ("rbac", get("/").header("x-original-url", "/admin"), 400),
        ("failing", get("/"), 503),
    ];
    // As many keys as there are places, with that of requests that have none; one of them again and again; one more.
    all.extend((0..7).map(|number| ("rate-limit", key(&format!("k{number}")), 200)));
    all.extend((0..3).map(|_| ("rate-limit", key("k0"), 429)));
    all.push(("rate-limit", key("newcomer"), 200));
    all
}

fn bearing(claims: &str) -> Request {
    let token = mint::token("rs256", &TokenSpec::parse(claims).unwrap(), wall_clock()).unwrap();
    Request::get("/").header("authorization", format!("Bearer {token}"))
}
