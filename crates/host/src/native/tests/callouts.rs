//! Callouts and their answers.

use super::*;
use crate::{CalloutAnswer, CalloutRequest, Place};

const SCRIPT: &str = "tick_every 60000\ntick call keys\nanswer all call :status\nanswer body call";

/// A proxy that calls out on its first tick, and what it says until `time` later.
fn after(time: Duration, script: impl FnMut(&CalloutRequest) -> CalloutAnswer + 'static) -> Vec<String> {
    let mut proxy = proxy_with(SCRIPT, options(script));
    proxy.advance(Duration::from_mins(1) + time);
    said_by_worker(&proxy)
}

fn said_by_worker(proxy: &Proxy) -> Vec<String> {
    proxy.logs().into_iter().filter(|line| line.place != Place::Main).map(|line| line.text).collect()
}

fn options(script: impl FnMut(&CalloutRequest) -> CalloutAnswer + 'static) -> Options {
    let mut script = script;
    // The main thread's callout is of no interest.
    let mut for_worker =
        move |call: &CalloutRequest| if call.place == Place::Main { CalloutAnswer::Timeout } else { script(call) };
    Options { workers: 1, callouts: Box::new(move |call| for_worker(call)), ..Options::default() }
}

fn respond_after(after: Duration) -> CalloutAnswer {
    CalloutAnswer::Respond { after, status: 200, headers: lines(&[("x", "1")]), body: b"keys".to_vec() }
}

#[test]
fn an_answer_comes_when_it_is_due() {
    let early = after(Duration::from_millis(499), |_| respond_after(Duration::from_millis(500)));
    assert_eq!(early, Vec::<String>::new());
    let due = after(Duration::from_millis(500), |_| respond_after(Duration::from_millis(500)));
    assert_eq!(due, ["answer: 2 headers, 4 bytes", ":status: 200", "keys"]);
}

#[test]
fn an_immediate_answer_comes_at_once() {
    let said = after(Duration::ZERO, |_| CalloutAnswer::respond(200, "text/plain", "keys"));
    assert_eq!(said[0], "answer: 2 headers, 4 bytes");
}

#[test]
fn the_script_sees_what_is_asked_for() {
    after(Duration::ZERO, |call| {
        assert_eq!((call.cluster.as_str(), call.place, call.timeout), ("keys", Place::Worker(0), Some(Duration::from_secs(1))));
        assert_eq!(call.headers, lines(&[(":method", "GET"), (":path", "/keys"), (":authority", "keys")]));
        assert_eq!(call.at.to_string(), "2026-01-01T00:01:00.000Z");
        CalloutAnswer::Timeout
    });
}

#[test]
fn an_answer_after_the_timeout_is_a_504_with_a_body_of_envoys_own() {
    let expected = |said: &[String]| said[said.len() - 2..].join(" ") == ":status: 504 upstream request timeout";
    assert!(!expected(&[vec![String::new(); 2], after(Duration::from_millis(999), |_| CalloutAnswer::Timeout)].concat()));
    assert!(expected(&after(Duration::from_secs(1), |_| CalloutAnswer::Timeout)));
    assert!(expected(&after(Duration::from_secs(1), |_| respond_after(Duration::from_secs(2)))));
}

#[test]
fn a_refused_connection_is_a_503_with_a_body_of_envoys_own() {
    let said = after(Duration::ZERO, |_| CalloutAnswer::Refuse);
    assert_eq!(said[1], ":status: 503");
    assert!(said[2].starts_with("upstream connect error"), "{}", said[2]);
}

#[test]
fn an_answer_that_breaks_off_has_no_headers() {
    let said = after(Duration::ZERO, |_| CalloutAnswer::BreakOff { after: Duration::ZERO });
    assert_eq!(said, ["answer: 0 headers, 0 bytes", ":status: ", "body 1"]);
}

#[test]
fn an_unknown_cluster_and_one_without_endpoints_fail_the_call_itself() {
    assert_eq!(after(Duration::from_secs(9), |_| CalloutAnswer::UnknownCluster), ["call 2"]);
    assert_eq!(after(Duration::from_secs(9), |_| CalloutAnswer::NoEndpoint), ["call 10"]);
}

#[test]
fn answers_and_ticks_come_in_the_order_of_time() {
    let mut proxy = proxy_with(
        "tick_every 1000\ntick now\ntick call keys\nanswer now",
        options(|_| respond_after(Duration::from_millis(300))),
    );
    proxy.advance(Duration::from_secs(2));
    let log = ["2026-01-01T00:00:01.000Z", "answer: 2 headers, 4 bytes", "2026-01-01T00:00:01.300Z", "2026-01-01T00:00:02.000Z"];
    assert_eq!(said_by_worker(&proxy), log);
}

#[test]
fn a_plugin_that_answers_each_answer_with_a_callout_does_not_hang_the_proxy() {
    let mut proxy = proxy_with("tick_every 1000\ntick call keys\nanswer call keys", options(|_| respond_after(Duration::ZERO)));
    proxy.advance(Duration::from_secs(1));
    assert!(said(&proxy).len() >= 1000);
}
