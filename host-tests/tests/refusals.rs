//! A refusal that the proxy does not carry out still lets nothing pass: no later part of the request goes on by itself.
#![expect(clippy::expect_used, reason = "test code, never in a proxy: a panic is a failed test")]

use std::collections::BTreeSet;
use std::time::Duration;

use portcullis_cases::mint;
use portcullis_host::{CalloutAnswer, Options, Outcome, Proxy, Request};
use portcullis_host_tests::corpus::{self, capabilities};
use serde_json::{Value, json};

/// Every capability of the plugin but the one that answers clients.
fn without_replies() -> BTreeSet<String> {
    let all = capabilities("jwt-auth").expect("the list is committed");
    all.into_iter().filter(|name| name != "proxy_send_local_response").collect()
}

fn start(keys: &Value, options: Options) -> Proxy {
    let module = corpus::module("jwt-auth").expect("`make wasm` was run");
    let config = json!({ "version": 1, "providers": { "main": keys } });
    let options = Options { allowed_capabilities: Some(without_replies()), ..options };
    Proxy::wasm(&module, config.to_string().as_bytes(), options).expect("the configuration is good")
}

/// A POST with a body in two pieces and a trailer.
fn post(authorization: &str) -> Request {
    let headers = [(":method", "POST"), (":path", "/"), (":authority", "a"), ("authorization", authorization)];
    let bytes = |(name, value): (&str, &str)| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
    Request {
        headers: headers.map(bytes).to_vec(),
        body: vec![b"a".to_vec(), b"b".to_vec()],
        trailers: vec![bytes(("x-t", "1"))],
        ..Request::default()
    }
}

fn upstream_saw_nothing(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Held => true,
        Outcome::Done(exchange) => exchange.upstream.is_none(),
    }
}

#[test]
fn a_refused_request_does_not_go_on_when_its_body_comes() {
    let keys = json!({ "local_jwks": { "inline": mint::key_set(&["rs256"]).expect("the key exists") } });
    let mut proxy = start(&keys, Options::default());
    let stream = proxy.send(0, post("Bearer x"));
    let outcome = proxy.outcome(stream);
    assert!(upstream_saw_nothing(&outcome), "{outcome:?}");
}

#[test]
fn a_request_that_waited_in_vain_does_not_go_on_when_its_body_comes() {
    let keys = json!({ "remote_jwks": { "uri": "http://id.example/jwks.json", "cluster": "id", "timeout": "1s" } });
    let script = |_: &portcullis_host::CalloutRequest| CalloutAnswer::Timeout;
    let mut proxy = start(&keys, Options { callouts: Box::new(script), ..Options::default() });
    let token = mint::token("rs256", &mint::TokenSpec::parse("").expect("an empty spec"), 1_767_225_600).expect("the key exists");
    let stream = proxy.send(0, post(&format!("Bearer {token}")));
    proxy.advance(Duration::from_secs(10));
    let outcome = proxy.outcome(stream);
    assert!(upstream_saw_nothing(&outcome), "{outcome:?}");
}
