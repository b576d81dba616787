//! Clients that leave while a service is asked about them, and many of them at once.

use std::time::{Duration, Instant};

use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::{Client, Envoy, eventually};
use serde_json::json;

use crate::engine::hourly;
use crate::service::{Behaviour, Service};
use crate::{DOMAIN, PATIENT, TOO_LONG, assert_no_failures, at, bearing, listener, send, spec};

/// How many wait at once.
const WAITING: usize = 100;

fn waiting(envoy: &Envoy) -> Vec<Client> {
    let address = envoy.listener_addr("per-key").unwrap();
    let wait = |_| {
        let mut client = Client::connect(address).unwrap();
        client.write(&bearing("k1").to_bytes()).unwrap();
        client
    };
    (0..WAITING).map(wait).collect()
}

/// Waits until `cluster.limits.<stat>` is `expected`.
fn soon(envoy: &Envoy, stat: &str, expected: usize) {
    let expected = i64::try_from(expected).unwrap();
    let seen = eventually(Duration::from_secs(60), || Ok((asked(envoy, stat) == expected).then_some(())));
    assert_eq!(seen.unwrap(), Some(()), "{stat} is {}", asked(envoy, stat));
}

fn asked(envoy: &Envoy, stat: &str) -> i64 {
    envoy.stats().unwrap()[&format!("cluster.limits.{stat}")]
}

#[test]
fn clients_that_leave_while_the_service_is_asked_leave_nothing_behind() {
    if !is_installed().unwrap() {
        return;
    }
    let service = Service::start(Behaviour::AnswerAfter(TOO_LONG, hourly(DOMAIN, "api_key", 1000)));
    let envoy = Envoy::start(&spec(service.address()).listener(listener("per-key", &at(PATIENT), &json!({})))).unwrap();
    let begin = Instant::now();
    let clients = waiting(&envoy);
    soon(&envoy, "upstream_rq_active", WAITING);
    drop(clients);
    // Their questions are taken back.
    soon(&envoy, "upstream_rq_active", 0);
    if begin.elapsed() < Duration::from_secs(10) {
        assert_eq!(
            (asked(&envoy, "upstream_rq_timeout"), asked(&envoy, "upstream_rq_tx_reset")),
            (0, i64::try_from(WAITING).unwrap())
        );
    }
    service.behave(Behaviour::Answer(hourly(DOMAIN, "api_key", 1000)));
    assert_eq!(send(&envoy, "per-key", "k1").status, 200);
    assert_no_failures(&envoy);
}

#[test]
fn each_of_many_that_wait_gets_the_answer_to_its_own_question() {
    if !is_installed().unwrap() {
        return;
    }
    let service = Service::start(Behaviour::AnswerAfter(Duration::from_millis(300), hourly(DOMAIN, "api_key", 60)));
    let envoy = Envoy::start(&spec(service.address()).listener(listener("per-key", &at(PATIENT), &json!({})))).unwrap();
    let statuses: Vec<u16> = waiting(&envoy).iter_mut().map(|client| client.read(false).unwrap().status).collect();
    let with = |status| statuses.iter().filter(|other| **other == status).count();
    assert_eq!((with(200), with(429)), (60, WAITING - 60));
    assert_no_failures(&envoy);
}
