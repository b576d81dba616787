//! Answers on the real `.wasm`: a card number is never seen, and nothing else is lost, wherever two cuts fall.
#![expect(clippy::expect_used, clippy::string_slice, reason = "test code, never in a proxy: a panic is a failed test")]

use portcullis_host::{Module, Options, Proxy, Request, UpstreamResponse};
use portcullis_host_tests::corpus;
use serde_json::json;

const CARD: &str = "4111-1111-1111-1111";

/// Digits that are no card's stand around it, and as many in one number.
const TEXT: &str = r#"{"id":1234567890123456,"card":"4111-1111-1111-1111","ratio":0.4111111111111111,"n":[4,1,1]}"#;

fn lines(lines: &[(&str, &str)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    lines.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
}

/// What the client sees of an answer that comes in these pieces.
fn seen(proxy: &mut Proxy, pieces: &[&str]) -> Vec<u8> {
    let response = UpstreamResponse {
        headers: lines(&[("content-type", "application/json")]),
        body: pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect(),
        ..UpstreamResponse::default()
    };
    let headers = lines(&[(":method", "GET"), (":path", "/"), (":authority", "a"), (":scheme", "http")]);
    let stream = proxy.send(0, Request { headers, response, ..Request::default() });
    proxy.outcome(stream).done().and_then(|exchange| exchange.response).expect("it is answered").body
}

#[test]
fn a_card_is_never_seen_and_no_digit_is_lost_wherever_an_answer_is_cut_twice() {
    let module: Module = corpus::module("input-validation").expect("`make wasm` was run");
    let config = json!({ "version": 1, "on_no_match": "pass", "defaults": { "response": { "redact": {} } } });
    let mut proxy = Proxy::wasm(&module, config.to_string().as_bytes(), Options::default()).expect("the configuration is good");
    let expected = TEXT.replace(CARD, "[redacted]");
    assert_ne!(expected, TEXT);
    let mut answers = 0;
    for first in 0..=TEXT.len() {
        for second in first..=TEXT.len() {
            let pieces = [&TEXT[..first], &TEXT[first..second], &TEXT[second..]];
            let pieces: Vec<&str> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
            assert_eq!(String::from_utf8_lossy(&seen(&mut proxy, &pieces)), expected, "{pieces:?}");
            answers += 1;
        }
    }
    assert_eq!(proxy.metrics().get("portcullis.redactions.input_validation.card"), Some(&answers));
    println!("{answers} answers");
}
