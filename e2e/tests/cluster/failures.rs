//! Services that fail, in all ways.

use std::time::{Duration, Instant};

use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::{Envoy, eventually};
use serde_json::json;

use crate::engine::hourly;
use crate::service::{Behaviour, Service};
use crate::{DOMAIN, TOO_LONG, assert_no_failures, at, listener, send, spec};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_millis(300);

/// Everything that a service does wrong while it is there.
fn failures() -> Vec<(&'static str, Behaviour)> {
    let no = crate::messages::OVER_LIMIT;
    vec![
        ("unavailable", Behaviour::Fail(14)),
        ("internal", Behaviour::Fail(13)),
        // A good end, and no message before it.
        ("nothing", Behaviour::Fail(0)),
        ("no code", Behaviour::Bytes(Vec::new())),
        ("unknown code", Behaviour::Bytes(vec![0x08, 0x07])),
        ("garbage", Behaviour::Bytes(b"HTTP/1.1 200 OK".to_vec())),
        ("cut off", Behaviour::Bytes(vec![0x08, 0x01, 0x12, 0x7f])),
        ("a yes of 100,000 bytes", Behaviour::Bytes([&[0x08, 0x01, 0x2a, 0xa0, 0x8d, 0x06], &vec![b' '; 100_000][..]].concat())),
        ("a page", Behaviour::Page),
        ("broken off", Behaviour::Reset),
        ("slow", Behaviour::AnswerAfter(TOO_LONG, hourly(DOMAIN, "api_key", u64::try_from(no).unwrap()))),
    ]
}

fn start(service: &Service) -> Envoy {
    let local = json!({ "quota": 1, "window": "1h", "key": ["request.headers['x-api-key']"] });
    let mut falls_back = at("300ms");
    falls_back["on_failure"] = json!("local");
    let spec = spec(service.address())
        .listener(listener("deny", &at("300ms"), &json!({})))
        .listener(listener("local", &falls_back, &local))
        .listener(listener("shadow", &at("300ms"), &json!({ "shadow": true })));
    Envoy::start(&spec).unwrap()
}

/// That a request is refused by the one, counted here by the other, and not held by the third.
fn assert_unanswered(envoy: &Envoy, what: &str) {
    let denied = send(envoy, "deny", what);
    assert_eq!(denied.status, 503, "{what}: {}", denied.text());
    assert_eq!(denied.header("x-details").unwrap(), "portcullis_rate_limit_unavailable{deny}", "{what}");
    assert_eq!(denied.header("retry-after").as_deref(), Some("1"), "{what}");
    assert_eq!(denied.header("content-type").as_deref(), Some("application/problem+json"), "{what}");
    let admitted = send(envoy, "local", what);
    assert_eq!(admitted.status, 200, "{what}: {}", admitted.text());
    let refused = send(envoy, "local", what);
    assert_eq!(refused.status, 429, "{what}: {}", refused.text());
    assert_eq!(refused.header("ratelimit-policy").as_deref(), Some("\"local\";q=1;w=3600"), "{what}");
    assert_eq!(send(envoy, "shadow", what).status, 200, "{what}");
}

fn is_asked_again(envoy: &Envoy, key: &str) {
    let admitted = |listener: &str| {
        // A new connection may take a moment.
        let answer = eventually(Duration::from_secs(60), || {
            let answer = envoy.send(listener, &crate::bearing(key))?;
            Ok((answer.header("ratelimit-policy").as_deref() == Some(&format!("\"{listener}\";q=1000;w=3600"))).then_some(answer))
        });
        assert_eq!(answer.unwrap().unwrap().status, 200);
    };
    admitted("deny");
    admitted("local");
}

#[test]
fn a_service_that_fails_denies_or_leaves_it_to_the_proxy_and_never_holds_anybody() {
    if !is_installed().unwrap() {
        return;
    }
    let good = Behaviour::Answer(hourly(DOMAIN, "api_key", 1000));
    let service = Service::start(good.clone());
    let envoy = start(&service);
    is_asked_again(&envoy, "before");
    for (what, behaviour) in failures() {
        service.behave(behaviour.clone());
        let begin = Instant::now();
        // The client waits for ten seconds at most: a request that hangs is an error here.
        assert_unanswered(&envoy, what);
        if matches!(behaviour, Behaviour::AnswerAfter(..)) {
            assert!(begin.elapsed() >= TIMEOUT);
        }
    }
    service.behave(good);
    is_asked_again(&envoy, "after");

    // Nobody there, and there again.
    let address = service.address();
    drop(service);
    assert_unanswered(&envoy, "killed");
    let service = Service::start_at(address, Behaviour::Answer(hourly(DOMAIN, "api_key", 1000)));
    is_asked_again(&envoy, "again");
    assert!(service.asked() >= 2);
    assert_no_failures(&envoy);
}

#[test]
fn a_cluster_that_the_proxy_does_not_have_refuses_requests_and_nothing_worse() {
    if !is_installed().unwrap() {
        return;
    }
    // As bytes, some of these are messages that end the whole process where they are taken for one.
    let names = ["nowhere", "users", "envoy", "auth-grpc", "h1"];
    let unused = Service::start(Behaviour::Fail(14));
    let listeners = names.map(|name| listener(name, &json!({ "cluster": name, "domain": DOMAIN }), &json!({})));
    let spec = listeners.into_iter().fold(spec(unused.address()), portcullis_e2e::EnvoySpec::listener);
    let envoy = Envoy::start(&spec).unwrap();
    for name in names {
        for _ in 0..2 {
            let refused = send(&envoy, name, "k1");
            assert_eq!(refused.status, 503, "{name}");
            assert_eq!(refused.header("x-details").unwrap(), format!("portcullis_rate_limit_unavailable{{{name}}}"));
        }
    }
    assert_eq!(unused.asked(), 0);
    assert_no_failures(&envoy);
}
