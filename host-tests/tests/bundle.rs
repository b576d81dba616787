//! The bundle where one part holds a request that another one is still to judge, on the real `.wasm`.
#![expect(clippy::expect_used, reason = "test code, never in a proxy: a panic is a failed test")]

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use portcullis_cases::mint::{TokenSpec, key_set, token};
use portcullis_host::{CalloutAnswer, CalloutRequest, Module, Options, Outcome, Proxy, Request, StreamId};
use portcullis_host_tests::corpus::module_path;
use serde_json::{Value, json};

const MILLISECOND: Duration = Duration::from_millis(1);
const DATA: [&str; 5] = [
    "proxy_get_header_map_pairs",
    "proxy_get_header_map_value",
    "proxy_get_property",
    "proxy_get_buffer_bytes",
    "proxy_get_shared_data",
];

static MODULE: LazyLock<Module> = LazyLock::new(|| Module::load(&module_path("bundle")).expect("`make wasm` was run"));

fn proxy(config: &Value, callouts: impl FnMut(&CalloutRequest) -> CalloutAnswer + 'static) -> Proxy {
    let options = Options { callouts: Box::new(callouts), ..Options::default() };
    Proxy::wasm(&MODULE, config.to_string().as_bytes(), options).expect("the configuration is accepted")
}

/// The keys come after ten milliseconds.
fn keys(_: &CalloutRequest) -> CalloutAnswer {
    let body = key_set(&["rs256"]).expect("the key exists").to_string().into();
    CalloutAnswer::Respond { after: 10 * MILLISECOND, status: 200, headers: Vec::new(), body }
}

fn post(proxy: &mut Proxy, key: &str, chunks: &[&str], trailers: &[(&str, &str)]) -> StreamId {
    let spec = TokenSpec::parse("exp: 9999999, sub: alice").expect("the token is described");
    let authorization = format!("Bearer {}", token(key, &spec, proxy.now().as_secs()).expect("the key exists"));
    let lines = |lines: &[(&str, &str)]| {
        lines.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect::<Vec<_>>()
    };
    let headers = lines(&[
        (":method", "POST"),
        (":path", "/orders"),
        (":authority", "host"),
        (":scheme", "http"),
        ("authorization", &authorization),
        ("content-type", "application/json"),
    ]);
    let body = chunks.iter().map(|chunk| chunk.as_bytes().to_vec()).collect();
    proxy.send(0, Request { headers, body, trailers: lines(trailers), ..Request::default() })
}

/// The status; 0 while the request is held.
fn status(proxy: &Proxy, id: StreamId) -> u16 {
    assert_eq!(proxy.last_trap(), None);
    match proxy.outcome(id) {
        Outcome::Done(exchange) => exchange.response.map_or(499, |response| response.status),
        Outcome::Held => 0,
    }
}

fn config(limits: &Value) -> Value {
    json!({
        "version": 1,
        "jwt_auth": { "providers": { "main": {
            "issuer": "https://id.example",
            "remote_jwks": { "uri": "https://id.example/jwks.json", "cluster": "id" },
        } } },
        "input_validation": { "rules": [{
            "name": "orders",
            "match": { "paths": ["/orders"] },
            "body": { "json": { "schema": { "type": "object", "required": ["item"] } } },
        }] },
        "rate_limit": { "limits": limits },
        "rbac": { "policies": [{ "name": "alice", "action": "ALLOW", "condition": "jwt.subject == 'alice'" }] },
    })
}

#[test]
fn a_body_that_came_while_keys_were_fetched_is_judged_when_they_are_there() {
    let bodies = [
        (["{\"item\"", ": 1}"].as_slice(), [].as_slice(), 200),
        (&["{\"item\"", ": 1}"], &[("x-sum", "1")], 200),
        (&["{\"items\"", ": 1}"], &[], 422),
        (&["{\"item\"", ": 1"], &[("x-sum", "1")], 400),
        (&["not JSON"], &[], 400),
    ];
    for (chunks, trailers, expected) in bodies {
        let mut proxy = proxy(&config(&json!([{ "name": "all", "quota": 9, "window": "1s" }])), keys);
        let held = post(&mut proxy, "rs256", chunks, trailers);
        assert_eq!(status(&proxy, held), 0, "the keys are not there yet");
        proxy.advance(2000 * MILLISECOND);
        assert_eq!(status(&proxy, held), expected, "{chunks:?} {trailers:?}: {:?}", proxy.logs());
        assert_eq!(proxy.metrics().get("portcullis.decisions.rbac.allowed.rbac_allowed"), Some(&1));
    }
}

#[test]
fn a_request_that_waits_for_its_limit_meets_the_policies_afterwards_and_its_body_meanwhile() {
    let delay = json!([{ "name": "slow", "quota": 1, "window": "1s", "burst": 5,
                         "over_limit": { "action": "delay", "max_delay": "5s", "max_waiting": 3 } }]);
    let mut proxy = proxy(&config(&delay), keys);
    proxy.advance(2000 * MILLISECOND);
    let good = ["{\"item\"", ": 1}"];
    let first: Vec<StreamId> = (0..2).map(|_| post(&mut proxy, "rs256", &good, &[])).collect();
    assert_eq!(status(&proxy, *first.first().expect("sent")), 200);
    let malformed = post(&mut proxy, "rs256", &["{", "not JSON"], &[]);
    assert_eq!(status(&proxy, malformed), 400, "nobody waits to be told that");
    proxy.advance(10_000 * MILLISECOND);
    for id in first {
        assert_eq!(status(&proxy, id), 200, "{:?}", proxy.logs());
    }
}

#[test]
fn a_client_that_leaves_while_it_is_held_leaves_nothing_behind() {
    let mut proxy = proxy(&config(&json!([{ "name": "all", "quota": 9, "window": "1s" }])), keys);
    let held = post(&mut proxy, "rs256", &["{\"item\""], &[]);
    assert_eq!(status(&proxy, held), 0);
    proxy.disconnect(held);
    proxy.advance(2000 * MILLISECOND);
    assert_eq!(proxy.last_trap(), None);
    assert_eq!(proxy.metrics().get("portcullis.decisions.rbac.allowed.rbac_allowed"), None);
}

#[test]
fn a_known_caller_within_a_limit_costs_at_most_three_calls_that_return_data() {
    let limits = json!([{ "name": "per-user", "key": ["jwt.claims.sub"], "quota": 99, "window": "1s" }]);
    let mut proxy = proxy(&config(&limits), keys);
    proxy.advance(2000 * MILLISECOND);
    let good = ["{\"item\": 1}"];
    post(&mut proxy, "rs256", &good, &[]);
    let known = post(&mut proxy, "rs256", &good, &[]);
    let calls: BTreeMap<String, u32> = proxy.outcome(known).done().expect("it is answered").calls;
    println!("{calls:?}");
    let data: u32 = DATA.iter().filter(|name| **name != "proxy_get_buffer_bytes").filter_map(|name| calls.get(*name)).sum();
    assert!(data <= 3, "{calls:?}");
}
