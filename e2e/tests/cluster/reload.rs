//! A new configuration while services are asked under the old one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portcullis_e2e::envoy::{is_installed, workspace};
use portcullis_e2e::{Client, Envoy, EnvoySpec, eventually};
use serde_json::{Value, json};

use crate::engine::hourly;
use crate::service::{Behaviour, Service};
use crate::{DOMAIN, PATIENT, assert_no_failures, at, bearing, listener, send, spec};

/// How many wait.
const WAITING: usize = 10;

/// The file that Envoy takes its listener from.
struct Listeners(PathBuf);

impl Listeners {
    fn new() -> Self {
        let folder = workspace().join("target/e2e");
        fs::create_dir_all(&folder).unwrap();
        Self(folder.join(format!("{}-listeners.json", std::process::id())))
    }

    /// Envoy looks at it when another file takes its place.
    fn write(&self, bootstrap: &mut Value) {
        let mut listener = bootstrap["static_resources"]["listeners"].take()[0].take();
        listener["@type"] = json!("type.googleapis.com/envoy.config.listener.v3.Listener");
        let next = self.0.with_extension("next");
        fs::write(&next, json!({ "resources": [listener] }).to_string()).unwrap();
        fs::rename(&next, &self.0).unwrap();
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn who_waits_for_an_answer_gets_it_although_the_configuration_is_another_by_then() {
    if !is_installed().unwrap() {
        return;
    }
    let service = Service::start(Behaviour::AnswerAfter(Duration::from_secs(3), hourly(DOMAIN, "api_key", 1000)));
    let with = |service_of_limit: &Value| -> EnvoySpec {
        spec(service.address()).listener(listener("per-key", service_of_limit, &json!({})))
    };
    let listeners = Listeners::new();
    let mut bootstrap = with(&at(PATIENT)).bootstrap();
    listeners.write(&mut bootstrap);
    let source = json!({ "path_config_source": { "path": listeners.path() }, "resource_api_version": "V3" });
    bootstrap["dynamic_resources"] = json!({ "lds_config": source });
    bootstrap["node"] = json!({ "id": "e2e", "cluster": "e2e" });
    let envoy = Envoy::start_document(&bootstrap, &with(&at(PATIENT))).unwrap();

    let address = envoy.listener_addr("per-key").unwrap();
    let wait = |_| {
        let mut client = Client::connect(address).unwrap();
        client.write(&bearing("k1").to_bytes()).unwrap();
        client
    };
    let mut waiting: Vec<Client> = (0..WAITING).map(wait).collect();
    let asked = eventually(Duration::from_secs(60), || Ok((service.asked() >= WAITING).then_some(())));
    assert_eq!(asked.unwrap(), Some(()));
    listeners.write(&mut with(&json!({ "cluster": "nowhere", "domain": DOMAIN })).bootstrap());
    let changed = eventually(Duration::from_secs(60), || Ok((send(&envoy, "per-key", "k1").status == 503).then_some(())));
    assert_eq!(changed.unwrap(), Some(()));
    let statuses: Vec<u16> = waiting.iter_mut().map(|client| client.read(false).unwrap().status).collect();
    assert_eq!(statuses, [200; WAITING]);
    assert_no_failures(&envoy);
}
