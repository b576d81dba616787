//! Rendered bootstraps that serve: what passes, what does not, and what the upstream sees.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portcullis_cases::mint::{self, TokenSpec};
use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::key_server::{Behaviour, KeyServer};
use portcullis_e2e::{Envoy, EnvoySpec, Request, echo, wall_clock};
use portcullis_host_tests::corpus::workspace_root;
use serde_json::{Value, json};

use super::{filters, render, with_doubles};

fn policy(name: &str) -> PathBuf {
    workspace_root().join("policies").join(name)
}

/// A policy of jwt-auth for the test keys.
fn tokens(name: &str, provider: &Value) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let document = json!({ "plugin": "jwt-auth", "config": { "version": 1, "providers": { "main": provider } } });
    fs::write(&file, document.to_string()).unwrap();
    file
}

fn bearing(key: &str, claims: &str, request: Request) -> Request {
    let token = mint::token(key, &TokenSpec::parse(claims).unwrap(), wall_clock()).unwrap();
    request.header("authorization", format!("Bearer {token}"))
}

/// The bootstrap of `policies` in front of `upstream`, on ports that are free.
fn bootstrap(policies: &[&Path], upstream: &str) -> Value {
    let arguments = ["--target=envoy", "--bootstrap", "--listen=127.0.0.1:0", "--upstream", upstream];
    let mut bootstrap = render(policies, &arguments).remove(0);
    bootstrap["admin"]["address"]["socket_address"]["port_value"] = json!(0);
    bootstrap
}

fn start(bootstrap: &Value) -> Envoy {
    Envoy::start_document(bootstrap, &EnvoySpec::default()).unwrap()
}

fn status(envoy: &Envoy, request: &Request) -> u16 {
    envoy.send("ingress", request).unwrap().status
}

#[test]
fn a_guard_lets_pass_and_refuses() {
    if !is_installed().unwrap() {
        return;
    }
    let upstream = echo::start().unwrap();
    let envoy = start(&bootstrap(&[&policy("rbac/risky-methods.yaml")], &upstream.address().to_string()));
    assert_eq!(status(&envoy, &Request::get("/")), 200);
    assert_eq!(status(&envoy, &Request::new("TRACE", "/")), 405);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

#[test]
fn a_chain_knows_who_calls() {
    if !is_installed().unwrap() {
        return;
    }
    let upstream = echo::start().unwrap();
    let keys = mint::key_set(&["rs256"]).unwrap();
    let tokens = tokens("chain.json", &json!({ "issuer": "https://id.example", "local_jwks": { "inline": keys } }));
    let envoy = start(&bootstrap(&[&tokens, &policy("rbac/orders-roles.yaml")], &upstream.address().to_string()));
    let read = || Request::get("/orders/7");
    assert_eq!(status(&envoy, &bearing("rs256", "roles: [viewer]", read())), 200);
    assert_eq!(status(&envoy, &bearing("rs256", "roles: [guest]", read())), 403);
    assert_eq!(status(&envoy, &bearing("rs256", "roles: [viewer], exp: -3600", read())), 401);
    assert_eq!(status(&envoy, &read()), 401);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

/// Istio's resources have no field for stop-iteration and for the VM's id, and keep numbers as doubles.
#[test]
fn a_request_waits_for_keys_also_as_istio_runs_the_plugin() {
    if !is_installed().unwrap() {
        return;
    }
    let upstream = echo::start().unwrap();
    let keys = mint::key_set(&["rs256"]).unwrap().to_string();
    let keys = KeyServer::start(Behaviour::ServeAfter(Duration::from_secs(1), keys)).unwrap();
    let uri = format!("http://{}/jwks.json", keys.address());
    let provider = json!({ "issuer": "https://id.example", "remote_jwks": { "uri": uri, "cluster": "keys" } });
    let mut bootstrap = bootstrap(&[&tokens("waits.json", &provider)], &upstream.address().to_string());
    let config = filters(&mut bootstrap)[0]["typed_config"]["config"].as_object_mut().unwrap();
    config.remove("allow_on_headers_stop_iteration").unwrap();
    config["vm_config"].as_object_mut().unwrap().remove("vm_id").unwrap();
    let value: Value = serde_json::from_str(config["configuration"]["value"].as_str().unwrap()).unwrap();
    config["configuration"]["value"] = json!(with_doubles(value).to_string());
    let envoy = start(&bootstrap);
    let post = || Request::new("POST", "/").chunked(["a", "b"]).trailer("x-t", "1");
    assert_eq!(status(&envoy, &bearing("rs256", "", post())), 200);
    assert_eq!(status(&envoy, &bearing("es256", "", post())), 401);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}
