//! What a request costs in crossings, counted by the host (DESIGN: one host call that returns data).
#![expect(clippy::expect_used, reason = "test code, never in a proxy: a panic is a failed test")]

use portcullis_host::{Module, Options, Proxy, Request};
use portcullis_host_tests::corpus::module_path;
use portcullis_host_tests::mint::{self, TokenSpec};
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

fn calls_of_a_remembered_token() -> std::collections::BTreeMap<String, u32> {
    let module = Module::load(&module_path("jwt-auth")).expect("`make wasm` was run");
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
