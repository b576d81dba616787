//! rbac with what only a real Envoy has: its own `jwt_authn`, and clients with certificates.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code, never in a proxy: a panic is a failed test")]

use portcullis_cases::mint::{self, TokenSpec};
use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::filters::{JwtAuthn, WasmFilter, jwt_authn_filter, wasm_filter};
use portcullis_e2e::tls::{Authority, openssl_is_installed};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, Route, wall_clock};
use portcullis_host_tests::corpus::{capabilities, module_path};
use serde_json::{Value, json};

fn rbac(configuration: &Value) -> Value {
    let module = module_path("rbac");
    let capabilities = Some(capabilities("rbac").unwrap());
    wasm_filter(&WasmFilter { capabilities, ..WasmFilter::new("rbac", &module, configuration) })
}

fn direct(name: &str) -> Listener {
    Listener::new(name).route(Route::Direct(200))
}

fn status(envoy: &Envoy, listener: &str, request: &Request) -> u16 {
    envoy.send(listener, request).unwrap().status
}

/// Envoy's own token check, which leaves the payload under `key`.
fn jwt_authn(key: &str) -> Value {
    let jwks = mint::key_set(&["rs256"]).unwrap().to_string();
    let mut filter = jwt_authn_filter(&JwtAuthn { issuer: "https://id.example", jwks: &jwks, cache: false });
    filter["typed_config"]["providers"]["main"]["payload_in_metadata"] = json!(key);
    filter
}

fn bearing(claims: &str) -> Request {
    let token = mint::token("rs256", &TokenSpec::parse(claims).unwrap(), wall_clock()).unwrap();
    Request::get("/").header("authorization", format!("Bearer {token}"))
}

#[test]
fn the_payload_of_envoys_own_jwt_authn_is_read_with_its_types() {
    if !is_installed().unwrap() {
        return;
    }
    let configuration = |key: &str| {
        json!({
            "version": 1,
            "identity_from": [{ "jwt_authn": { "metadata_key": key } }],
            "roles_from": "jwt.claims.roles",
            "policies": [{
                "name": "admins",
                "action": "ALLOW",
                "condition": "hasRole('admin') && jwt.subject == 'alice' && jwt.claims.level == 3.0 && jwt.claims.ok == true",
            }],
        })
    };
    let spec = EnvoySpec::default()
        .listener(direct("payload").filter(jwt_authn("payload")).filter(rbac(&configuration("payload"))))
        .listener(direct("other key").filter(jwt_authn("payload")).filter(rbac(&configuration("other"))));
    let envoy = Envoy::start(&spec).unwrap();
    let good = bearing("roles: [reader, admin], level: 3, ok: true");
    assert_eq!(status(&envoy, "payload", &good), 200);
    assert_eq!(status(&envoy, "other key", &good), 403);
    for claims in [
        "roles: [reader], level: 3, ok: true",
        "roles: {admin: ''}, level: 3, ok: true",
        "roles: admin, level: 3, ok: true",
        "roles: [admin], level: '3', ok: true",
        "roles: [admin], level: 3, ok: 'true'",
        "level: 3, ok: true",
    ] {
        assert_eq!(status(&envoy, "payload", &bearing(claims)), 403, "{claims}");
    }
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

const FRONTEND: &str = "spiffe://mesh/ns/shop/sa/frontend";
const EDGE: &str = "spiffe://mesh/ns/edge/sa/proxy";

/// A proxy with a listener that believes the certificates of `mesh`, one that accepts any, and one behind the proxy `EDGE`.
fn server(mesh: &Authority) -> Envoy {
    let frontend = json!({ "name": "frontend", "action": "ALLOW", "condition": format!("peer.principal == '{FRONTEND}'") });
    let configuration = |sources: Value| json!({ "version": 1, "identity_from": sources, "policies": [frontend] });
    let by_certificate = rbac(&configuration(json!(["mtls"])));
    let forwarded = rbac(&configuration(json!([{ "forwarded_client_cert": { "trusted_proxies": [EDGE] } }])));
    let details = json!("FORWARD_ONLY");
    let spec = EnvoySpec::default()
        .listener(direct("mtls").filter(by_certificate.clone()).transport_socket(mesh.server("server", false)))
        .listener(direct("any").filter(by_certificate.clone()).transport_socket(mesh.server("server", true)))
        .listener(direct("plain").filter(by_certificate))
        .listener(
            direct("behind the edge")
                .filter(forwarded)
                .connection_manager("forward_client_cert_details", details)
                .transport_socket(mesh.server("server", false)),
        );
    Envoy::start(&spec).unwrap()
}

/// A proxy through which a plain client gets certificates: a listener for each `(name, server's listener, certificate)`.
fn clients(server: &Envoy, ways: &[(&str, &str, Value)]) -> Envoy {
    let spec = ways.iter().fold(EnvoySpec::default(), |spec, (name, to, tls)| {
        let listener = Listener::new(name).route(Route::Cluster((*name).to_owned()));
        let listener = listener.connection_manager("forward_client_cert_details", json!("ALWAYS_FORWARD_ONLY"));
        spec.cluster_through(name, server.listener_addr(to).unwrap(), tls.clone()).listener(listener)
    });
    Envoy::start(&spec).unwrap()
}

#[test]
fn a_caller_is_known_by_a_certificate_that_was_validated_and_by_no_other() {
    if !is_installed().unwrap() || !openssl_is_installed() {
        return;
    }
    let (mesh, foreign) = (Authority::new("mesh").unwrap(), Authority::new("foreign").unwrap());
    mesh.issue("server", "spiffe://mesh/server").unwrap();
    mesh.issue("frontend", FRONTEND).unwrap();
    mesh.issue("batch", "spiffe://mesh/ns/batch/sa/job").unwrap();
    mesh.issue("edge", EDGE).unwrap();
    foreign.issue("frontend", FRONTEND).unwrap();
    let server = server(&mesh);
    let clients = clients(
        &server,
        &[
            ("frontend", "mtls", mesh.client("frontend", &mesh)),
            ("batch", "mtls", mesh.client("batch", &mesh)),
            ("frontend to any", "any", mesh.client("frontend", &mesh)),
            ("foreign to any", "any", foreign.client("frontend", &mesh)),
            ("edge", "behind the edge", mesh.client("edge", &mesh)),
            ("batch to edge", "behind the edge", mesh.client("batch", &mesh)),
        ],
    );
    let get = Request::get("/");
    assert_eq!(status(&clients, "frontend", &get), 200);
    assert_eq!(status(&clients, "batch", &get), 403);
    assert_eq!(status(&clients, "frontend to any", &get), 200);
    assert_eq!(status(&clients, "foreign to any", &get), 403, "a certificate that was not validated names nobody");
    assert_eq!(status(&server, "plain", &get.clone().header("x-forwarded-client-cert", format!("URI={FRONTEND}"))), 403);

    let forwarded = Request::get("/").header("x-forwarded-client-cert", format!("By={EDGE};Hash=00;URI={FRONTEND}"));
    assert_eq!(status(&clients, "edge", &forwarded), 200);
    assert_eq!(status(&clients, "edge", &get), 403);
    assert_eq!(status(&clients, "batch to edge", &forwarded), 403, "only the edge is believed");
    let last_counts = Request::get("/").header("x-forwarded-client-cert", format!("URI={FRONTEND},URI=spiffe://mesh/other"));
    assert_eq!(status(&clients, "edge", &last_counts), 403);
    assert_eq!(server.wasm_failures().unwrap(), Vec::<String>::new());
}
