//! A listener that gets another configuration while it runs.

use std::time::Duration;

use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Listeners, Request, Response, Route, eventually};
use serde_json::json;

use super::{assert_no_failures, plugin};

/// How long a new configuration may take until it counts.
const SOON: Duration = Duration::from_secs(30);

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
    let (listeners, envoy) = Listeners::start(&spec(2, false)).unwrap();
    assert_eq!([send(&envoy).status, send(&envoy).status, send(&envoy).status], [200, 200, 429]);

    listeners.serve(&spec(2, true)).unwrap();
    let told = || Ok(Some(send(&envoy)).filter(|response| response.header("x-ratelimit-limit").is_some()));
    let refused = eventually(SOON, told).unwrap().unwrap();
    assert_eq!((refused.status, refused.header("x-ratelimit-limit").unwrap()), (429, "2".to_owned()));

    // Another quota is another limit, and begins anew.
    listeners.serve(&spec(3, true)).unwrap();
    let passes = || Ok(Some(send(&envoy)).filter(|response| response.status == 200));
    assert!(eventually(SOON, passes).unwrap().is_some());
    assert_no_failures(&envoy);
}
