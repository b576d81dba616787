//! gRPC callouts as a module makes them.

use super::*;
use crate::{GrpcAnswer, GrpcRequest};

/// Sends `m` to the method `s/m` of the upstream whose first `size` bytes stand at 1024, and then does `then`.
fn calling(upstream: &str, size: usize, then: &str) -> String {
    format!(
        r#"
      (data (i32.const 1024) "{upstream}")
      (data (i32.const 1100) "sm\01\00\00\00\01\00\00\00\01\00\00\00k\00v\00")
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (i32.store (i32.const 100) (local.get 0))
        (call $say_number (call $grpc (i32.const 1024) (i32.const {size}) (i32.const 1100) (i32.const 1) (i32.const 1101) (i32.const 1)
          (i32.const 1102) (i32.const 16) (i32.const 1101) (i32.const 1) (i32.const 500) (i32.const 8)))
        {then})
      (func $resume (drop (call $become (i32.load (i32.const 100)))) (drop (call $continue (i32.const 0))))
      (func (export "proxy_on_grpc_receive") (param i32 i32 i32)
        (call $say_number (local.get 0))
        (call $say_number (i32.eq (local.get 1) (i32.load (i32.const 8))))
        (call $say_number (local.get 2))
        (drop (call $get_buffer (i32.const 5) (i32.const 0) (i32.const 99) (i32.const 0) (i32.const 4)))
        (call $say_returned)
        (call $resume))
      (func (export "proxy_on_grpc_close") (param i32 i32 i32)
        (call $say_number (local.get 2))
        (drop (call $get_status (i32.const 12) (i32.const 0) (i32.const 4)))
        (call $say_number (i32.load (i32.const 12)))
        (call $say_returned)
        (call $resume))"#
    )
}

/// `GrpcService { envoy_grpc: { cluster_name: "users" } }`, and its size.
const SERVICE: (&str, usize) = (r"\0a\07\0a\05users", 9);

fn asked(body: &str, answer: impl Fn(&GrpcRequest) -> GrpcAnswer + 'static) -> Vec<String> {
    let mut proxy = proxy_with(body, Options { grpc: Box::new(answer), ..Options::default() });
    let id = proxy.send(0, get(&[]));
    proxy.advance(Duration::from_secs(1));
    assert_eq!(proxy.outcome(id).done().unwrap().response.unwrap().status, 200);
    said(&proxy)
}

#[test]
fn a_held_request_is_resumed_from_the_message_that_answers_in_the_root_context() {
    let said = asked(&calling(SERVICE.0, SERVICE.1, "(i32.const 1)"), |call| {
        assert_eq!((call.cluster.as_str(), call.service.as_str(), call.method.as_str()), ("users", "s", "m"));
        assert_eq!((call.metadata.clone(), call.message.as_slice()), (lines(&[("k", "v")]), &b"m"[..]));
        assert_eq!(call.timeout, Some(Duration::from_millis(500)));
        GrpcAnswer::respond("yes")
    });
    assert_eq!(said, ["00", "01", "01", "03", "yes"]);
}

#[test]
fn a_failure_closes_the_call_with_its_status() {
    let said = asked(&calling(SERVICE.0, SERVICE.1, "(i32.const 1)"), |_| GrpcAnswer::fail(8, "enough"));
    assert_eq!(said, ["00", "08", "08", "enough"]);
}

#[test]
fn the_bare_name_of_a_cluster_is_refused() {
    let said = asked(&calling("users", 5, "(i32.const 0)"), |_| GrpcAnswer::respond("yes"));
    assert_eq!(said, ["04"]);
}

#[test]
fn a_cancelled_call_is_gone() {
    let cancel = "(call $say_number (call $grpc_cancel (i32.load (i32.const 8))))";
    let then = format!("{cancel} {cancel} (i32.const 0)");
    assert_eq!(asked(&calling(SERVICE.0, SERVICE.1, &then), |_| GrpcAnswer::respond("yes")), ["00", "00", "01"]);
}
