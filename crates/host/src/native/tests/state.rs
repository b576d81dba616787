//! Clocks, logs, metrics, shared data, attributes.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_filter::{
    Callback, Callbacks, ConfigError, Filter, Flow, Host, LocalReply, Reason, Setup, Stream, StreamId, Timestamp,
};

use super::*;
use crate::{Place, StartError};

#[test]
fn configure_runs_in_the_canary_the_main_thread_and_every_worker() {
    let proxy = proxy("configure count configured\nconfigure hello");
    assert_eq!(proxy.metrics()["configured"], 4);
    let places: Vec<Place> = proxy.logs().iter().map(|line| line.place).collect();
    assert_eq!(places, [Place::Canary, Place::Main, Place::Worker(0), Place::Worker(1)]);
}

#[test]
fn a_refused_configuration_does_not_start() {
    let refused = Proxy::native::<Scripted>(b"configure refuse", Options::default()).err().unwrap();
    assert!(matches!(&refused, StartError::Refused(reason) if reason == "no, thanks"), "{refused}");
}

#[test]
fn the_main_thread_and_the_workers_tick_and_the_canary_does_not() {
    let mut proxy = proxy("tick_every 1000\ntick count ticks");
    proxy.advance(Duration::from_millis(999));
    assert_eq!(proxy.metrics().get("ticks"), None);
    proxy.advance(MILLISECOND);
    assert_eq!(proxy.metrics()["ticks"], 3);
    proxy.advance(Duration::from_secs(2));
    assert_eq!(proxy.metrics()["ticks"], 9);
}

#[test]
fn a_tick_sees_its_own_time_and_a_jump_of_the_wall_clock_delays_none() {
    let mut proxy = proxy_with("tick_every 1000\ntick now", Options { workers: 1, ..Options::default() });
    proxy.advance(Duration::from_millis(1500));
    proxy.set_wall_clock(Timestamp::from_secs(0));
    proxy.advance(Duration::from_millis(1000));
    let ticks = ["2026-01-01T00:00:01.000Z", "1970-01-01T00:00:00.500Z"];
    assert_eq!(said(&proxy), [ticks[0], ticks[0], ticks[1], ticks[1]]);
    assert_eq!(proxy.now().to_string(), "1970-01-01T00:00:01.000Z");
}

#[test]
fn a_metric_adds_up_over_definitions_and_workers() {
    let mut proxy = proxy("request_headers count requests");
    for worker in 0..4 {
        proxy.send(worker, get(&[]));
    }
    assert_eq!(proxy.metrics(), BTreeMap::from([("requests".to_owned(), 4)]));
}

#[test]
fn workers_share_data() {
    let mut proxy = proxy("request_headers add_one n");
    for worker in 0..4 {
        proxy.send(worker, get(&[]));
    }
    assert_eq!(proxy.shared_data("n"), Some(b"4".to_vec()));
}

#[test]
fn a_worker_that_another_one_overtakes_tries_again() {
    let mut other = Some("10");
    let race = move |key: &str, data: &mut crate::SharedData| {
        if let Some(value) = other.take() {
            data.replace(key, value.as_bytes());
        }
    };
    let options = Options { on_shared_data_get: Some(Box::new(race)), ..Options::default() };
    let mut proxy = proxy_with("request_headers add_one n", options);
    let exchange = exchange(&mut proxy, get(&[]));
    assert_eq!(said(&proxy), ["lost the race"]);
    assert_eq!(proxy.shared_data("n"), Some(b"11".to_vec()));
    assert_eq!((exchange.calls["proxy_get_shared_data"], exchange.calls["proxy_set_shared_data"]), (2, 2));
}

#[test]
fn requests_that_race_overtake_each_other() {
    let options = Options { workers: 3, ..Options::default() };
    let mut proxy = proxy_with("request_headers add_one n", options);
    let sent = proxy.race((0..3).map(|worker| (worker, get(&[]))).collect(), |_| Some(0));
    let tries = |id: &crate::StreamId| proxy.outcome(*id).done().unwrap().calls["proxy_get_shared_data"];
    // The last one overtakes the second, which then overtakes the first.
    assert_eq!(sent.iter().map(tries).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!((said(&proxy), proxy.shared_data("n")), (vec!["lost the race".to_owned(); 2], Some(b"3".to_vec())));
}

#[test]
fn filter_state_is_read_under_both_names_and_comes_out_at_the_end() {
    let mut proxy = proxy(
        "request_headers publish mine 1\nrequest_headers attribute mine\nrequest_headers attribute earlier\n\
         response_headers attribute filter_state.wasm.mine\nresponse_headers publish mine 2",
    );
    let filter_state = BTreeMap::from([("earlier".to_owned(), b"0".to_vec())]);
    let exchange = exchange(&mut proxy, Request { filter_state, ..get(&[]) });
    assert_eq!(said(&proxy)[..2], ["mine: 1", "earlier: 0"]);
    assert_eq!(
        exchange.filter_state,
        BTreeMap::from([("earlier".to_owned(), b"0".to_vec()), ("mine".to_owned(), b"2".to_vec())])
    );
}

#[test]
fn attributes_come_from_the_request_or_from_the_caller() {
    let names = ["path", "url_path", "query", "host", "scheme", "method", "headers.x", "headers.none", "id"];
    let mut script: String = names.map(|name| format!("request_headers attribute request.{name}\n")).concat();
    script += "request_headers attribute xds.route_name\nrequest_headers attribute source.address\n";
    let mut proxy = proxy(&script);
    let route = vec!["xds".to_owned(), "route_name".to_owned()];
    let source = vec!["source".to_owned(), "address".to_owned()];
    let attributes = BTreeMap::from([(route, b"main".to_vec()), (source, b"10.0.0.1:1".to_vec())]);
    exchange(&mut proxy, Request { attributes, ..get(&[("x", "1"), ("x", "2")]) });
    let values = ["/a?b=c", "/a", "b=c", "host", "https", "GET", "1,2", "none", "none"];
    let mut expected: Vec<String> = names.iter().zip(values).map(|(name, value)| format!("request.{name}: {value}")).collect();
    expected.extend(["xds.route_name: main".to_owned(), "source.address: 10.0.0.1:1".to_owned()]);
    assert_eq!(said(&proxy), expected);
}

#[test]
fn the_environment_is_the_operators() {
    let environment = BTreeMap::from([("SECRET".to_owned(), "s".to_owned())]);
    let mut proxy = proxy_with(
        "request_headers variable SECRET\nrequest_headers variable HOME",
        Options { environment, ..Options::default() },
    );
    exchange(&mut proxy, get(&[]));
    assert_eq!(said(&proxy), ["s", "none"]);
}

#[test]
fn a_host_without_crypto_or_with_another_key_is_unavailable() {
    for native_crypto in [true, false] {
        let mut proxy = proxy_with("request_headers verify", Options { native_crypto, ..Options::default() });
        exchange(&mut proxy, get(&[]));
        assert_eq!(said(&proxy), ["Unavailable"]);
    }
}

#[test]
fn a_vm_asks_once_for_crypto_that_is_not_there() {
    let mut proxy = proxy_with("request_headers verify", Options { native_crypto: false, ..Options::default() });
    assert_eq!(exchange(&mut proxy, get(&[])).calls["proxy_call_foreign_function"], 1);
    assert_eq!(exchange(&mut proxy, get(&[])).calls.get("proxy_call_foreign_function"), None);
}

#[test]
fn a_callback_that_a_filter_does_not_declare_is_not_called() {
    let mut proxy = Proxy::native::<Undeclared>(b"", Options::default()).unwrap();
    assert_eq!(exchange(&mut proxy, get(&[])).reply, None);
}

/// Would refuse everything.
struct Undeclared;

impl Filter for Undeclared {
    const NAME: &'static str = "undeclared";
    const CALLBACKS: Callbacks = Callbacks::of(&[Callback::RequestBody]);
    type Stream = Self;

    fn configure(_: &[u8], _: &dyn Setup) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn stream(&self, _: StreamId) -> Self {
        Self
    }
}

impl Stream for Undeclared {
    fn on_request_headers(&mut self, _: &dyn Host, _: bool) -> Flow {
        Flow::Reply(LocalReply::problem(403, "", "", Reason("undeclared")))
    }
}

#[test]
fn a_forbidden_call_is_an_internal_failure() {
    let allowed = BTreeSet::from(["proxy_log".to_owned()]);
    let options = Options { allowed_capabilities: Some(allowed), ..Options::default() };
    let mut proxy = proxy_with("request_headers publish x 1\nrequest_headers all request x", options);
    let exchange = exchange(&mut proxy, get(&[]));
    assert_eq!(said(&proxy), ["publish 10", "all 10"]);
    assert_eq!(exchange.filter_state, BTreeMap::new());
}
