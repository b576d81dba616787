//! A listener that gets another configuration while it runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, Response, Route, eventually};
use serde_json::{Value, json};

use super::{assert_no_failures, plugin};

/// How long a new configuration may take until it counts.
const SOON: Duration = Duration::from_secs(30);

/// Where Envoy looks for its listeners.
struct Listeners(PathBuf);

impl Listeners {
    /// Replaces them; Envoy sees a file that is moved into its place.
    fn serve(&self, bootstrap: &Value) {
        let mut listeners = bootstrap.pointer("/static_resources/listeners").unwrap().clone();
        for listener in listeners.as_array_mut().unwrap() {
            let kind = json!("type.googleapis.com/envoy.config.listener.v3.Listener");
            listener.as_object_mut().unwrap().insert("@type".to_owned(), kind);
        }
        let next = self.0.with_extension("next");
        fs::write(&next, json!({ "resources": listeners }).to_string()).unwrap();
        fs::rename(next, &self.0).unwrap();
    }
}

/// A limit of `quota` an hour; `legacy` shows which configuration answers.
fn spec(quota: u32, legacy: bool) -> EnvoySpec {
    let config = json!({
        "version": 1,
        "response_headers": { "x_rate_limit": legacy },
        "limits": [{ "name": "kept", "key": ["request.headers['x-key']"], "quota": quota, "window": "1h", "algorithm": "fixed_window" }],
    });
    let listener = Listener::new("limited").filter(plugin("limited", &config)).route(Route::Direct(200));
    EnvoySpec { concurrency: 2, ..EnvoySpec::default() }.listener(listener)
}

fn send(envoy: &Envoy) -> Response {
    envoy.send("limited", &Request::get("/").header("x-key", "a")).unwrap()
}

#[test]
fn a_limit_that_is_still_the_same_goes_on_where_it_was() {
    if !is_installed().unwrap() {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reload");
    fs::create_dir_all(&folder).unwrap();
    let listeners = Listeners(folder.join(format!("listeners-{}.json", std::process::id())));
    let first = spec(2, false);
    let mut bootstrap = first.bootstrap();
    listeners.serve(&bootstrap);
    let source = json!({ "lds_config": { "path_config_source": { "path": listeners.0 } } });
    let document = bootstrap.as_object_mut().unwrap();
    document.get_mut("static_resources").unwrap().as_object_mut().unwrap().remove("listeners");
    document.insert("dynamic_resources".to_owned(), source);
    document.insert("node".to_owned(), json!({ "id": "e2e", "cluster": "e2e" }));
    let envoy = Envoy::start_document(&bootstrap, &first).unwrap();
    assert_eq!([send(&envoy).status, send(&envoy).status, send(&envoy).status], [200, 200, 429]);

    listeners.serve(&spec(2, true).bootstrap());
    let told = || Ok(Some(send(&envoy)).filter(|response| response.header("x-ratelimit-limit").is_some()));
    let refused = eventually(SOON, told).unwrap().unwrap();
    assert_eq!((refused.status, refused.header("x-ratelimit-limit").unwrap()), (429, "2".to_owned()));

    // Another quota is another limit, and begins anew.
    listeners.serve(&spec(3, true).bootstrap());
    let passes = || Ok(Some(send(&envoy)).filter(|response| response.status == 200));
    assert!(eventually(SOON, passes).unwrap().is_some());
    fs::remove_file(&listeners.0).unwrap();
    assert_no_failures(&envoy);
}
