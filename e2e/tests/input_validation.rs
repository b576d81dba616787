//! input-validation with what only a real Envoy has: bodies as they come over the wire, upgrades, HTTP/2, time.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code, never in a proxy: a panic is a failed test")]

use std::collections::BTreeSet;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use portcullis_config::OnAmbiguous;
use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::filters::{WasmFilter, wasm_filter};
use portcullis_e2e::{Client, Envoy, EnvoySpec, Listener, Recorder, Request, Response, Route, Seen, echo, eventually};
use portcullis_host_tests::corpus::{capabilities, module_path};
use portcullis_host_tests::json_list;
use portcullis_http::canonical;
use serde_json::{Value, json};

/// How long the client waits after each piece, where the plugin shall see them one by one.
const PACE: Duration = Duration::from_millis(1);

fn plugin(rules: &Value, stop_iteration: bool) -> Value {
    configured(&json!({ "version": 1, "stop_iteration": stop_iteration, "rules": rules }), stop_iteration)
}

fn configured(configuration: &Value, stop_iteration: bool) -> Value {
    wasm_filter(&WasmFilter {
        capabilities: Some(capabilities("input-validation").unwrap()),
        allow_on_headers_stop_iteration: stop_iteration.then_some(true),
        ..WasmFilter::new("input-validation", &module_path("input-validation"), configuration)
    })
}

fn json_rule(json: Value) -> Value {
    json!([{ "name": "json", "body": { "max_bytes": "1MiB", "json": json } }])
}

fn post(body: impl Into<Vec<u8>>) -> Request {
    Request::new("POST", "/").header("content-type", "application/json").body(body)
}

fn chunked<C: Into<Vec<u8>>>(chunks: impl IntoIterator<Item = C>) -> Request {
    Request::new("POST", "/").header("content-type", "application/json").chunked(chunks)
}

fn reason(response: &Response) -> String {
    response.header("x-details").unwrap_or_default()
}

fn listener(name: &str, rules: &Value, stop_iteration: bool) -> Listener {
    Listener::new(name).details_header("x-details").filter(plugin(rules, stop_iteration))
}

fn no_failures(envoy: &Envoy) {
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

/// A body that is refused, in pieces, with the reason.
fn refused() -> Vec<(&'static str, Vec<Vec<u8>>, &'static str)> {
    let pieces = |count: usize| (0..count).map(|number| format!("{{\"n\":{number}}},").into_bytes());
    let mut bad_chunk: Vec<Vec<u8>> = std::iter::once(b"[".to_vec()).chain(pieces(60)).collect();
    bad_chunk[50] = b"{\"n\":,}".to_vec();
    bad_chunk.push(b"1]".to_vec());
    vec![
        ("too deep", vec![b"[[[[[".to_vec(), b"]]]]]".to_vec()], "body_structure"),
        ("too long", vec![vec![b' '; 600], vec![b' '; 600]], "body_too_large"),
        ("wrong schema", vec![b"{\"id\"".to_vec(), b": \"x\"}".to_vec()], "body_schema"),
        ("bad chunk 50 of 60", bad_chunk, "body_malformed"),
        ("trailing garbage", vec![b"{\"id\": 1}".to_vec(), b" x".to_vec()], "body_malformed"),
        ("truncated", vec![b"{\"id\"".to_vec(), b": 1".to_vec()], "body_malformed"),
    ]
}

fn strict_rules() -> Value {
    let json = json!({ "max_depth": 4, "schema": { "properties": { "id": { "type": "integer" } } } });
    json!([{ "name": "json", "body": { "max_bytes": "1KiB", "json": json } }])
}

#[test]
fn with_stop_iteration_nothing_of_a_refused_body_reaches_the_upstream() {
    if !is_installed().unwrap() {
        return;
    }
    let recorder = Recorder::start().unwrap();
    let spec = EnvoySpec::default().cluster("echo", recorder.address()).listener(listener("held", &strict_rules(), true));
    let envoy = Envoy::start(&spec).unwrap();
    for (name, pieces, expected) in refused() {
        let sized = envoy.send("held", &post(pieces.concat())).unwrap();
        assert_eq!(reason(&sized), format!("portcullis_{expected}{{json}}"), "{name}, sized");
        let mut client = envoy.connect("held").unwrap();
        let paced = client.send_paced(&chunked(pieces.clone()), PACE).unwrap();
        assert_eq!(reason(&paced), format!("portcullis_{expected}{{json}}"), "{name}, in pieces");
        let mut client = envoy.connect("held").unwrap();
        let trailed = client.send_paced(&chunked(pieces).trailer("x-t", "1"), PACE).unwrap();
        assert_eq!(reason(&trailed), format!("portcullis_{expected}{{json}}"), "{name}, with trailers");
    }
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(recorder.seen(), [], "not even a connection");
    no_failures(&envoy);
}

#[test]
fn without_stop_iteration_the_upstream_sees_the_head_and_then_the_end() {
    if !is_installed().unwrap() {
        return;
    }
    let (recorder, upstream) = (Recorder::start().unwrap(), echo::start().unwrap());
    let spec = EnvoySpec::default()
        .cluster("recorder", recorder.address())
        .cluster("echo", upstream.address())
        .listener(listener("recorded", &strict_rules(), false).route(Route::Cluster("recorder".to_owned())))
        .listener(listener("echoed", &strict_rules(), false));
    let envoy = Envoy::start(&spec).unwrap();
    for (name, pieces, expected) in refused() {
        let response = envoy.connect("recorded").unwrap().send_paced(&chunked(pieces), PACE).unwrap();
        assert_eq!(reason(&response), format!("portcullis_{expected}{{json}}"), "{name}");
    }
    // A body that is refused before the connection stands leaves nothing at all.
    let heads = || -> portcullis_e2e::Result<_> {
        Ok(recorder.seen().into_iter().filter(|seen| !seen.bytes.is_empty()).collect::<Vec<_>>())
    };
    let ended = || Ok(heads()?.iter().all(|seen| seen.ended).then_some(()));
    eventually(Duration::from_secs(5), ended).unwrap().expect("every connection upstream ends");
    assert!(!heads().unwrap().is_empty());
    for seen in heads().unwrap() {
        let text = String::from_utf8(seen.bytes).unwrap();
        assert!(text.starts_with("POST / HTTP/1.1\r\n") && text.ends_with("\r\n\r\n"), "{text}");
        assert_eq!(text.matches("\r\n\r\n").count(), 1, "something of a body came through: {text}");
    }
    let good = chunked(["{\"id\"", ": 1}"]);
    let seen = Seen::of(&envoy.connect("echoed").unwrap().send_paced(&good, PACE).unwrap()).unwrap();
    assert_eq!(seen.body, b"{\"id\": 1}");
    let seen = Seen::of(&envoy.send("echoed", &good.trailer("x-t", "1")).unwrap()).unwrap();
    assert_eq!((&*seen.body, seen.trailers.first("x-t")), (&b"{\"id\": 1}"[..], Some(&b"1"[..])));
    assert_eq!(
        reason(&envoy.send("echoed", &Request::new("POST", "/").body("{}")).unwrap()),
        "portcullis_content_type_refused{json}"
    );
    no_failures(&envoy);
}

#[test]
fn a_bomb_of_depth_is_refused_in_its_first_chunk() {
    if !is_installed().unwrap() {
        return;
    }
    let spec = EnvoySpec::default().listener(listener("json", &json_rule(json!({})), true).route(Route::Direct(200)));
    let envoy = Envoy::start(&spec).unwrap();
    let mut client = envoy.connect("json").unwrap();
    client.write(&chunked([vec![b'['; 10 << 20]]).pieces()[0]).unwrap();
    // A chunk of ten MiB of which a hundred bytes have come.
    client.write(format!("{:x}\r\n{}", 10 << 20, "[".repeat(100)).as_bytes()).unwrap();
    let response = client.read(false).unwrap();
    assert_eq!((response.status, reason(&response).as_str()), (400, "portcullis_body_structure{json}"));
    no_failures(&envoy);
}

#[test]
fn the_suite_of_json_texts_is_judged_as_it_says() {
    if !is_installed().unwrap() {
        return;
    }
    let Some(rows) = portcullis_suites::rows("json-parsing/json_parsing.jsonl") else { return };
    let rule = |duplicate_keys: &str| json_rule(json!({ "max_depth": 64, "duplicate_keys": duplicate_keys }));
    let spec = EnvoySpec::default()
        .listener(listener("strict", &rule("reject"), true).route(Route::Direct(200)))
        .listener(listener("lenient", &rule("allow"), true).route(Route::Direct(200)));
    let envoy = Envoy::start(&spec).unwrap();
    let judged = |listener: &str, body: &[u8]| envoy.send(listener, &post(body)).unwrap().status;
    let (mut accepted, mut refused, mut repeated) = (0, 0, 0);
    for row in &rows {
        let (id, body) = (row["id"].as_str().unwrap(), BASE64_STANDARD.decode(row["bytes_base64"].as_str().unwrap()).unwrap());
        match row["expect"].as_str().unwrap() {
            "accept" => {
                assert_eq!(judged("lenient", &body), 200, "{id}");
                accepted += 1;
                repeated += usize::from(judged("strict", &body) != 200);
            }
            "reject" => {
                assert_eq!((judged("strict", &body), judged("lenient", &body)), (400, 400), "{id}");
                refused += 1;
            }
            _ => assert!([200, 400].contains(&judged("strict", &body)), "{id}"),
        }
    }
    println!("json-parsing through Envoy: {accepted} of 95 accepted, {refused} of 188 refused, {repeated} need `allow`");
    assert_eq!((accepted, refused, repeated), (95, 188, 2));
    no_failures(&envoy);
}

#[test]
fn the_suites_of_paths_reach_the_upstream_as_they_were_judged() {
    if !is_installed().unwrap() {
        return;
    }
    let Some(rows) = portcullis_suites::rows("envoy-path/path_normalisation.jsonl")
        .zip(portcullis_suites::rows("istio/path_normalization.jsonl"))
    else {
        return;
    };
    let rows = rows.0.into_iter().filter(|row| row["method"] == "GET").chain(rows.1);
    let paths: BTreeSet<String> = rows.map(|row| row["path_in"].as_str().unwrap().to_owned()).collect();
    let upstream = echo::start().unwrap();
    let listener = |name: &str| {
        let configuration = json!({ "version": 1, "on_no_match": "pass", "path": { "on_ambiguous": name } });
        Listener::new(name).details_header("x-details").filter(configured(&configuration, true))
    };
    let spec = EnvoySpec::default().cluster("echo", upstream.address());
    let envoy = Envoy::start(&spec.listener(listener("reject")).listener(listener("rewrite"))).unwrap();
    for (name, mode) in [("reject", OnAmbiguous::Reject), ("rewrite", OnAmbiguous::Rewrite)] {
        let (mut passed, mut ambiguous, mut malformed) = (0, 0, 0);
        for path in &paths {
            let response = envoy.send(name, &Request::new("GET", path.as_str())).unwrap();
            let judged = canonical(path.as_bytes(), mode);
            match (response.status, reason(&response).as_str()) {
                (200, _) => {
                    let seen = Seen::of(&response).unwrap().path;
                    let read = canonical(&seen, OnAmbiguous::Reject).unwrap();
                    assert_eq!(read.as_str(), judged.unwrap().as_str(), "{name}: {path}");
                    passed += 1;
                }
                (400, "portcullis_path_ambiguous") => {
                    assert!(judged.is_err(), "{name}: {path}");
                    ambiguous += 1;
                }
                // Envoy itself knows no such request target.
                (status, why) => {
                    assert!(status == 400 && !why.starts_with("portcullis"), "{name}: {path}: {status} {why}");
                    malformed += 1;
                }
            }
        }
        println!("{name}: of {} paths {passed} as judged, {ambiguous} ambiguous, {malformed} refused by Envoy", paths.len());
        assert!(passed >= 30 && ambiguous > 0, "{name}: {passed}, {ambiguous}");
    }
    no_failures(&envoy);
}

#[test]
fn a_length_is_judged_before_the_body_and_an_interim_answer_changes_nothing() {
    if !is_installed().unwrap() {
        return;
    }
    let upstream = echo::start().unwrap();
    let spec = EnvoySpec::default().cluster("echo", upstream.address()).listener(listener("json", &strict_rules(), true));
    let envoy = Envoy::start(&spec).unwrap();
    let head = |length: usize, more: &str| {
        format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n")
    };
    let answer = |bytes: &[&[u8]]| {
        let mut client: Client = envoy.connect("json").unwrap();
        bytes.iter().for_each(|bytes| client.write(bytes).unwrap());
        client.read(false).unwrap()
    };
    assert_eq!(reason(&answer(&[head(2_000, "").as_bytes()])), "portcullis_body_too_large{json}");
    let expect = "expect: 100-continue\r\n";
    assert_eq!(reason(&answer(&[head(2_000, expect).as_bytes()])), "portcullis_body_too_large{json}");
    assert_eq!(reason(&answer(&[head(2, expect).as_bytes(), b"{x"])), "portcullis_body_malformed{json}");
    assert_eq!(upstream.connections(), 0);
    assert_eq!(answer(&[head(2, expect).as_bytes(), b"{}"]).status, 200);
    no_failures(&envoy);
}

#[test]
fn only_the_upgrades_that_a_rule_names_are_made() {
    if !is_installed().unwrap() {
        return;
    }
    let rules = json!([
        { "name": "chat", "match": { "paths": ["/chat"] }, "upgrades": ["websocket"] },
        { "name": "other", "body": { "required": false, "json": {} } },
    ]);
    let recorder = Recorder::start().unwrap();
    let listener =
        listener("upgrades", &rules, true).connection_manager("upgrade_configs", json!([{ "upgrade_type": "websocket" }]));
    let envoy = Envoy::start(&EnvoySpec::default().cluster("echo", recorder.address()).listener(listener)).unwrap();
    let upgrade = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
    let mut client = envoy.connect("upgrades").unwrap();
    client.write(upgrade("/other").as_bytes()).unwrap();
    assert_eq!(reason(&client.read(false).unwrap()), "portcullis_upgrade_refused{other}");
    assert_eq!(recorder.seen(), []);
    let mut client = envoy.connect("upgrades").unwrap();
    client.write(upgrade("/chat").as_bytes()).unwrap();
    let arrived = || Ok(recorder.seen().first().filter(|connection| connection.bytes.ends_with(b"\r\n\r\n")).cloned());
    let seen = eventually(Duration::from_secs(5), arrived).unwrap().expect("the upgrade reaches the upstream");
    assert!(String::from_utf8_lossy(&seen.bytes).starts_with("GET /chat HTTP/1.1\r\n"));
    no_failures(&envoy);
}

#[test]
fn http_2_with_and_without_trailers_is_judged_alike() {
    if !is_installed().unwrap() {
        return;
    }
    let upstream = echo::start().unwrap();
    let behind = EnvoySpec::default()
        .cluster("echo", upstream.address())
        .listener(listener("held", &strict_rules(), true))
        .listener(listener("passed", &strict_rules(), false));
    let behind = Envoy::start(&behind).unwrap();
    let front = ["held", "passed"].iter().fold(EnvoySpec::default(), |spec, name| {
        let spec = spec.http2_cluster(name, behind.listener_addr(name).unwrap());
        spec.listener(Listener::new(name).route(Route::Cluster((*name).to_owned())))
    });
    let front = Envoy::start(&front).unwrap();
    for listener in ["held", "passed"] {
        for (name, pieces, expected) in refused() {
            for request in [chunked(pieces.clone()), chunked(pieces).trailer("x-t", "1")] {
                let response = front.connect(listener).unwrap().send_paced(&request, PACE).unwrap();
                assert_eq!(reason(&response), format!("portcullis_{expected}{{json}}"), "{listener}: {name}");
            }
        }
        let good = chunked(["{\"id\"", ": 1}"]).trailer("x-t", "1");
        let seen = Seen::of(&front.send(listener, &good).unwrap()).unwrap();
        assert_eq!((&*seen.body, seen.trailers.first("x-t")), (&b"{\"id\": 1}"[..], Some(&b"1"[..])), "{listener}");
    }
    no_failures(&behind);
}

#[test]
fn a_body_of_a_mebibyte_passes_however_it_is_cut_at_a_cost_that_is_printed() {
    if !is_installed().unwrap() {
        return;
    }
    let rules = json_rule(json!({ "max_array": 1_000_000, "max_values": 10_000_000 }));
    let listener = Listener { buffer_limit: Some(4 << 20), ..listener("json", &rules, true).route(Route::Direct(200)) };
    let envoy = Envoy::start(&EnvoySpec::default().listener(listener)).unwrap();
    let cost = |size: usize, piece: usize, times: u32| {
        let request = chunked(json_list(size).chunks(piece).map(<[u8]>::to_vec));
        let before = envoy.worker_time().unwrap();
        for _ in 0..times {
            assert_eq!(envoy.send("json", &request).unwrap().status, 200);
        }
        (envoy.worker_time().unwrap() - before).as_secs_f64() * 1e3 / f64::from(times)
    };
    for piece in [100, 4 << 10] {
        cost(1 << 18, piece, 3);
        let (quarter, whole) = (cost(1 << 18, piece, 20), cost(1 << 20, piece, 10));
        println!("pieces of {piece}: 256 KiB {quarter:.2} ms, 1 MiB {whole:.2} ms, ratio {:.2}", whole / quarter);
    }
    println!("Envoy then holds {} KiB", envoy.memory_kib().unwrap());
    no_failures(&envoy);
}
