//! rate-limit on the real `.wasm` and natively: workers that overtake each other, requests in flight, clocks that are set.
#![expect(clippy::expect_used, reason = "test code, never in a proxy: a panic is a failed test")]

mod cluster;
mod race;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use portcullis_filter::Timestamp;
use portcullis_host::{Module, Options, Outcome, Proxy, Request, StreamId, UpstreamResponse};
use portcullis_host_tests::corpus;

const SECOND: Duration = Duration::from_secs(1);

static MODULE: LazyLock<Module> = LazyLock::new(|| corpus::module("rate-limit").expect("`make wasm` was run"));

/// A proxy with these limits.
fn proxy(limits: &str, workers: usize) -> Proxy {
    let config = format!(r#"{{"version": 1, "limits": [{limits}]}}"#);
    let options = Options { workers, ..Options::default() };
    Proxy::wasm(&MODULE, config.as_bytes(), options).expect("the configuration is accepted")
}

fn get(headers: &[(&str, &str)]) -> Request {
    let head = [(":method", "GET"), (":path", "/"), (":authority", "host"), (":scheme", "http")];
    let headers = head.iter().chain(headers).map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
    Request { headers: headers.collect(), ..Request::default() }
}

/// The answer's status; 0 while the request is held.
fn status(proxy: &Proxy, id: StreamId) -> u16 {
    assert_eq!(proxy.last_trap(), None);
    match proxy.outcome(id) {
        Outcome::Done(exchange) => exchange.response.map_or(499, |response| response.status),
        Outcome::Held => 0,
    }
}

/// How many requests came to which end.
fn tally(proxy: &Proxy, sent: &[StreamId]) -> BTreeMap<u16, usize> {
    let mut tally = BTreeMap::new();
    sent.iter().for_each(|id| *tally.entry(status(proxy, *id)).or_default() += 1);
    tally
}

fn metric(proxy: &Proxy, limit: &str, effect: &str) -> i64 {
    proxy.metrics().get(&format!("portcullis.limits.rate_limit.{limit}.{effect}")).copied().unwrap_or_default()
}

#[test]
fn a_request_in_flight_holds_its_place_until_it_ends() {
    let mut proxy = proxy(r#"{"name": "two", "quota": 2, "window": "60s", "algorithm": "concurrency"}"#, 2);
    let slow = || Request { response: UpstreamResponse { after: 5 * SECOND, ..UpstreamResponse::default() }, ..get(&[]) };
    let sent: Vec<StreamId> = (0..3).map(|worker| proxy.send(worker, slow())).collect();
    assert_eq!(tally(&proxy, &sent), BTreeMap::from([(0, 2), (429, 1)]));
    let reply = proxy.outcome(sent[2]).done().and_then(|exchange| exchange.reply).expect("it is refused");
    let header = |name: &str| reply.headers.iter().find(|(known, _)| known == name.as_bytes()).map(|(_, value)| value.clone());
    assert_eq!(header("retry-after"), Some(b"1".to_vec()));
    assert_eq!(header("ratelimit-policy"), Some(br#""two";q=2;qu="concurrent-requests""#.to_vec()));
    // One client goes, and makes room; the other one's answer comes, and makes room.
    proxy.disconnect(sent[0]);
    let next = proxy.send(1, slow());
    let refused = proxy.send(0, slow());
    assert_eq!((status(&proxy, next), status(&proxy, refused)), (0, 429));
    proxy.advance(5 * SECOND);
    let later: Vec<StreamId> = (0..2).map(|worker| proxy.send(worker, get(&[]))).collect();
    assert_eq!(tally(&proxy, &later), BTreeMap::from([(200, 2)]));
    assert_eq!(metric(&proxy, "two", "keys"), 0);
}

#[test]
fn a_stream_whose_end_nobody_sees_holds_its_place_no_longer_than_its_lease() {
    let mut proxy = proxy(r#"{"name": "lease", "quota": 1, "window": "8s", "algorithm": "concurrency"}"#, 2);
    let lost = Request { response: UpstreamResponse { after: 3600 * SECOND, ..UpstreamResponse::default() }, ..get(&[]) };
    proxy.send(0, lost);
    proxy.advance(8 * SECOND);
    let early = proxy.send(1, get(&[]));
    proxy.advance(SECOND);
    let late = proxy.send(1, get(&[]));
    assert_eq!((status(&proxy, early), status(&proxy, late)), (429, 200));
}

#[test]
fn those_who_wait_go_on_at_the_rate_and_no_more_than_may_wait() {
    let over = r#""over_limit": {"action": "delay", "max_delay": "10s", "max_waiting": 3}"#;
    let mut proxy = proxy(&format!(r#"{{"name": "slow", "quota": 1, "window": "1s", {over}}}"#), 1);
    let sent: Vec<StreamId> = (0..6).map(|_| proxy.send(0, get(&[]))).collect();
    assert_eq!(tally(&proxy, &sent), BTreeMap::from([(0, 3), (200, 1), (429, 2)]));
    for passed in 2..=4 {
        proxy.advance(SECOND - Duration::from_millis(10));
        assert_eq!(tally(&proxy, &sent)[&200], passed - 1);
        proxy.advance(Duration::from_millis(10));
        assert_eq!(tally(&proxy, &sent)[&200], passed);
    }
    assert_eq!((metric(&proxy, "slow", "delayed"), metric(&proxy, "slow", "refused")), (3, 2));
}

#[test]
fn clients_that_give_up_while_they_wait_leave_their_seats() {
    let over = r#""over_limit": {"action": "delay", "max_delay": "1h", "max_waiting": 2}"#;
    let mut proxy = proxy(&format!(r#"{{"name": "slow", "quota": 1, "window": "1s", {over}}}"#), 1);
    let sent: Vec<StreamId> = (0..4).map(|_| proxy.send(0, get(&[]))).collect();
    assert_eq!(tally(&proxy, &sent), BTreeMap::from([(0, 2), (200, 1), (429, 1)]));
    sent.iter().for_each(|id| proxy.disconnect(*id));
    proxy.advance(Duration::from_millis(20));
    let next = proxy.send(0, get(&[]));
    assert_eq!((status(&proxy, next), proxy.vm_failures()), (0, 0));
}

#[test]
fn a_clock_that_is_set_gives_no_fresh_quota_and_locks_nobody_out() {
    let mut proxy = proxy(r#"{"name": "steady", "quota": 1, "window": "10s"}"#, 2);
    let first = proxy.send(0, get(&[]));
    let hour_ago = Timestamp::from_secs(proxy.now().as_secs() - 3600);
    proxy.set_wall_clock(hour_ago);
    let second = proxy.send(1, get(&[]));
    proxy.advance(9 * SECOND);
    let third = proxy.send(0, get(&[]));
    proxy.advance(SECOND);
    let fourth = proxy.send(1, get(&[]));
    assert_eq!([first, second, third, fourth].map(|id| status(&proxy, id)), [200, 429, 429, 200]);
}

#[test]
fn a_record_shows_a_key_as_a_hash() {
    let mut proxy = proxy(r#"{"name": "mail", "key": ["request.headers[\"x-mail\"]"], "quota": 1, "window": "1h"}"#, 2);
    let sent: Vec<StreamId> = (0..3).map(|worker| proxy.send(worker, get(&[("x-mail", "alice@example.org")]))).collect();
    assert_eq!(tally(&proxy, &sent), BTreeMap::from([(200, 1), (429, 2)]));
    let records: Vec<String> =
        proxy.logs().into_iter().map(|line| line.text).filter(|text| text.contains("rate_limited")).collect();
    let shown = |record: &str| record.split("\"detail\":\"key ").nth(1).and_then(|rest| rest.get(..16)).map(str::to_owned);
    assert!(records.iter().all(|record| !record.contains("alice")), "{records:?}");
    // Both workers have the same secret.
    assert!(shown(&records[0]).is_some() && shown(&records[0]) == shown(&records[1]), "{records:?}");
}

#[test]
fn the_calls_of_a_request_that_is_counted_are_few() {
    let mut proxy =
        proxy(r#"{"name": "cheap", "key": ["request.headers[\"x-key\"]"], "quota": 100, "window": "1h", "burst": 99}"#, 1);
    proxy.send(0, get(&[("x-key", "a")]));
    let second = proxy.send(0, get(&[("x-key", "a")]));
    let calls = proxy.outcome(second).done().expect("it is answered").calls;
    let of = |name: &str| calls.get(name).copied().unwrap_or_default();
    assert_eq!((of("proxy_get_header_map_pairs"), of("proxy_get_shared_data"), of("proxy_set_shared_data")), (1, 1, 1));
    assert_eq!((of("proxy_get_property"), of("proxy_get_buffer_bytes")), (0, 0));
}
