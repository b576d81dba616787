//! The policy for logins, before a service that answers 401 to a wrong password.

use std::thread;
use std::time::{Duration, Instant};

use portcullis_e2e::envoy::{is_installed, workspace};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, Response, echo, eventually};
use serde_json::{Value, json};

use super::{assert_no_failures, plugin};

/// The policy that is shipped, with other times.
fn policy(times: &[(&str, &str)]) -> Value {
    let file = std::fs::read_to_string(workspace().join("policies/rate-limit/login-protection.yaml")).unwrap();
    let policy: Value = serde_yaml_ng::from_str(&file).unwrap();
    let mut config = policy.get("config").unwrap().clone();
    for limit in config.get_mut("limits").unwrap().as_array_mut().unwrap() {
        let time = times.iter().find(|(name, _)| limit.get("name").unwrap() == name);
        if let Some((_, window)) = time {
            limit.as_object_mut().unwrap().insert("window".to_owned(), json!(window));
        }
    }
    config
}

/// A login of `user` at `address`, whose password is right or wrong.
fn login(address: &str, user: &str, right: bool) -> Request {
    Request::new("POST", "/login")
        .header("x-forwarded-for", address)
        .header("content-type", "application/json")
        .header(echo::STATUS, if right { "200" } else { "401" })
        .body(json!({ "username": user, "password": "secret" }).to_string())
}

fn wait(response: &Response) -> Duration {
    Duration::from_secs(response.header("retry-after").unwrap().parse().unwrap())
}

#[test]
fn ten_wrong_passwords_slow_a_client_and_then_stop_it_for_a_while() {
    if !is_installed().unwrap() {
        return;
    }
    let upstream = echo::start().unwrap();
    let config = policy(&[("slower", "300ms"), ("stopped", "15s")]);
    let listener = Listener::new("logins")
        .connection_manager("use_remote_address", json!(true))
        .connection_manager("xff_num_trusted_hops", json!(1))
        .filter(plugin("logins", &config))
        .details_header("x-details");
    let spec = EnvoySpec { concurrency: 2, ..EnvoySpec::default() }.cluster("echo", upstream.address()).listener(listener);
    let envoy = Envoy::start(&spec).unwrap();
    let send = |request: &Request| envoy.send("logins", request).unwrap();

    let begin = Instant::now();
    for _ in 0..10 {
        assert_eq!(send(&login("192.0.2.1", "ann", false)).status, 401);
    }
    // Each but the first three has waited until the one before it was paid back.
    assert!(begin.elapsed() >= Duration::from_millis(7 * 250), "{:?}", begin.elapsed());
    let asked = upstream.requests();
    let stopped = send(&login("192.0.2.1", "ann", true));
    assert_eq!(stopped.status, 429);
    assert_eq!(stopped.header("x-details").unwrap(), "portcullis_rate_limited{stopped}");
    assert_eq!(send(&login("192.0.2.1", "bea", true)).status, 429);
    assert_eq!(upstream.requests(), asked);

    assert_eq!(send(&login("192.0.2.2", "bea", true)).status, 200);
    assert_eq!(send(&login("192.0.2.2", "bea", false)).status, 401);

    thread::sleep(wait(&stopped));
    let passes = || Ok(Some(send(&login("192.0.2.1", "ann", true))).filter(|response| response.status == 200));
    assert!(eventually(Duration::from_secs(30), passes).unwrap().is_some());
    let delayed = envoy.stats().unwrap().get("wasmcustom.portcullis.limits.rate_limit.slower.delayed").copied();
    assert!(delayed.unwrap_or_default() >= 7, "{delayed:?}");
    assert_no_failures(&envoy);
}
