//! gRPC callouts and their answers.

use super::*;
use crate::{GrpcAnswer, GrpcRequest, Outcome, Place};

/// Each request asks, waits for the answer, and goes on.
const SCRIPT: &str =
    "request_headers grpc limits\nrequest_headers pause\ngrpc_answer body grpc\ngrpc_answer grpc_status\ngrpc_answer resume go";

fn asking(script: &str, answer: impl Fn(&GrpcRequest) -> GrpcAnswer + 'static) -> Proxy {
    proxy_with(script, Options { grpc: Box::new(answer), ..Options::default() })
}

/// What is said of one request until `time` later, and whether it is over.
fn after(time: Duration, answer: impl Fn(&GrpcRequest) -> GrpcAnswer + 'static) -> (Vec<String>, bool) {
    let mut proxy = asking(SCRIPT, answer);
    let id = proxy.send(0, get(&[]));
    proxy.advance(time);
    (said(&proxy), proxy.outcome(id) != Outcome::Held)
}

fn lines_of(said: &[&str]) -> Vec<String> {
    said.iter().map(|line| (*line).to_owned()).collect()
}

fn respond_after(after: Duration) -> GrpcAnswer {
    GrpcAnswer::Respond { after, message: b"yes".to_vec() }
}

#[test]
fn an_answer_comes_when_it_is_due() {
    let half = Duration::from_millis(500);
    assert_eq!(after(half - MILLISECOND, move |_| respond_after(half)), (vec![], false));
    assert_eq!(after(half, move |_| respond_after(half)), (lines_of(&["message: 3 bytes", "yes", ""]), true));
}

#[test]
fn an_empty_message_is_an_answer() {
    assert_eq!(after(Duration::ZERO, |_| GrpcAnswer::respond("")).0, ["message: 0 bytes", "", ""]);
}

#[test]
fn the_script_sees_what_is_asked_for() {
    after(Duration::ZERO, |call| {
        assert_eq!((call.cluster.as_str(), call.place, call.timeout), ("limits", Place::Worker(0), Some(Duration::from_secs(1))));
        assert_eq!((call.service.as_str(), call.method.as_str()), ("limits.v1.Limits", "Ask"));
        assert_eq!((call.metadata.clone(), call.message.as_slice()), (lines(&[("x-a", "1")]), &b"question"[..]));
        GrpcAnswer::Timeout
    });
}

#[test]
fn a_failure_has_a_status_and_words_and_no_message() {
    let said = after(Duration::ZERO, |_| GrpcAnswer::fail(8, "too much")).0;
    assert_eq!(said, ["failure: 8", "", "too much"]);
}

#[test]
fn an_answer_after_the_timeout_is_status_14() {
    let expected = (lines_of(&["failure: 14", "", "upstream request timeout{response_timeout}"]), true);
    assert_eq!(after(Duration::from_millis(999), |_| GrpcAnswer::Timeout), (vec![], false));
    assert_eq!(after(Duration::from_secs(1), |_| GrpcAnswer::Timeout), expected);
    assert_eq!(after(Duration::from_secs(1), |_| respond_after(Duration::from_secs(2))), expected);
}

#[test]
fn a_lost_callback_never_comes() {
    assert_eq!(after(Duration::from_secs(3600), |_| GrpcAnswer::Lost), (vec![], false));
}

// Measured with Envoy 1.40.
#[test]
fn a_call_to_an_unknown_cluster_fails_and_is_answered_under_a_number_that_nobody_knows() {
    let said = after(Duration::ZERO, |_| GrpcAnswer::UnknownCluster).0;
    assert_eq!(said, ["grpc 10", "unknown failure: 14", "", "Cluster not available"]);
}

#[test]
fn a_cancelled_call_is_not_answered_and_is_not_there_any_more() {
    let script = "request_headers grpc limits\nrequest_headers grpc_cancel\nrequest_headers grpc_cancel";
    let mut proxy = asking(script, |_| GrpcAnswer::respond("yes"));
    exchange(&mut proxy, get(&[]));
    assert_eq!(said(&proxy), ["grpc_cancel 1"]);
}
