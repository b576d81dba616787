//! A new configuration while services are asked under the old one.

use std::time::Duration;

use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::{Client, EnvoySpec, Listeners, eventually};
use serde_json::{Value, json};

use crate::engine::hourly;
use crate::service::{Behaviour, Service};
use crate::{DOMAIN, PATIENT, assert_no_failures, at, bearing, listener, send, spec};

/// How many wait.
const WAITING: usize = 10;

#[test]
fn who_waits_for_an_answer_gets_it_although_the_configuration_is_another_by_then() {
    if !is_installed().unwrap() {
        return;
    }
    let service = Service::start(Behaviour::AnswerAfter(Duration::from_secs(3), hourly(DOMAIN, "api_key", 1000)));
    let with = |service_of_limit: &Value| -> EnvoySpec {
        spec(service.address()).listener(listener("per-key", service_of_limit, &json!({})))
    };
    let (listeners, envoy) = Listeners::start(&with(&at(PATIENT))).unwrap();

    let address = envoy.listener_addr("per-key").unwrap();
    let wait = |_| {
        let mut client = Client::connect(address).unwrap();
        client.write(&bearing("k1").to_bytes()).unwrap();
        client
    };
    let mut waiting: Vec<Client> = (0..WAITING).map(wait).collect();
    let asked = eventually(Duration::from_secs(60), || Ok((service.asked() >= WAITING).then_some(())));
    assert_eq!(asked.unwrap(), Some(()));
    listeners.serve(&with(&json!({ "cluster": "nowhere", "domain": DOMAIN }))).unwrap();
    let changed = eventually(Duration::from_secs(60), || Ok((send(&envoy, "per-key", "k1").status == 503).then_some(())));
    assert_eq!(changed.unwrap(), Some(()));
    let statuses: Vec<u16> = waiting.iter_mut().map(|client| client.read(false).unwrap().status).collect();
    assert_eq!(statuses, [200; WAITING]);
    assert_no_failures(&envoy);
}
