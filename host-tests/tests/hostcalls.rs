//! What a request costs in crossings, counted by the host.
#![expect(clippy::expect_used, reason = "test code, never in a proxy: a panic is a failed test")]

use std::collections::BTreeMap;

use portcullis_cases::mint::{self, TokenSpec};
use portcullis_host::{Options, Proxy, Request};
use portcullis_host_tests::corpus;
use serde_json::json;

const NOW: u64 = 1_767_225_600;

/// The host functions that hand a buffer over.
const DATA: [&str; 5] = [
    "proxy_get_header_map_pairs",
    "proxy_get_header_map_value",
    "proxy_get_property",
    "proxy_get_buffer_bytes",
    "proxy_get_shared_data",
];

fn calls_of_a_remembered_token() -> BTreeMap<String, u32> {
    let module = corpus::module("jwt-auth").expect("`make wasm` was run");
    let keys = mint::key_set(&["rs256"]).expect("the key exists");
    let config = json!({ "version": 1, "providers": { "main": { "local_jwks": { "inline": keys }, "forward": true } } });
    let mut proxy = Proxy::wasm(&module, config.to_string().as_bytes(), Options::default()).expect("the configuration is good");
    let token = mint::token("rs256", &TokenSpec::parse("").expect("an empty spec"), NOW).expect("the key exists");
    let headers = [(":method", "GET"), (":path", "/"), (":authority", "a"), ("authorization", &format!("Bearer {token}"))];
    let request = Request {
        headers: headers.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).to_vec(),
        ..Request::default()
    };
    proxy.send(0, request.clone());
    let second = proxy.send(0, request);
    proxy.outcome(second).done().expect("it is answered").calls
}

#[test]
fn a_remembered_token_costs_one_call_that_returns_data() {
    let calls = calls_of_a_remembered_token();
    println!("{calls:?}");
    let data: u32 = DATA.iter().filter_map(|name| calls.get(*name)).sum();
    assert_eq!(data, 1, "{calls:?}");
    assert_eq!(calls.get("proxy_call_foreign_function"), None, "the signature was verified again");
}

/// What rbac asks for a request to `/`, whose identity jwt-auth has published, under a policy with this condition.
fn data_calls_of_rbac(condition: &str, status: u16) -> BTreeMap<String, u32> {
    let module = corpus::module("rbac").expect("`make wasm` was run");
    let policy = json!({ "name": "all", "action": "ALLOW", "condition": condition });
    let config =
        json!({ "version": 1, "identity_from": ["portcullis", "mtls"], "roles_from": "jwt.claims.roles", "policies": [policy] });
    let mut proxy = Proxy::wasm(&module, config.to_string().as_bytes(), Options::default()).expect("the configuration is good");
    let identity = br#"{"provider":"main","subject":"alice","claims":{"sub":"alice","roles":["reader"]},"header":{}}"#;
    let request = Request {
        headers: [(":method", "GET"), (":path", "/?a=1"), (":authority", "a"), ("cookie", "s=1")]
            .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()))
            .to_vec(),
        filter_state: [("portcullis_identity".to_owned(), identity.to_vec())].into(),
        ..Request::default()
    };
    let stream = proxy.send(0, request);
    let exchange = proxy.outcome(stream).done().expect("it is answered");
    assert_eq!(exchange.response.as_ref().map(|response| response.status), Some(status), "{condition}: {:?}", proxy.logs());
    exchange.calls.into_iter().filter(|(name, _)| DATA.contains(&name.as_str())).collect()
}

/// The headers, and so many properties.
fn headers_and(properties: u32) -> BTreeMap<String, u32> {
    let calls = [("proxy_get_header_map_pairs", 1), ("proxy_get_property", properties)];
    calls.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name.to_owned(), count)).collect()
}

#[test]
fn a_policy_costs_two_calls_that_return_data_the_headers_and_the_identity() {
    for condition in [
        "jwt.subject == 'alice' && jwt.claims.sub == 'alice' && hasRole('reader') && !hasRole('editor')",
        "hasRole('reader') && query.a == '1' && cookies.s == '1' && request.host == 'a' && request.method == 'GET'",
    ] {
        assert_eq!(data_calls_of_rbac(condition, 200), headers_and(1), "{condition}");
    }
    assert_eq!(data_calls_of_rbac("query.a == '1'", 200), headers_and(0), "nobody asked for the identity");
}

#[test]
fn a_refusal_costs_no_more_its_record_included() {
    assert_eq!(data_calls_of_rbac("query.a == '2'", 403), headers_and(1));
    assert_eq!(data_calls_of_rbac("jwt.subject == 'bob'", 403), headers_and(1));
}

#[test]
fn each_property_that_a_policy_names_costs_one_more_however_often() {
    assert_eq!(data_calls_of_rbac("destination.port == 10000 && destination.port != 80", 200), headers_and(1));
    let both = "jwt.subject == 'alice' && destination.port == 10000 && source.ip == ip('127.0.0.1') && source.ip != ip('::1')";
    assert_eq!(data_calls_of_rbac(both, 200), headers_and(3));
    assert_eq!(data_calls_of_rbac("destination.ip == ip('127.0.0.1') && destination.ip != ip('::1')", 200), headers_and(1));
    assert_eq!(data_calls_of_rbac("hasRole('reader') && !connection.mtls && !connection.mtls", 200), headers_and(2));
}
