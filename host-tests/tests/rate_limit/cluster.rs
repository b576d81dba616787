//! Limits that a service keeps: answers that are late, repeated, too large, or for somebody else; many at once; clients that leave.

use std::time::Duration;

use portcullis_host::{GrpcAnswer, GrpcRequest, Options, Proxy, Request, StreamId};

use super::{MODULE, get, metric, status};

const YES: &[u8] = &[0x08, 0x01];
const NO: &[u8] = &[0x08, 0x02];
const MILLISECOND: Duration = Duration::from_millis(1);

/// A limit of a service that may take `timeout`, by `x-key`.
fn limit(name: &str, cluster: &str, timeout: &str) -> String {
    let service = format!(r#"{{"cluster": "{cluster}", "domain": "shop", "timeout": "{timeout}"}}"#);
    let descriptor = r#"[{"key": "key", "value": "request.headers[\"x-key\"]"}]"#;
    format!(r#"{{"name": "{name}", "scope": "cluster", "service": {service}, "descriptor": {descriptor}}}"#)
}

fn proxy(limits: &[&str], options: Options, answer: impl FnMut(&GrpcRequest) -> GrpcAnswer + 'static) -> Proxy {
    let config = format!(r#"{{"version": 1, "limits": [{}]}}"#, limits.join(","));
    let options = Options { workers: 1, grpc: Box::new(answer), ..options };
    Proxy::wasm(&MODULE, config.as_bytes(), options).expect("the configuration is accepted")
}

fn asking(limits: &[&str], answer: impl FnMut(&GrpcRequest) -> GrpcAnswer + 'static) -> Proxy {
    proxy(limits, Options::default(), answer)
}

fn send(proxy: &mut Proxy, key: &str) -> StreamId {
    proxy.send(0, get(&[("x-key", key)]))
}

fn after(time: Duration, message: &[u8]) -> GrpcAnswer {
    GrpcAnswer::Respond { after: time, message: message.to_vec() }
}

/// The number in the key that was asked about: the last three characters of the message before the addend.
fn number(question: &GrpcRequest) -> u32 {
    let text = question.message.split(|byte| !byte.is_ascii_digit()).rfind(|digits| digits.len() == 3);
    String::from_utf8_lossy(text.unwrap_or_default()).parse().unwrap_or_default()
}

#[test]
fn each_of_a_thousand_that_wait_gets_its_own_answer_whatever_their_order() {
    let mut proxy = asking(&[&limit("key", "limits", "10s")], |question| {
        let number = number(question);
        after(MILLISECOND * (2000 - number), if number.is_multiple_of(3) { NO } else { YES })
    });
    let sent: Vec<StreamId> = (0..1000).map(|number| send(&mut proxy, &format!("{number:03}"))).collect();
    assert!(sent.iter().all(|id| status(&proxy, *id) == 0));
    proxy.advance(MILLISECOND * 2000);
    for (number, id) in sent.iter().enumerate() {
        assert_eq!(status(&proxy, *id), if number.is_multiple_of(3) { 429 } else { 200 }, "{number}");
    }
    assert_eq!((metric(&proxy, "key", "refused"), metric(&proxy, "key", "admitted")), (334, 666));
}

#[test]
fn a_request_whose_answer_never_comes_is_refused_soon_after_the_timeout() {
    let mut proxy = asking(&[&limit("key", "limits", "200ms")], |_| GrpcAnswer::Lost);
    let id = send(&mut proxy, "a");
    proxy.advance(MILLISECOND * 249);
    assert_eq!(status(&proxy, id), 0);
    proxy.advance(MILLISECOND * 101);
    assert_eq!((status(&proxy, id), metric(&proxy, "key", "unavailable")), (503, 1));
}

#[test]
fn an_answer_that_comes_when_the_time_is_over_changes_nothing() {
    let mut proxy = asking(&[&limit("key", "limits", "200ms")], |_| after(MILLISECOND * 201, YES));
    let id = send(&mut proxy, "a");
    proxy.advance(MILLISECOND * 500);
    assert_eq!((status(&proxy, id), metric(&proxy, "key", "admitted")), (503, 0));
}

#[test]
fn nobody_is_held_for_longer_because_the_clock_was_set_back() {
    let mut proxy = asking(&[&limit("key", "limits", "200ms")], |_| GrpcAnswer::Lost);
    let id = send(&mut proxy, "a");
    proxy.set_wall_clock(portcullis_filter::Timestamp::from_secs(proxy.now().as_secs() - 3600));
    proxy.advance(MILLISECOND * 350);
    assert_eq!(status(&proxy, id), 503);
}

#[test]
fn clients_that_leave_while_a_service_is_asked_take_their_question_and_their_place_with_them() {
    let in_flight = r#"{"name": "in-flight", "quota": 1, "window": "1h", "algorithm": "concurrency"}"#;
    let mut proxy = asking(&[in_flight, &limit("key", "limits", "1s")], |_| after(MILLISECOND * 100, YES));
    let gone = send(&mut proxy, "a");
    let refused = send(&mut proxy, "a");
    assert_eq!((status(&proxy, gone), status(&proxy, refused)), (0, 429));
    proxy.disconnect(gone);
    let next = send(&mut proxy, "a");
    proxy.advance(MILLISECOND * 100);
    assert_eq!((status(&proxy, next), proxy.vm_failures()), (200, 0));
    assert_eq!((metric(&proxy, "key", "admitted"), metric(&proxy, "key", "unavailable")), (1, 0));
}

#[test]
fn the_first_that_refuses_decides_and_what_was_charged_here_is_given_back() {
    let here = r#"{"name": "here", "quota": 1, "window": "1h"}"#;
    let limits = [here, &limit("slow", "slow", "1s"), &limit("fast", "fast", "1s")];
    let mut refuses = true;
    let mut proxy = asking(&limits, move |question| match question.cluster.as_str() {
        "fast" if std::mem::replace(&mut refuses, false) => after(MILLISECOND * 10, NO),
        "fast" => after(MILLISECOND * 10, YES),
        _ => after(MILLISECOND * 50, YES),
    });
    let first = send(&mut proxy, "a");
    proxy.advance(MILLISECOND * 10);
    assert_eq!((status(&proxy, first), metric(&proxy, "slow", "admitted")), (429, 0));
    let second = send(&mut proxy, "a");
    proxy.advance(MILLISECOND * 10);
    assert_eq!(status(&proxy, second), 0);
    proxy.advance(MILLISECOND * 40);
    assert_eq!((status(&proxy, second), metric(&proxy, "slow", "admitted"), metric(&proxy, "here", "admitted")), (200, 1, 1));
}

#[test]
fn an_answer_that_is_larger_than_any_is_none() {
    let mut sizes = [(64 << 10) - 6, 64 << 10].into_iter();
    let mut proxy = asking(&[&limit("key", "limits", "1s")], move |_| {
        // A yes, and a body of so many bytes.
        let size = u32::try_from(sizes.next().unwrap_or_default()).unwrap_or_default();
        let length = [(size & 0x7f) as u8 | 0x80, (size >> 7 & 0x7f) as u8 | 0x80, (size >> 14) as u8];
        GrpcAnswer::respond([YES, &[0x2a], &length, &vec![b' '; size as usize]].concat())
    });
    let [fits, too_large] = ["a", "b"].map(|key| send(&mut proxy, key));
    assert_eq!((status(&proxy, fits), status(&proxy, too_large)), (200, 503));
}

#[test]
fn without_stop_iteration_nothing_of_a_refused_request_reaches_the_upstream_either() {
    let options = Options { stop_iteration_on_headers: false, ..Options::default() };
    let mut proxy = proxy(&[&limit("key", "limits", "1s")], options, |_| after(MILLISECOND * 50, NO));
    let body = vec![b"first".to_vec(), b"second".to_vec()];
    let id = proxy.send(0, Request { body, ..get(&[("x-key", "a")]) });
    assert!(proxy.in_flight(id).is_none());
    proxy.advance(MILLISECOND * 50);
    let exchange = proxy.outcome(id).done().expect("it is answered");
    assert_eq!(exchange.response.map(|response| response.status), Some(429));
    assert!(exchange.upstream.is_none());
}

#[test]
fn so_many_questions_are_open_at_once_and_no_more() {
    let mut proxy = asking(&[&limit("key", "limits", "10s")], |_| GrpcAnswer::Lost);
    let first = send(&mut proxy, "a");
    for _ in 1..10_000 {
        send(&mut proxy, "a");
    }
    let one_more = send(&mut proxy, "a");
    assert_eq!((status(&proxy, first), status(&proxy, one_more)), (0, 503));
    // Whoever leaves makes room.
    proxy.disconnect(first);
    let next = send(&mut proxy, "a");
    assert_eq!(status(&proxy, next), 0);
}
