//! Requests, responses, pauses and local replies.

use super::*;
use crate::{Outcome, Response, UpstreamRequest};

#[test]
fn a_request_passes_with_its_repeated_headers_and_raw_bytes() {
    let mut proxy = proxy("request_headers all request x");
    let mut request = get(&[("X", "one"), ("x", "two")]);
    request.headers.push((b"y".to_vec(), vec![0xff, 0xfe]));
    let exchange = exchange(&mut proxy, request);
    let upstream = exchange.upstream.unwrap();
    assert!(upstream.complete);
    assert_eq!(upstream.headers[4..], [lines(&[("x", "one"), ("x", "two")]), vec![(b"y".to_vec(), vec![0xff, 0xfe])]].concat());
    assert_eq!(said(&proxy), ["x: one|two"]);
    assert_eq!(exchange.reply, None);
    assert_eq!(exchange.response.unwrap().status, 200);
    assert_eq!(exchange.calls["proxy_get_header_map_pairs"], 1);
}

#[test]
fn repeated_lines_of_some_headers_are_joined_before_the_plugin_sees_them() {
    let mut proxy = proxy("request_headers all request authorization\nrequest_headers all request cookie");
    exchange(&mut proxy, get(&[("Authorization", "one"), ("cookie", "a"), ("authorization", "two"), ("cookie", "b")]));
    assert_eq!(said(&proxy), ["authorization: one,two", "cookie: a|b"]);
}

#[test]
fn changed_headers_go_on() {
    let mut proxy =
        proxy("request_headers set request x new\nrequest_headers remove request y\nresponse_headers set response z 1");
    let exchange = exchange(&mut proxy, get(&[("x", "a"), ("y", "b"), ("x", "c"), ("y", "d")]));
    assert_eq!(exchange.upstream.unwrap().headers[4..], lines(&[("x", "new")]));
    assert_eq!(exchange.response.unwrap().headers, lines(&[("z", "1")]));
}

#[test]
fn a_local_reply_passes_the_response_callbacks_and_nothing_reaches_the_upstream() {
    let mut proxy = proxy(
        "request_headers reply 403 no\nrequest_headers say asked\nresponse_headers size\nresponse_headers set response x-seen 1\n\
         response_body size\nlog all response :status\nlog attribute response.code_details",
    );
    let exchange = exchange(&mut proxy, post(&["body"]));
    assert_eq!(exchange.upstream, None);
    let headers = lines(&[("x-reply", "yes"), ("content-length", "2"), ("content-type", "text/plain"), ("x-seen", "1")]);
    let response = Response { status: 403, headers, body: b"no".to_vec(), trailers: Vec::new() };
    assert_eq!(exchange.response, Some(response));
    let reply = exchange.reply.unwrap();
    assert_eq!((reply.status, reply.body.as_slice(), reply.details.as_str()), (403, &b"no"[..], "portcullis_by_script"));
    let log =
        ["asked", "response_headers 0", "response_body 2 end", ":status: 403", "response.code_details: portcullis_by_script"];
    assert_eq!(said(&proxy), log);
}

#[test]
fn a_grpc_client_gets_200_with_the_status_in_a_header() {
    for (content_type, converted) in
        [("application/grpc", true), ("application/grpc+proto", true), ("application/grpc-web", false)]
    {
        let mut proxy = proxy("request_headers reply 403 50%");
        let exchange = exchange(&mut proxy, get(&[("content-type", content_type)]));
        let response = exchange.response.unwrap();
        assert_eq!(response.status, if converted { 200 } else { 403 }, "{content_type}");
        let grpc = lines(&[("content-type", "application/grpc"), ("grpc-status", "7"), ("grpc-message", "50%25")]);
        assert_eq!(response.headers[1..] == grpc, converted, "{content_type}");
        assert_eq!(exchange.reply.unwrap().status, 403);
    }
}

#[test]
fn a_reply_names_its_own_grpc_status() {
    let mut proxy = proxy("request_headers reply_grpc 403 16");
    let response = exchange(&mut proxy, get(&[("content-type", "application/grpc")])).response.unwrap();
    assert_eq!(response.headers[2], (b"grpc-status".to_vec(), b"16".to_vec()));
}

#[test]
fn a_head_request_gets_no_body() {
    let mut proxy = proxy("request_headers reply 403 no");
    let mut request = get(&[]);
    request.headers[0].1 = b"HEAD".to_vec();
    let response = exchange(&mut proxy, request).response.unwrap();
    assert_eq!((response.body, &response.headers[1]), (Vec::new(), &(b"content-length".to_vec(), b"2".to_vec())));
}

#[test]
fn while_paused_the_body_adds_up_and_the_end_repeats_the_size() {
    let mut proxy = proxy("request_headers pause\nrequest_body size\nrequest_body pause\nrequest_body_end body request");
    let exchange = exchange(&mut proxy, post(&["ab", "cde"]));
    assert_eq!(said(&proxy), ["request_body 2", "request_body 5", "request_body 5 end", "abcde"]);
    let upstream = exchange.upstream.unwrap();
    assert_eq!((upstream.body.as_slice(), upstream.complete), (&b"abcde"[..], true));
}

#[test]
fn without_a_pause_every_piece_goes_by_alone() {
    let mut proxy = proxy("request_body size\nrequest_body body request");
    let exchange = exchange(&mut proxy, post(&["ab", "cde"]));
    assert_eq!(said(&proxy), ["request_body 2", "ab", "request_body 3", "cde", "request_body 0 end", ""]);
    assert_eq!(exchange.upstream.unwrap().body, b"abcde");
}

#[test]
fn over_http_2_the_last_piece_is_the_end() {
    let mut proxy = proxy("request_body size\nrequest_body pause\nrequest_body_end continue");
    exchange(&mut proxy, Request { ends_with_last_piece: true, ..post(&["ab", "cde"]) });
    assert_eq!(said(&proxy), ["request_body 2", "request_body 5 end"]);
}

#[test]
fn with_trailers_no_body_callback_sees_the_end() {
    let script = "request_headers pause\nrequest_body size\nrequest_body pause\nrequest_trailers remove request_trailers y";
    let mut proxy = proxy(script);
    let request = Request { trailers: lines(&[("x", "1"), ("Y", "2")]), ..post(&["ab"]) };
    let upstream = exchange(&mut proxy, request).upstream.unwrap();
    assert_eq!(said(&proxy), ["request_body 2"]);
    assert_eq!((upstream.body.as_slice(), upstream.trailers, upstream.complete), (&b"ab"[..], lines(&[("x", "1")]), true));
}

#[test]
fn what_is_refused_after_a_pause_on_headers_never_reaches_the_upstream() {
    let mut proxy = proxy("request_headers pause\nrequest_body pause\nrequest_body_end reply 400");
    let exchange = exchange(&mut proxy, post(&["ab"]));
    assert_eq!((exchange.upstream, exchange.response.unwrap().status), (None, 400));
}

#[test]
fn what_is_refused_after_the_headers_went_on_reaches_the_upstream_as_a_head() {
    let mut proxy = proxy("request_body pause\nrequest_body_end reply 400");
    let exchange = exchange(&mut proxy, post(&["ab"]));
    let UpstreamRequest { headers, body, complete, .. } = exchange.upstream.unwrap();
    assert_eq!((headers.len(), body, complete), (4, Vec::new(), false));
}

#[test]
fn without_stop_iteration_a_pause_on_headers_stops_everything() {
    let options = Options { stop_iteration_on_headers: false, ..Options::default() };
    let mut proxy = proxy_with("request_headers pause\nrequest_body size", options);
    let id = proxy.send(0, post(&["ab"]));
    assert_eq!(proxy.outcome(id), Outcome::Held);
    assert_eq!(said(&proxy), Vec::<String>::new());
}

#[test]
fn headers_that_went_on_can_no_longer_be_read_until_the_log() {
    let script = "request_body set request x 1\nrequest_body attribute request.path\nresponse_headers attribute request.method\n\
                  log all request :path\nlog attribute request.path\nlog set request x 1";
    let mut proxy = proxy(script);
    exchange(&mut proxy, Request { ends_with_last_piece: true, ..post(&["ab"]) });
    let log = ["set 2", "request.path: none", "request.method: none", ":path: /a?b=c", "request.path: /a?b=c", "set 2"];
    assert_eq!(said(&proxy), log);
}

#[test]
fn too_much_body_while_pausing_is_413() {
    let options = || Options { buffer_limit: 4, ..Options::default() };
    let script = "request_headers pause\nrequest_body pause\nrequest_body_end continue";
    let mut proxy = proxy_with(script, options());
    assert_eq!(exchange(&mut proxy, post(&["ab", "cd"])).response.unwrap().status, 200);
    let exchange = exchange(&mut proxy, post(&["ab", "cde"]));
    assert_eq!((exchange.upstream, exchange.response.unwrap().status), (None, 413));
    assert_eq!(exchange.reply.unwrap().details, "request_payload_too_large");
}

#[test]
fn a_response_passes_with_body_and_trailers() {
    let mut proxy =
        proxy("response_headers size\nresponse_body size\nresponse_body body response\nresponse_trailers say trailers");
    let response = UpstreamResponse { status: 201, trailers: lines(&[("t", "1")]), ..upstream(&["ab", "c"]) };
    let response = exchange(&mut proxy, Request { response, ..get(&[]) }).response.unwrap();
    assert_eq!(said(&proxy), ["response_headers 0", "response_body 2", "ab", "response_body 1", "c", "trailers"]);
    assert_eq!((response.status, response.body.as_slice(), response.trailers), (201, &b"abc"[..], lines(&[("t", "1")])));
}

#[test]
fn a_reply_while_the_response_is_held_goes_straight_to_the_client() {
    let mut proxy = proxy("response_headers size\nresponse_headers pause\nresponse_body reply 502 bad");
    let exchange = exchange(&mut proxy, Request { response: upstream(&["secret"]), ..get(&[]) });
    let response = exchange.response.unwrap();
    assert_eq!((response.status, response.body.as_slice()), (502, &b"bad"[..]));
    assert_eq!(said(&proxy), ["response_headers 0"]);
}

#[test]
fn a_reply_after_the_response_has_begun_only_breaks_it_off() {
    let mut proxy = proxy("response_body reply 502 bad");
    let exchange = exchange(&mut proxy, Request { response: upstream(&["body"]), ..get(&[]) });
    assert_eq!(exchange.response, None);
}

#[test]
fn a_client_that_goes_away_ends_a_held_request() {
    let mut proxy = proxy("request_headers pause\nlog say over");
    let id = proxy.send(1, get(&[]));
    assert_eq!(proxy.outcome(id), Outcome::Held);
    proxy.disconnect(id);
    let exchange = proxy.outcome(id).done().unwrap();
    assert_eq!((exchange.upstream, exchange.response), (None, None));
    assert_eq!(said(&proxy), ["over"]);
}

#[test]
fn a_tick_continues_a_held_request_with_the_headers_that_it_set() {
    let script = "tick_every 10\nrequest_headers pause\nrequest_body pause\ntick resume later\nlater all request x\n\
                  later set request x 1\nlater continue";
    let mut proxy = proxy(script);
    let mut request = post(&["ab"]);
    request.headers.extend(lines(&[("x", "0")]));
    let id = proxy.send(0, request);
    assert_eq!(proxy.outcome(id), Outcome::Held);
    proxy.advance(10 * MILLISECOND);
    let upstream = proxy.outcome(id).done().unwrap().upstream.unwrap();
    assert_eq!((&upstream.headers[4..], upstream.body.as_slice()), (&lines(&[("x", "1")])[..], &b"ab"[..]));
    assert_eq!(said(&proxy), ["x: 0"]);
}

#[test]
fn a_tick_refuses_a_held_request() {
    let mut proxy = proxy("tick_every 10\nrequest_headers pause\ntick resume later\nlater reply 403 no");
    let id = proxy.send(0, get(&[]));
    proxy.advance(10 * MILLISECOND);
    let exchange = proxy.outcome(id).done().unwrap();
    assert_eq!((exchange.upstream, exchange.response.unwrap().status), (None, 403));
}

#[test]
fn what_a_tick_pauses_again_stays_held() {
    let mut proxy = proxy("tick_every 10\nrequest_headers pause\ntick resume later\nlater pause");
    let id = proxy.send(0, get(&[]));
    proxy.advance(100 * MILLISECOND);
    assert_eq!(proxy.outcome(id), Outcome::Held);
}

#[test]
fn a_request_whose_client_has_gone_cannot_be_resumed() {
    let mut proxy = proxy("tick_every 10\nrequest_headers pause\ntick resume later\nlater say resumed");
    let id = proxy.send(0, get(&[]));
    proxy.disconnect(id);
    proxy.advance(10 * MILLISECOND);
    assert_eq!(said(&proxy), ["resume 2"]);
}

#[test]
fn after_resuming_a_stream_host_calls_are_the_roots_again() {
    let mut proxy = proxy("tick_every 10\nrequest_headers pause\ntick resume later\ntick all request :path\nlater pause");
    proxy.send(0, get(&[]));
    proxy.advance(10 * MILLISECOND);
    assert!(said(&proxy).iter().all(|line| line != ":path: /a?b=c"), "{:?}", said(&proxy));
}

#[test]
fn a_filter_changes_its_own_pace() {
    let mut proxy = proxy("tick_every 1\ntick tick_every 100\ntick say tick");
    proxy.advance(101 * MILLISECOND);
    // The main thread and two workers, at 1 ms and at 101 ms.
    assert_eq!(said(&proxy).len(), 6);
}

#[test]
fn an_upstream_that_takes_its_time_keeps_the_client_waiting() {
    let mut proxy = proxy("log count ended");
    let response = UpstreamResponse { after: 2 * MILLISECOND, ..UpstreamResponse::default() };
    let sent = [0, 0, 0].map(|worker| proxy.send(worker, Request { response: response.clone(), ..get(&[]) }));
    proxy.disconnect(sent[0]);
    proxy.advance(MILLISECOND);
    assert_eq!((proxy.outcome(sent[1]), proxy.metrics()["ended"]), (Outcome::Held, 1));
    proxy.advance(MILLISECOND);
    assert_eq!(proxy.metrics()["ended"], 3);
    assert_eq!(proxy.outcome(sent[1]).done().unwrap().response.unwrap().status, 200);
}
