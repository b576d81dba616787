//! Rendered bootstraps that serve: what passes, what does not, and what the upstream sees.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portcullis_cases::mint::{self, TokenSpec};
use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::key_server::{Behaviour, KeyServer};
use portcullis_e2e::{Envoy, EnvoySpec, Request, Seen, echo, wall_clock};
use portcullis_host_tests::corpus::workspace_root;
use serde_json::{Value, json};

use super::{filters, render, with_doubles};

fn policy(name: &str) -> PathBuf {
    workspace_root().join("policies").join(name)
}

/// A policy of this test alone.
fn written(name: &str, policy: &Value) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, policy.to_string()).unwrap();
    file
}

/// A policy of jwt-auth for the test keys.
fn tokens(name: &str, provider: &Value) -> PathBuf {
    written(name, &json!({ "plugin": "jwt-auth", "config": { "version": 1, "providers": { "main": provider } } }))
}

/// The bootstrap as Istio runs the plugin: its resources have no field for stop-iteration and the VM's id, and keep numbers as doubles.
fn as_istio_runs_it(mut bootstrap: Value) -> Value {
    let config = filters(&mut bootstrap)[0]["typed_config"]["config"].as_object_mut().unwrap();
    config.remove("allow_on_headers_stop_iteration").unwrap();
    config["vm_config"].as_object_mut().unwrap().remove("vm_id").unwrap();
    let value: Value = serde_json::from_str(config["configuration"]["value"].as_str().unwrap()).unwrap();
    config["configuration"]["value"] = json!(with_doubles(value).to_string());
    bootstrap
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

/// With a body and trailers, whose callbacks do not come before the request goes on.
fn post() -> Request {
    Request::new("POST", "/").chunked(["a", "b"]).trailer("x-t", "1")
}

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
    let bootstrap = bootstrap(&[&tokens("waits.json", &provider)], &upstream.address().to_string());
    let envoy = start(&as_istio_runs_it(bootstrap));
    assert_eq!(status(&envoy, &bearing("rs256", "", post())), 200);
    assert_eq!(status(&envoy, &bearing("es256", "", post())), 401);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

#[test]
fn a_request_is_delayed_also_as_istio_runs_the_plugin() {
    if !is_installed().unwrap() {
        return;
    }
    let upstream = echo::start().unwrap();
    let limit = json!({ "name": "one", "quota": 1, "window": "1s", "over_limit": { "action": "delay", "max_delay": "10s" } });
    let policy = written("delay.json", &json!({ "plugin": "rate-limit", "config": { "version": 1, "limits": [limit] } }));
    let envoy = start(&as_istio_runs_it(bootstrap(&[&policy], &upstream.address().to_string())));
    for _ in 0..3 {
        let response = envoy.send("ingress", &post()).unwrap();
        assert_eq!((response.status, Seen::of(&response).unwrap().body), (200, b"ab".to_vec()));
    }
    let delayed = |name: &String| name.ends_with("portcullis.limits.rate_limit.one.delayed");
    let stats = envoy.stats().unwrap();
    assert!(stats.iter().any(|(name, count)| delayed(name) && *count > 0), "{stats:?}");
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}
