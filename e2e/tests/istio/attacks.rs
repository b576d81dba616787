//! What the imported policies let pass, Istio lets pass: both under requests that are made to tell them apart.
//!
//! Where a path is rewritten, the upstream gets another request: Istio must let that one pass, or the one that came.

mod requests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis_cases::mint;
use portcullis_cli::import::istio::{Identity, Options};
use portcullis_e2e::tls::{Authority, openssl_is_installed};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, Route, Seen, echo, envoy};
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::{imported, native};

/// The `iss` of every token.
const ISSUER: &str = "https://id.example";

/// The policies beside this file, by name.
fn policies() -> BTreeMap<String, PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/istio/policies");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path)).collect()
}

/// What is the same for both: paths as Istio leaves them, the client's address from the last hop, tokens verified by Envoy.
fn proxied(listener: Listener) -> Listener {
    let jwks = mint::key_set(&["rs256"]).unwrap().to_string();
    let mut listener = listener
        .connection_manager("normalize_path", json!(true))
        .connection_manager("use_remote_address", json!(true))
        .connection_manager("xff_num_trusted_hops", json!(1));
    listener.filters.insert(0, native::jwt_authn(ISSUER, &jwks));
    listener
}

fn ours(name: &str, path: &Path) -> Listener {
    let options = Options { identity: Some(Identity::Istio), ..Options::default() };
    proxied(imported(&format!("{name} ours"), &[path.to_owned()], &options))
}

fn theirs(name: &str, path: &Path) -> Listener {
    let text = fs::read_to_string(path).unwrap();
    let documents = serde_yaml_ng::Deserializer::from_str(&text).map(|it| Value::deserialize(it).unwrap());
    let filters = native::rbac(&documents.collect::<Vec<_>>());
    proxied(filters.into_iter().fold(Listener::new(&format!("{name} native")), Listener::filter))
}

/// How the two end, over all requests.
#[derive(Debug, Default)]
struct Count {
    both_pass: usize,
    both_refuse: usize,
    stricter: usize,
    /// Passes for the path that the upstream gets, not for the one that came.
    by_rewriting: usize,
    /// Passes for another reason that the report tells.
    reported: usize,
}

/// An IPv4 address in an IPv6 one lies in IPv4 networks here, and to Istio in none.
fn is_reported(request: &Request) -> bool {
    request.headers.iter().any(|(name, value)| name == "x-forwarded-for" && value.starts_with(b"::ffff:"))
}

/// Sends `request` to both, and says what the imported policy lets pass that Istio refuses.
fn compare(envoy: &Envoy, name: &str, request: &Request, count: &mut Count) -> Option<String> {
    let native = |request: &Request| envoy.send(&format!("{name} native"), request).unwrap().status;
    let ours = envoy.send(&format!("{name} ours"), request).unwrap();
    match (ours.status, native(request)) {
        (200, 200) => count.both_pass += 1,
        (200, _) => {
            let mut forwarded = request.clone();
            forwarded.target = Seen::of(&ours).unwrap().path;
            if is_reported(request) {
                count.reported += 1;
                return None;
            }
            if forwarded.target == request.target || native(&forwarded) != 200 {
                return Some(format!("{name}: {}", String::from_utf8_lossy(&request.to_bytes())));
            }
            count.by_rewriting += 1;
        }
        (_, 200) => count.stricter += 1,
        _ => count.both_refuse += 1,
    }
    None
}

#[test]
fn nothing_passes_that_istio_refuses() {
    if !envoy::is_installed().unwrap() {
        return;
    }
    let upstream = echo::start().unwrap();
    let spec = EnvoySpec::default().cluster("echo", upstream.address());
    let spec = policies().iter().fold(spec, |spec, (name, path)| spec.listener(ours(name, path)).listener(theirs(name, path)));
    let envoy = Envoy::start(&spec).unwrap();
    let requests = requests::all();
    let mut failures = Vec::new();
    for name in policies().keys() {
        let mut count = Count::default();
        failures.extend(requests.iter().filter_map(|request| compare(&envoy, name, request, &mut count)));
        println!("{name}: {count:?}");
        assert!(count.both_pass > 0 && count.both_refuse > 0, "{name}: {count:?}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

/// Callers with certificates, each with its SPIFFE id.
const CALLERS: [(&str, &str); 6] = [
    ("web", "spiffe://cluster.local/ns/shop/sa/web"),
    ("guest", "spiffe://cluster.local/ns/shop/sa/guest"),
    ("foreign", "spiffe://other.test/ns/shop/sa/web"),
    ("batch", "spiffe://cluster.local/ns/guests/sa/batch"),
    ("neighbour", "spiffe://cluster.local/ns/shopper/sa/web"),
    ("ops", "spiffe://cluster.local/ns/ops-1/sa/web"),
];

#[test]
fn no_caller_with_a_certificate_passes_whom_istio_refuses() {
    if !envoy::is_installed().unwrap() || !openssl_is_installed() {
        return;
    }
    let mesh = Authority::new("istio").unwrap();
    mesh.issue("server", "spiffe://cluster.local/server").unwrap();
    CALLERS.iter().for_each(|(name, id)| mesh.issue(name, id).unwrap());
    let upstream = echo::start().unwrap();
    let policies: Vec<(String, PathBuf)> = policies().into_iter().filter(|(name, _)| name.starts_with("peers")).collect();
    let spec = EnvoySpec::default().cluster("echo", upstream.address());
    let spec = policies.iter().fold(spec, |spec, (name, path)| {
        let listeners = [ours(name, path), theirs(name, path)].map(|it| it.transport_socket(mesh.server("server", false)));
        listeners.into_iter().fold(spec, EnvoySpec::listener)
    });
    let server = Envoy::start(&spec).unwrap();
    let mut ways = EnvoySpec::default();
    for (policy, caller, side) in combinations(&policies) {
        let (name, to) = (format!("{caller} {policy} {side}"), server.listener_addr(&format!("{policy} {side}")).unwrap());
        let listener = Listener::new(&name).route(Route::Cluster(name.clone()));
        ways = ways.cluster_through(&name, to, mesh.client(caller, &mesh)).listener(listener);
    }
    let clients = Envoy::start(&ways).unwrap();
    let mut failures = Vec::new();
    let mut count = Count::default();
    for (policy, caller, _) in combinations(&policies).into_iter().filter(|(.., side)| *side == "ours") {
        let requests = ["/", "/public", "/orders"].map(Request::get);
        failures
            .extend(requests.iter().filter_map(|request| compare(&clients, &format!("{caller} {policy}"), request, &mut count)));
    }
    println!("certificates: {count:?}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count.both_pass > 0 && count.both_refuse > 0, "{count:?}");
    assert_eq!(server.wasm_failures().unwrap(), Vec::<String>::new());
}

fn combinations(policies: &[(String, PathBuf)]) -> Vec<(&str, &str, &'static str)> {
    let callers = policies.iter().flat_map(|(policy, _)| CALLERS.iter().map(move |(caller, _)| (policy.as_str(), *caller)));
    callers.flat_map(|(policy, caller)| ["ours", "native"].map(|side| (policy, caller, side))).collect()
}
