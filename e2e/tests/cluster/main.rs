//! Limits that a rate limit service keeps, in real Envoys: what proxies share, and what becomes of requests when nobody answers.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code, never in a proxy: a panic is a failed test")]

mod engine;
mod failures;
mod leaving;
mod messages;
mod redis;
mod reload;
mod service;
mod told;

use std::io::Write as _;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use limitador::RateLimiter;
use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::filters::{WasmFilter, wasm_filter};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, Response, Route};
use portcullis_host_tests::corpus::{capabilities, module_path};
use serde_json::{Value, json};

use engine::{engine, hourly};
use redis::Redis;
use service::{Behaviour, Service};

/// Whose limits are asked for.
const DOMAIN: &str = "shop";

/// How long an answer may take, where nobody waits for it in vain.
const PATIENT: &str = "10s";

/// A listener whose limit is asked about at `service`, by `x-api-key`; `fields` of the limit besides.
fn listener(name: &str, service: &Value, fields: &Value) -> Listener {
    let mut limit = json!({
        "name": name,
        "scope": "cluster",
        "service": service,
        "descriptor": [{ "key": "api_key", "value": "request.headers['x-api-key']" }],
    });
    limit.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let config = json!({ "version": 1, "response_headers": { "on_admitted": true }, "limits": [limit] });
    let module = module_path("rate-limit");
    let filter = wasm_filter(&WasmFilter {
        vm_id: "cluster",
        allow_on_headers_stop_iteration: Some(true),
        capabilities: Some(capabilities("rate-limit").unwrap()),
        ..WasmFilter::new(name, &module, &config)
    });
    Listener::new(name).filter(filter).route(Route::Direct(200)).details_header("x-details")
}

/// A service at the cluster `limits`.
fn at(timeout: &str) -> Value {
    json!({ "cluster": "limits", "domain": DOMAIN, "timeout": timeout })
}

fn spec(engine: SocketAddr) -> EnvoySpec {
    EnvoySpec { concurrency: 2, ..EnvoySpec::default() }.http2_cluster("limits", engine)
}

fn bearing(key: &str) -> Request {
    Request::get("/").header("x-api-key", key)
}

fn send(envoy: &Envoy, listener: &str, key: &str) -> Response {
    envoy.send(listener, &bearing(key)).unwrap()
}

fn assert_no_failures(envoy: &Envoy) {
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

#[test]
fn two_proxies_on_one_engine_admit_the_quota_together() {
    if !is_installed().unwrap() {
        return;
    }
    let service = Service::start(Behaviour::Answer(hourly(DOMAIN, "api_key", 20)));
    let start = || Envoy::start(&spec(service.address()).listener(listener("per-key", &at(PATIENT), &json!({})))).unwrap();
    let proxies = [start(), start()];
    // Two clients of each proxy at once, every one with more than its share.
    let admitted = thread::scope(|scope| {
        let clients: Vec<_> =
            proxies.iter().flat_map(|proxy| [proxy, proxy]).map(|proxy| scope.spawn(|| admitted(proxy))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(admitted.iter().sum::<usize>(), 20, "{admitted:?}");
    assert_eq!(service.asked(), 4 * EACH);
    for proxy in &proxies {
        let refused = send(proxy, "per-key", "k1");
        assert_eq!(refused.status, 429);
        assert_eq!(refused.header("x-details").unwrap(), "portcullis_rate_limited{per-key}");
        assert_eq!(refused.header("ratelimit-policy").unwrap(), "\"per-key\";q=20;w=3600");
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=3600).contains(&wait), "{wait}");
    }
    // Another key has a quota of its own, which both proxies spend.
    let left = |proxy| send(proxy, "per-key", "k2").header("ratelimit").unwrap();
    assert!(left(&proxies[0]).starts_with("\"per-key\";r=19;"));
    assert!(left(&proxies[1]).starts_with("\"per-key\";r=18;"));
    proxies.iter().for_each(assert_no_failures);
}

#[test]
fn two_proxies_with_engines_of_their_own_on_one_redis_admit_the_quota_together() {
    if !is_installed().unwrap() {
        return;
    }
    let Some(redis) = Redis::start() else {
        // Past the test harness, which would swallow what `eprintln!` says in a test that passes.
        let _ = std::io::stderr().write_all(b"skipped: redis-server is not installed\n");
        return;
    };
    let services = [(); 2].map(|()| {
        let limiter = RateLimiter::new_with_storage(Box::new(redis.counters()));
        Service::start(Behaviour::Answer(engine(limiter, DOMAIN, "api_key", 15)))
    });
    let start = |service: &Service| {
        Envoy::start(&spec(service.address()).listener(listener("per-key", &at(PATIENT), &json!({})))).unwrap()
    };
    let proxies = services.each_ref().map(start);
    let admitted = thread::scope(|scope| {
        let clients = proxies.each_ref().map(|proxy| scope.spawn(|| admitted(proxy)));
        clients.map(|client| client.join().unwrap())
    });
    assert_eq!(admitted.iter().sum::<usize>(), 15, "{admitted:?}");
    assert_eq!(services.each_ref().map(Service::asked), [EACH; 2]);
    proxies.iter().for_each(assert_no_failures);
}

/// How many requests each client sends.
const EACH: usize = 10;

/// How many of them the proxy admits.
fn admitted(proxy: &Envoy) -> usize {
    let mut client = proxy.connect("per-key").unwrap();
    let mut statuses = (0..EACH).map(|_| client.send(&bearing("k1")).unwrap().status);
    statuses.by_ref().inspect(|status| assert!([200, 429].contains(status), "{status}")).filter(|status| *status == 200).count()
}

/// Longer than anybody waits in these tests.
const TOO_LONG: Duration = Duration::from_secs(600);
