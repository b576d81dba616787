//! Remote key sets in a real Envoy with four workers: cold starts, rotations, outages.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code, never in a proxy: a panic is a failed test")]

mod discovery;
mod hostile;

use std::thread;
use std::time::{Duration, Instant};

use portcullis_cases::mint::{self, TokenSpec};
use portcullis_e2e::filters::{WasmFilter, wasm_filter};
use portcullis_e2e::key_server::{Behaviour, KeyServer};
use portcullis_e2e::{Client, Envoy, EnvoySpec, Listener, Request, Route, envoy, wall_clock};
use portcullis_host_tests::corpus::{capabilities, module_path};
use serde_json::{Value, json};

/// Starts Envoy with one provider whose keys `keys` serves; `None` where Envoy is not installed.
fn start(keys: &KeyServer, remote: &Value) -> Option<Envoy> {
    let mut remote_jwks = json!({ "uri": "http://id.example/jwks.json", "cluster": "id", "timeout": "3s" });
    remote_jwks.as_object_mut().unwrap().extend(remote.as_object().unwrap().clone());
    start_with(keys, &json!({ "issuer": "https://id.example", "remote_jwks": remote_jwks }))
}

/// The same for a whole provider.
fn start_with(keys: &KeyServer, provider: &Value) -> Option<Envoy> {
    if !envoy::is_installed().unwrap() {
        return None;
    }
    let config = json!({ "version": 1, "providers": { "main": provider } });
    let module = module_path("jwt-auth");
    let filter = wasm_filter(&WasmFilter {
        allow_on_headers_stop_iteration: Some(true),
        capabilities: Some(capabilities("jwt-auth").unwrap()),
        ..WasmFilter::new("jwt-auth", &module, &config)
    });
    let listener = Listener::new("main").filter(filter).route(Route::Direct(200)).details_header("x-details");
    let spec = EnvoySpec { concurrency: 4, ..EnvoySpec::default() }.cluster("id", keys.address()).listener(listener);
    Some(Envoy::start(&spec).unwrap())
}

fn key_set(names: &[&str]) -> String {
    mint::key_set(names).unwrap().to_string()
}

fn bearing(key: &str) -> Request {
    bearing_with(key, "")
}

fn bearing_with(key: &str, spec: &str) -> Request {
    let token = mint::token(key, &TokenSpec::parse(spec).unwrap(), wall_clock()).unwrap();
    Request::get("/").header("authorization", format!("Bearer {token}"))
}

/// Everything that a key server does wrong while it is there.
fn failures() -> Vec<Behaviour> {
    vec![
        Behaviour::Status(500),
        Behaviour::Garbage,
        Behaviour::Empty,
        Behaviour::Serve(key_set(&["hs256"])),
        Behaviour::BreakOff,
        Behaviour::Huge,
        Behaviour::Redirect("http://id.example/elsewhere".to_owned()),
        Behaviour::ServeAfter(Duration::from_secs(2), key_set(&["rs256"])),
        Behaviour::Hang,
    ]
}

/// Sends `count` requests at once, over as many connections, and counts the answers that are not `status`.
fn others_than(envoy: &Envoy, request: &Request, count: usize, status: u16) -> usize {
    let mut clients: Vec<Client> = (0..count).map(|_| envoy.connect("main").unwrap()).collect();
    clients.iter_mut().for_each(|client| client.write(&request.to_bytes()).unwrap());
    clients.iter_mut().map(|client| client.read(false).unwrap()).filter(|response| response.status != status).count()
}

#[test]
fn a_thousand_cold_requests_cause_one_fetch() {
    let keys = KeyServer::start(Behaviour::ServeAfter(Duration::from_secs(1), key_set(&["rs256"]))).unwrap();
    // However slow the machine: a fetch that ends by its timeout is followed by another one.
    let Some(envoy) = start(&keys, &json!({ "timeout": "30s" })) else { return };
    let refused = others_than(&envoy, &bearing("rs256"), 1_000, 200);
    println!("1,000 cold requests on 4 workers: {} fetches, {refused} refused", keys.fetches());
    assert_eq!((keys.fetches(), refused), (1, 0));
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

#[test]
fn a_held_request_with_a_body_waits_too() {
    let keys = KeyServer::start(Behaviour::ServeAfter(Duration::from_secs(1), key_set(&["rs256"]))).unwrap();
    let Some(envoy) = start(&keys, &json!({})) else { return };
    let good = Request { method: "POST".to_owned(), ..bearing("rs256") }.chunked(["a", "b"]).trailer("x-t", "1");
    assert_eq!(envoy.send("main", &good).unwrap().status, 200);
    keys.behave(Behaviour::Hang);
    let bad = Request { method: "POST".to_owned(), ..bearing("es256") }.chunked(["a", "b"]).trailer("x-t", "1");
    assert_ne!(envoy.send("main", &bad).unwrap().status, 200);
}

#[test]
fn a_rotation_refuses_nobody() {
    let keys = KeyServer::start(Behaviour::Serve(key_set(&["rs256"]))).unwrap();
    let Some(envoy) = start(&keys, &json!({ "refetch_interval": "1s" })) else { return };
    assert_eq!(others_than(&envoy, &bearing("rs256"), 20, 200), 0);
    thread::sleep(Duration::from_millis(1_100));
    keys.behave(Behaviour::Serve(key_set(&["es256", "rs256"])));
    let refused = others_than(&envoy, &bearing("es256"), 100, 200) + others_than(&envoy, &bearing("rs256"), 100, 200);
    println!("rotation: {refused} of 200 requests refused, {} fetches", keys.fetches());
    assert_eq!(refused, 0);
}

#[test]
fn a_key_that_one_worker_has_looked_for_in_vain_is_refused_by_all() {
    let keys = KeyServer::start(Behaviour::Serve(key_set(&["rs256"]))).unwrap();
    let Some(envoy) = start(&keys, &json!({})) else { return };
    assert_eq!(others_than(&envoy, &bearing("rs256"), 20, 200), 0);
    assert_eq!(envoy.send("main", &bearing("es256")).unwrap().status, 401);
    let begun = Instant::now();
    let others = others_than(&envoy, &bearing("es256"), 40, 401);
    println!(
        "an unknown key at 40 connections: {others} other answers than 401, {:?}, {} fetches",
        begun.elapsed(),
        keys.fetches()
    );
    assert_eq!((others, keys.fetches()), (0, 2));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_flood_of_unknown_keys_causes_a_fetch_every_refetch_interval() {
    let keys = KeyServer::start(Behaviour::Serve(key_set(&["rs256"]))).unwrap();
    let Some(envoy) = start(&keys, &json!({ "refetch_interval": "2s", "timeout": "1s" })) else { return };
    assert_eq!(others_than(&envoy, &bearing("rs256"), 20, 200), 0);
    let (begun, mut sent, mut wrong) = (Instant::now(), 0, 0);
    while begun.elapsed() < Duration::from_secs(7) {
        let stranger = bearing_with("es256", &format!("header: {{kid: unknown{sent}}}"));
        let mut client = envoy.connect("main").unwrap();
        client.write(&stranger.to_bytes()).unwrap();
        wrong += others_than(&envoy, &bearing("rs256"), 2, 200);
        sent += 1;
        thread::sleep(Duration::from_millis(10));
    }
    println!("{sent} unknown keys in 7 s, refetch_interval 2s: {} fetches, {wrong} good requests refused", keys.fetches() - 1);
    assert_eq!(wrong, 0);
    assert!((1..=5).contains(&(keys.fetches() - 1)), "{}", keys.fetches() - 1);
}

#[test]
fn an_outage_refuses_nobody_who_was_known() {
    let keys = KeyServer::start(Behaviour::Serve(key_set(&["rs256"]))).unwrap();
    let Some(envoy) = start(&keys, &json!({ "cache_duration": "1s", "refetch_interval": "1s", "timeout": "1s" })) else { return };
    assert_eq!(others_than(&envoy, &bearing("rs256"), 20, 200), 0);
    let mut refused = 0;
    for failure in failures() {
        keys.behave(failure);
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(500));
            refused += others_than(&envoy, &bearing("rs256"), 20, 200);
        }
    }
    println!("outage within max_stale: {refused} of 540 requests refused, {} fetches", keys.fetches());
    drop(keys);
    thread::sleep(Duration::from_millis(1_500));
    refused += others_than(&envoy, &bearing("rs256"), 20, 200);
    assert_eq!(refused, 0);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

#[test]
fn without_keys_the_answer_is_503_and_then_they_come() {
    let keys = KeyServer::start(Behaviour::Status(500)).unwrap();
    let Some(envoy) = start(&keys, &json!({ "timeout": "1s", "refetch_interval": "1s" })) else { return };
    let response = envoy.send("main", &bearing("rs256")).unwrap();
    assert_eq!((response.status, response.header("x-details").as_deref()), (503, Some("portcullis_jwks_unavailable")));
    assert_eq!(envoy.send("main", &Request::get("/")).unwrap().status, 401);
    keys.behave(Behaviour::Serve(key_set(&["rs256"])));
    thread::sleep(Duration::from_millis(2_500));
    assert_eq!(envoy.send("main", &bearing("rs256")).unwrap().status, 200);
}

#[test]
fn whatever_the_server_does_cold_requests_are_refused_as_unavailable_until_it_is_back() {
    let keys = KeyServer::start(Behaviour::Status(500)).unwrap();
    let Some(envoy) = start(&keys, &json!({ "timeout": "1s", "refetch_interval": "1s" })) else { return };
    for failure in failures() {
        keys.behave(failure.clone());
        assert_eq!(others_than(&envoy, &bearing("rs256"), 20, 503), 0, "{failure:?}");
    }
    keys.behave(Behaviour::Serve(key_set(&["rs256"])));
    thread::sleep(Duration::from_millis(2_500));
    assert_eq!(others_than(&envoy, &bearing("rs256"), 20, 200), 0);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

#[test]
fn a_client_that_does_not_wait_leaves_nothing_behind() {
    let keys = KeyServer::start(Behaviour::ServeAfter(Duration::from_secs(1), key_set(&["rs256"]))).unwrap();
    let Some(envoy) = start(&keys, &json!({})) else { return };
    for _ in 0..50 {
        let mut client = envoy.connect("main").unwrap();
        client.write(&bearing("rs256").to_bytes()).unwrap();
    }
    thread::sleep(Duration::from_millis(1_500));
    assert_eq!(others_than(&envoy, &bearing("rs256"), 20, 200), 0);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}
