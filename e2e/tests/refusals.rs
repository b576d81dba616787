//! In a real Envoy, a refusal that the proxy does not carry out still lets nothing pass, also when the body comes late.
#![expect(clippy::unwrap_used, reason = "test code, never in a proxy: a panic is a failed test")]

use std::thread;
use std::time::Duration;

use portcullis_cases::mint::{self, TokenSpec};
use portcullis_e2e::filters::{WasmFilter, wasm_filter};
use portcullis_e2e::key_server::{Behaviour, KeyServer};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, echo, envoy};
use portcullis_host_tests::corpus::{capabilities, module_path};
use serde_json::{Value, json};

/// Sends the head of a POST, waits, sends the body, waits again; how many requests the upstream then has seen.
fn upstream_requests_after_a_late_body(keys: &Value, authorization: &str, key_server: &KeyServer) -> usize {
    let upstream = echo::start().unwrap();
    let config = json!({ "version": 1, "providers": { "main": keys } });
    let module = module_path("jwt-auth");
    let allowed = capabilities("jwt-auth").unwrap().into_iter().filter(|name| name != "proxy_send_local_response");
    let filter = wasm_filter(&WasmFilter {
        allow_on_headers_stop_iteration: Some(true),
        capabilities: Some(allowed.collect()),
        ..WasmFilter::new("jwt-auth", &module, &config)
    });
    let spec = EnvoySpec::default().cluster("echo", upstream.address()).cluster("id", key_server.address());
    let envoy = Envoy::start(&spec.listener(Listener::new("main").filter(filter))).unwrap();

    let request = Request::new("POST", "/").header("authorization", authorization).chunked(["a", "b"]).trailer("x-t", "1");
    let mut client = envoy.connect("main").unwrap();
    for piece in request.pieces() {
        // Longer than a request waits for keys.
        let _ = client.write(&piece);
        thread::sleep(Duration::from_millis(1_500));
    }
    upstream.requests()
}

#[test]
fn a_refused_request_does_not_go_on_when_its_body_comes() {
    if !envoy::is_installed().unwrap() {
        return;
    }
    let unused = KeyServer::start(Behaviour::Hang).unwrap();
    let keys = json!({ "local_jwks": { "inline": mint::key_set(&["rs256"]).unwrap() } });
    assert_eq!(upstream_requests_after_a_late_body(&keys, "Bearer x", &unused), 0);
}

#[test]
fn a_request_that_waited_in_vain_does_not_go_on_when_its_body_comes() {
    if !envoy::is_installed().unwrap() {
        return;
    }
    let hanging = KeyServer::start(Behaviour::Hang).unwrap();
    let keys = json!({ "remote_jwks": { "uri": "http://id.example/jwks.json", "cluster": "id", "timeout": "1s" } });
    let token = mint::token("rs256", &TokenSpec::parse("").unwrap(), portcullis_e2e::wall_clock()).unwrap();
    assert_eq!(upstream_requests_after_a_late_body(&keys, &format!("Bearer {token}"), &hanging), 0);
}
