//! Answers that come in pieces through a real Envoy: what is to be taken out of them is never seen, and nothing else is lost.
#![expect(clippy::unwrap_used, reason = "test code, never in a proxy: a panic is a failed test")]

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::filters::{WasmFilter, wasm_filter};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, echo};
use portcullis_host_tests::corpus::{capabilities, module_path};
use serde_json::json;

const CARD: &str = "4111 1111 1111 1111";

/// What the upstream answers; the card begins at [`AT`].
const TEXT: &str = r#"{"id":1234567890123456,"card":"4111 1111 1111 1111","ratio":0.4111111111111111}"#;
const AT: usize = 31;

/// How long the upstream waits between two pieces, so that the proxy sees them one by one.
const PACE: Duration = Duration::from_millis(3);

/// An upstream that answers `/N` with [`TEXT`], cut after `N` bytes; `/N?whole` says its length.
fn cutting_upstream() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || while answer(&stream).is_some() {});
        }
    });
    address
}

fn answer(mut stream: &TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let target = lines.next()?.split(' ').nth(1)?.to_owned();
    lines.find(String::is_empty)?;
    let (cut, whole) = target.split_once('?').map_or((target.as_str(), false), |(cut, _)| (cut, true));
    let (one, other) = TEXT.split_at_checked(cut.trim_start_matches('/').parse().ok()?)?;
    let framing = if whole { format!("content-length: {}", TEXT.len()) } else { "transfer-encoding: chunked".to_owned() };
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{framing}\r\n\r\n").ok()?;
    for piece in [one, other].into_iter().filter(|piece| !piece.is_empty()) {
        thread::sleep(PACE);
        if whole {
            stream.write_all(piece.as_bytes()).ok()?;
        } else {
            write!(stream, "{:x}\r\n{piece}\r\n", piece.len()).ok()?;
        }
    }
    thread::sleep(PACE);
    if whole { Some(()) } else { stream.write_all(b"0\r\n\r\n").ok() }
}

/// The plugin, in front of `upstream`.
fn redacting(upstream: SocketAddr) -> Envoy {
    let configuration = json!({ "version": 1, "on_no_match": "pass", "defaults": { "response": { "redact": {} } } });
    let filter = wasm_filter(&WasmFilter {
        capabilities: Some(capabilities("input-validation").unwrap()),
        allow_on_headers_stop_iteration: Some(true),
        ..WasmFilter::new("input-validation", &module_path("input-validation"), &configuration)
    });
    let spec = EnvoySpec::default().cluster("echo", upstream).listener(Listener::new("redacted").filter(filter));
    Envoy::start(&spec).unwrap()
}

#[test]
fn an_encoded_answer_is_not_passed_on() {
    if !is_installed().unwrap() {
        return;
    }
    let upstream = echo::start().unwrap();
    let envoy = redacting(upstream.address());
    let answering = |header: &str| envoy.send("redacted", &Request::get("/").header(echo::HEADER, header)).unwrap().status;
    assert_eq!(answering("content-encoding: gzip"), 502);
    assert_eq!(answering("content-encoding: identity"), 200);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

#[test]
fn a_card_is_never_seen_and_no_digit_is_lost_wherever_an_answer_is_cut() {
    if !is_installed().unwrap() {
        return;
    }
    assert_eq!(TEXT.find(CARD), Some(AT));
    let envoy = redacting(cutting_upstream());
    let expected = TEXT.replace(CARD, "[redacted]");
    for cut in 0..=TEXT.len() {
        for query in ["", "?whole"] {
            let response = envoy.send("redacted", &Request::get(format!("/{cut}{query}").as_str())).unwrap();
            assert_eq!((response.status, response.text()), (200, expected.clone()), "cut after {cut}{query}");
        }
    }
    let metric = "wasmcustom.portcullis.redactions.input_validation.card";
    let answers = i64::try_from(2 * (TEXT.len() + 1)).unwrap();
    assert_eq!(envoy.stats().unwrap().get(metric), Some(&answers));
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}
