//! Istio's own RequestAuthentication cases, each policy translated once, through a real Envoy.
//!
//! Istio answers 403 where an AuthorizationPolicy refuses or an audience is wrong, and 401 where keys are missing. This plugin
//! alone says 401 and 503 there (RFC 6750; no keys are no fault of the client's), so refusals are compared as refusals, and the
//! rows whose status differs are counted.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code, never in a proxy: a panic is a failed test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portcullis_e2e::filters::{WasmFilter, wasm_filter};
use portcullis_e2e::key_server::{Behaviour, KeyServer};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, Response, Seen, echo, envoy};
use portcullis_host_tests::corpus::{capabilities, module_path};
use serde_json::{Value, json};

/// Refusals whose status differs from Istio's, for the reasons above.
const OTHER_STATUS: usize = 14;

fn suite() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/suites");
    let folder = std::env::var_os("SUITES").map_or(default, PathBuf::from).join("istio");
    if !folder.is_dir() {
        println!("skipped: no suites at {}", folder.display());
        return None;
    }
    Some(folder)
}

fn provider(issuer: u8, more: Value) -> Value {
    let mut provider = json!({
        "issuer": format!("test-issuer-{issuer}@istio.io"),
        "remote_jwks": { "uri": "http://keys.example/jwks.json", "cluster": "keys" },
    });
    provider.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    provider
}

/// RequestAuthentication alone: a token must be good, none is fine.
fn optional(names: &[&str]) -> Value {
    let named = names.iter().map(|name| json!({ "provider_name": name }));
    json!({ "requires_any": named.chain([json!("allow_missing")]).collect::<Vec<_>>() })
}

fn any_of(names: &[&str]) -> Value {
    json!({ "requires_any": names.iter().map(|name| json!({ "provider_name": name })).collect::<Vec<_>>() })
}

/// An AuthorizationPolicy by host, as `global-jwt` and `gateway-api` have it.
fn by_host(mut providers: Value, allowed: &[&str]) -> Value {
    providers["nobody"] = provider(1, json!({ "subjects": ["nobody"] }));
    json!({
        "providers": providers,
        "rules": [
            { "name": "health", "match": { "paths": ["/healthz"] }, "requires": "none" },
            { "name": "example", "match": { "hosts": ["example.a.com"] }, "requires": any_of(allowed) },
            { "name": "any", "match": { "hosts": ["any-request-principal-ok.a.com"] }, "requires": any_of(&["one", "two"]) },
        ],
        "on_no_match": { "provider_name": "nobody" },
    })
}

fn policies() -> BTreeMap<&'static str, Value> {
    let payload = json!({ "forward_payload_header": "x-test-payload" });
    let claims = json!({
        "forward_payload_header": "x-test-payload",
        "claim_to_headers": [
            { "header_name": "x-jwt-iss", "claim_name": "iss" },
            { "header_name": "x-jwt-iat", "claim_name": "iat" },
            { "header_name": "x-jwt-nested-claim", "claim_name": "nested.nested-2.key2" },
        ],
    });
    let forward = json!({ "forward_payload_header": "x-test-payload", "forward": true });
    let keys = |cluster: &str, timeout: &str| json!({ "remote_jwks": { "uri": "http://keys.example/jwks.json", "cluster": cluster, "timeout": timeout } });
    let slow = {
        let mut slow = forward.as_object().unwrap().clone();
        slow.extend(keys("slow", "10ms").as_object().unwrap().clone());
        Value::Object(slow)
    };
    let places = json!({
        "from_headers": [{ "name": "x-jwt-token", "value_prefix": "Value " }, { "name": "auth-token", "value_prefix": "Token " }],
        "from_params": ["token", "secondary_token"],
        "subjects": ["sub-1"],
    });
    let sub_1 = json!({ "subjects": ["sub-1"] });
    BTreeMap::from([
        (
            "authn-only",
            json!({
                "preflight": "pass",
                "providers": { "one": provider(1, claims), "two": provider(2, payload) },
                "on_no_match": optional(&["one", "two"]),
            }),
        ),
        ("authn-authz", json!({ "providers": { "one": provider(1, sub_1.clone()) } })),
        ("no-authn-authz", json!({ "providers": { "one": provider(1, json!({})) }, "on_no_match": "none" })),
        ("forward", json!({ "providers": { "one": provider(1, forward.clone()) }, "on_no_match": optional(&["one"]) })),
        ("remote", json!({ "providers": { "one": provider(1, forward) }, "on_no_match": optional(&["one"]) })),
        ("timeout", json!({ "providers": { "one": provider(1, slow) }, "on_no_match": optional(&["one"]) })),
        (
            "aud",
            json!({
                "providers": {
                    "one": provider(1, json!({ "audiences": ["foo"] })),
                    "two": provider(2, json!({ "audiences": ["bar"] })),
                    "two_again": provider(2, json!({})),
                },
                "on_no_match": optional(&["one", "two", "two_again"]),
            }),
        ),
        (
            "invalid-jwks",
            json!({ "providers": { "one": provider(1, keys("nowhere", "1s")) }, "on_no_match": optional(&["one"]) }),
        ),
        ("headers-params", json!({ "providers": { "one": provider(1, places) }, "multiple_tokens": "all_valid" })),
        (
            "in-mesh",
            json!({
                "providers": { "one": provider(1, json!({})), "two": provider(2, json!({})) },
                "on_no_match": optional(&["one", "two"]),
            }),
        ),
        (
            "ingress",
            by_host(
                json!({ "one": provider(1, json!({})), "two": provider(2, json!({})), "one_sub_1": provider(1, sub_1.clone()) }),
                &["one_sub_1"],
            ),
        ),
        (
            "gateway-api",
            by_host(
                json!({
                    "one": provider(1, json!({})),
                    "two": provider(2, json!({})),
                    "one_sub_1": provider(1, sub_1.clone()),
                    "three_sub_1": provider(3, sub_1),
                }),
                &["one_sub_1", "three_sub_1"],
            ),
        ),
    ])
}

/// The policy that a row is about.
fn policy_of(id: &str) -> &str {
    match id.split('/').collect::<Vec<_>>().as_slice() {
        ["TestRequestAuthentication", group, ..] => group,
        ["TestIngressRequestAuthentication", _, name] if name.starts_with("in-mesh") => "in-mesh",
        ["TestIngressRequestAuthentication", ..] => "ingress",
        _ => "gateway-api",
    }
}

fn host_of(id: &str) -> &'static str {
    match id {
        _ if id.ends_with("on any.com") => "any-request-principal-ok.a.com",
        _ if id.ends_with("on other host") => "other.a.com",
        _ => "example.a.com",
    }
}

fn start(slow: &KeyServer, keys: &KeyServer, upstream: std::net::SocketAddr) -> Envoy {
    let module = module_path("jwt-auth");
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
    let spec = EnvoySpec::default()
        .cluster("echo", upstream)
        .cluster("keys", keys.address())
        .cluster("slow", slow.address())
        .cluster("nowhere", nowhere);
    let spec = policies().into_iter().fold(spec, |spec, (name, mut config)| {
        config["version"] = json!(1);
        let filter = wasm_filter(&WasmFilter {
            vm_id: name,
            allow_on_headers_stop_iteration: Some(true),
            capabilities: Some(capabilities("jwt-auth").unwrap()),
            ..WasmFilter::new("jwt-auth", &module, &config)
        });
        spec.listener(Listener::new(name).filter(filter))
    });
    Envoy::start(&spec).unwrap()
}

fn request_of(row: &Value) -> Request {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let request = Request::new(&text(&row["method"]), text(&row["path"])).header("host", host_of(row["id"].as_str().unwrap()));
    let lines = row["headers"].as_array().unwrap().iter();
    lines.fold(request, |request, line| request.header(&text(&line[0]), text(&line[1])))
}

/// What the row's Go source says that the upstream must see: `headers.Authorization: ""`, `"X-Jwt-Iss": "…"`.
fn check_upstream(row: &Value, request: &Request, response: &Response) -> Result<(), String> {
    let seen = Seen::of(response).map_err(|error| error.to_string())?;
    let sent = request.headers.iter().find(|(name, _)| name == "Authorization").map(|(_, value)| value.clone());
    let payload = sent.as_deref().and_then(|value| value.split(|byte| *byte == b'.').nth(1)).map(<[u8]>::to_vec);
    for check in row["upstream_header_checks"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let check = check.replace("map[string]string{", "").replace('}', "").replace("headers.Authorization,", "Authorization:");
        for pair in check.split(", ").map(str::trim).filter(|pair| pair.contains(':')) {
            let (name, value) = pair.split_once(':').unwrap();
            let name = name.trim().trim_matches('"').replace("headers.", "").to_ascii_lowercase();
            let expected = match value.trim().trim_end_matches(',').trim() {
                "\"\"" => None,
                value if value.starts_with("payload") => payload.clone(),
                value if value.contains("jwt.Token") => sent.clone(),
                value => Some(value.trim_matches('"').as_bytes().to_vec()),
            };
            if seen.headers.first(&name) != expected.as_deref() {
                return Err(format!("upstream header {name}: {:?}", seen.headers.first(&name).map(String::from_utf8_lossy)));
            }
        }
    }
    Ok(())
}

#[test]
fn request_authentication_cases_end_as_in_istio() {
    let Some(suite) = suite() else { return };
    if !envoy::is_installed().unwrap() {
        return;
    }
    let jwks = fs::read_to_string(suite.join("jwt/tests_common_jwks.json")).unwrap();
    let keys = KeyServer::start(Behaviour::Serve(jwks.clone())).unwrap();
    let slow = KeyServer::start(Behaviour::ServeAfter(Duration::from_millis(500), jwks)).unwrap();
    let upstream = echo::start().unwrap();
    let envoy = start(&slow, &keys, upstream.address());

    let (mut rows, mut other_status, mut failures) = (0, 0, Vec::new());
    for line in fs::read_to_string(suite.join("requestauthn_cases.jsonl")).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let (id, expected) = (row["id"].as_str().unwrap(), row["expect_status_code"].as_u64().unwrap());
        let request = request_of(&row);
        let response = envoy.send(policy_of(id), &request).unwrap();
        rows += 1;
        let outcome = match (expected, response.status) {
            (200, 200) => check_upstream(&row, &request, &response),
            (200, status) => Err(format!("refused with {status}")),
            (_, 200) => Err("allowed".to_owned()),
            (expected, status) => {
                other_status += usize::from(expected != u64::from(status));
                Ok(())
            }
        };
        failures.extend(outcome.err().map(|reason| format!("{id}: {reason}")));
    }
    println!("istio RequestAuthentication: {} of {rows} rows, {other_status} refused with another status", rows - failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!((rows, other_status), (49, OTHER_STATUS));
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}
