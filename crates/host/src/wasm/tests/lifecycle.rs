//! VMs from start to death, and streams across callbacks.

use super::*;
use crate::{CalloutAnswer, LoadError, Outcome, Place, StartError};

#[test]
fn a_vm_is_initialized_then_started_then_configured_in_every_place() {
    let body = r#"
      (data (i32.const 1024) "initialize")
      (func (export "_initialize") (call $say (i32.const 1024) (i32.const 10)))
      (func (export "proxy_on_context_create") (param i32 i32) (call $say_number (i32.add (local.get 0) (local.get 1))))
      (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (call $say_number (local.get 1)) (i32.const 1))
      (func (export "proxy_on_configure") (param i32 i32) (result i32)
        (drop (call $get_buffer (i32.const 7) (i32.const 0) (local.get 1) (i32.const 0) (i32.const 4)))
        (call $say_returned) (i32.const 1))"#;
    let proxy = proxy(body);
    let expected = ["initialize", "01", "00", "configuration"];
    for place in [Place::Canary, Place::Main, Place::Worker(0), Place::Worker(1)] {
        let said: Vec<String> = proxy.logs().into_iter().filter(|line| line.place == place).map(|line| line.text).collect();
        assert_eq!(said, expected, "{place}");
    }
}

#[test]
fn a_configuration_is_refused_with_what_the_plugin_said_last() {
    let body = r#"
      (data (i32.const 1024) "not this")
      (func (export "proxy_on_configure") (param i32 i32) (result i32)
        (drop (call $log (i32.const 4) (i32.const 1024) (i32.const 8))) (i32.const 0))"#;
    let refused = Proxy::wasm(&module(body), b"", Options::default()).err().unwrap();
    assert!(matches!(&refused, StartError::Refused(reason) if reason == "not this"), "{refused}");
}

#[test]
fn a_trap_names_its_function_and_its_message_and_only_its_vm_is_dead() {
    let body = r#"
      (data (i32.const 1024) "panicked at x\n")
      (data (i32.const 2048) "\00\04\00\00\0e\00\00\00")
      (func $my_policy (drop (call $fd_write (i32.const 2) (i32.const 2048) (i32.const 1) (i32.const 8))) unreachable)
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (if (i32.eq (local.get 1) (i32.const 4)) (then (call $my_policy))) (i32.const 0))"#;
    let mut proxy = proxy(body);
    assert_eq!(exchange(&mut proxy, 0, get(&[])).response.unwrap().status, 200);
    for request in [get(&[("trap", "1")]), get(&[])] {
        let exchange = exchange(&mut proxy, 0, request);
        assert_eq!((exchange.upstream, exchange.response.unwrap().status), (None, 503));
        assert_eq!(exchange.reply.unwrap().details, "wasm_fail_stream");
    }
    assert_eq!(exchange(&mut proxy, 1, get(&[])).response.unwrap().status, 200);
    assert_eq!(proxy.vm_failures(), 1);
    let trap = proxy.last_trap().unwrap();
    assert_eq!(trap.callback, "proxy_on_request_headers");
    assert_eq!((trap.frames[0].as_str(), trap.message.as_deref()), ("my_policy", Some("panicked at x")));
    assert!(trap.cause.contains("unreachable"), "{}", trap.cause);
}

#[test]
fn an_endless_loop_is_a_trap() {
    let body = r#"
      (func $spin (loop (br 0)))
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (call $spin) (i32.const 0))"#;
    let mut proxy = proxy_with(body, Options { fuel_per_callback: 1_000_000, ..Options::default() });
    assert_eq!(exchange(&mut proxy, 0, get(&[])).response.unwrap().status, 503);
    let trap = proxy.last_trap().unwrap();
    assert!(trap.cause.contains("fuel"), "{}", trap.cause);
    assert_eq!(trap.frames[0], "spin");
}

#[test]
fn memory_is_capped() {
    let body = r#"
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (call $say_number (memory.grow (i32.const 1)))
        (call $say_number (i32.add (memory.grow (i32.const 1)) (i32.const 1))) (i32.const 0))"#;
    let mut proxy = proxy_with(body, Options { memory_limit: 2 << 16, ..Options::default() });
    exchange(&mut proxy, 0, get(&[]));
    // From one page to two, and then no further.
    assert_eq!(said(&proxy), ["01", "00"]);
}

#[test]
fn each_worker_tells_the_size_of_its_memory_and_its_exported_globals() {
    let body = r#"
      (global $seen (export "seen") (mut i64) (i64.const 0))
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (drop (memory.grow (i32.const 1)))
        (global.set $seen (i64.add (global.get $seen) (i64.const 1))) (i32.const 0))"#;
    let mut proxy = proxy(body);
    exchange(&mut proxy, 1, get(&[]));
    assert_eq!([0, 1].map(|worker| proxy.memory_size(worker)), [1 << 16, 2 << 16]);
    assert_eq!([0, 1].map(|worker| proxy.global(worker, "seen")), [Some(0), Some(1)]);
    assert_eq!(proxy.global(0, "unknown"), None);
}

#[test]
fn an_import_that_no_proxy_provides_is_named() {
    let wasm = wat::parse_str(r#"(module (import "env" "launch" (func)) (func (export "proxy_abi_version_0_2_1")))"#).unwrap();
    let error = Module::from_bytes(&wasm).err().unwrap();
    assert!(matches!(&error, LoadError::Import(text) if text.contains("launch")), "{error}");
}

#[test]
fn a_module_without_the_abi_is_no_plugin() {
    let wasm = wat::parse_str("(module)").unwrap();
    assert!(matches!(Module::from_bytes(&wasm), Err(LoadError::NotProxyWasm)));
    assert!(matches!(Module::from_bytes(b"\0asm"), Err(LoadError::Invalid(_))));
}

#[test]
fn compiled_modules_are_kept() {
    let directory = std::env::temp_dir().join(format!("portcullis-host-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join("plugin.wasm");
    std::fs::write(&file, wat::parse_str(format!("(module {PRELUDE})")).unwrap()).unwrap();
    for _ in 0..2 {
        let module = Module::load_cached(&file, &directory.join("kept")).unwrap();
        let mut proxy = Proxy::wasm(&module, b"", Options::default()).unwrap();
        assert_eq!(exchange(&mut proxy, 0, get(&[])).response.unwrap().status, 200);
    }
    let kept: Vec<_> = std::fs::read_dir(directory.join("kept")).unwrap().collect();
    assert_eq!(kept.len(), 1);
    std::fs::remove_dir_all(directory).unwrap();
}

/// Replies 403 and 429 in one callback, then says that it is still in it.
const TWICE: &str = r#"
  (data (i32.const 1024) "first one second one asked response log done delete")
  (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
    (drop (call $reply (i32.const 403) (i32.const 1024) (i32.const 9) (i32.const 1024) (i32.const 5) (i32.const 0) (i32.const 0) (i32.const -1)))
    (drop (call $reply (i32.const 429) (i32.const 1034) (i32.const 10) (i32.const 1034) (i32.const 6) (i32.const 0) (i32.const 0) (i32.const -1)))
    (call $say (i32.const 1045) (i32.const 5)) (i32.const 0))
  (func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32)
    (call $say (i32.const 1051) (i32.const 8)) (i32.const 0))
  (func (export "proxy_on_log") (param i32) (call $say (i32.const 1060) (i32.const 3)))
  (func (export "proxy_on_done") (param i32) (result i32) (call $say (i32.const 1064) (i32.const 4)) (i32.const 1))
  (func (export "proxy_on_delete") (param i32) (call $say (i32.const 1069) (i32.const 6)))"#;

#[test]
fn of_two_replies_the_client_gets_the_first_and_the_log_the_details_of_the_second() {
    let mut proxy = proxy(TWICE);
    let exchange = exchange(&mut proxy, 0, get(&[]));
    let (reply, response) = (exchange.reply.unwrap(), exchange.response.unwrap());
    assert_eq!((response.status, response.body.as_slice()), (403, &b"first"[..]));
    assert_eq!((reply.details.as_str(), reply.grpc_status), ("second_one", None));
    assert_eq!(exchange.upstream, None);
}

#[test]
fn the_response_callbacks_run_when_the_replying_callback_has_returned_and_then_the_stream_ends() {
    let mut proxy = proxy(TWICE);
    exchange(&mut proxy, 0, get(&[]));
    assert_eq!(said(&proxy), ["asked", "response", "log", "done", "delete"]);
}

/// Holds each request and does `ACT` to the last one, stored at 100, on the next tick.
fn holding(act: &str) -> Proxy {
    proxy(&format!(
        r#"
      (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (drop (call $tick_every (i32.const 1000))) (i32.const 1))
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (i32.store (i32.const 100) (local.get 0)) (i32.const 1))
      (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32) (i32.const 1))
      (func (export "proxy_on_tick") (param i32) {act})"#
    ))
}

const RESUME: &str = "(if (i32.load (i32.const 100)) (then
    (call $say_number (call $become (i32.load (i32.const 100))))
    (call $say_number (call $continue (i32.const 0)))))";

const REPLY: &str = "(if (i32.load (i32.const 100)) (then
    (call $say_number (call $become (i32.load (i32.const 100))))
    (call $say_number (call $reply (i32.const 403) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1)))))";

#[test]
fn a_held_request_is_resumed_from_a_tick() {
    let mut proxy = holding(RESUME);
    let id = proxy.send(0, Request { body: vec![b"body".to_vec()], ..get(&[]) });
    proxy.advance(Duration::from_millis(999));
    assert_eq!(proxy.outcome(id), Outcome::Held);
    proxy.advance(Duration::from_millis(1));
    let exchange = proxy.outcome(id).done().unwrap();
    assert_eq!((exchange.upstream.unwrap().body.as_slice(), exchange.response.unwrap().status), (&b"body"[..], 200));
    assert_eq!(said(&proxy), ["00", "00"]);
}

// Measured with Envoy 1.40: a pause that nothing keeps up is no pause.
#[test]
fn a_pause_ends_with_a_body_or_trailers_whose_callback_the_plugin_does_not_export() {
    let pausing = |callback: &str| format!(r#"(func (export "{callback}") (param i32 i32 i32) (result i32) (i32.const 1))"#);
    let with_body = || Request { body: vec![b"body".to_vec()], ..get(&[]) };
    let mut on_headers = proxy(&pausing("proxy_on_request_headers"));
    let id = on_headers.send(0, get(&[]));
    assert_eq!(on_headers.outcome(id), Outcome::Held);
    assert_eq!(exchange(&mut on_headers, 0, with_body()).response.unwrap().status, 200);

    let mut on_body = proxy(&(pausing("proxy_on_request_headers") + &pausing("proxy_on_request_body")));
    let id = on_body.send(0, with_body());
    assert_eq!(on_body.outcome(id), Outcome::Held);
    let with_trailers = Request { trailers: lines(&[("x", "1")]), ..with_body() };
    assert_eq!(exchange(&mut on_body, 0, with_trailers).response.unwrap().status, 200);
}

#[test]
fn a_held_request_is_refused_from_a_tick() {
    let mut proxy = holding(REPLY);
    let id = proxy.send(0, get(&[]));
    proxy.advance(Duration::from_secs(1));
    let exchange = proxy.outcome(id).done().unwrap();
    assert_eq!((exchange.upstream, exchange.response.unwrap().status), (None, 403));
}

#[test]
fn when_the_client_has_gone_its_context_is_a_bad_argument_and_a_later_reply_does_nothing() {
    for act in [RESUME, REPLY] {
        let mut proxy = holding(act);
        let id = proxy.send(0, get(&[]));
        proxy.disconnect(id);
        proxy.advance(Duration::from_secs(1));
        assert_eq!(said(&proxy), ["02", "00"]);
        assert_eq!(proxy.outcome(id).done().unwrap().response, None);
    }
}

#[test]
fn a_reply_from_the_root_context_is_ok_and_does_nothing() {
    let mut proxy = holding(&REPLY.replace("(call $become (i32.load (i32.const 100)))", "(i32.const 0)"));
    let id = proxy.send(0, get(&[]));
    proxy.advance(Duration::from_secs(1));
    assert_eq!(said(&proxy), ["00", "00"]);
    assert_eq!(proxy.outcome(id), Outcome::Held);
}

#[test]
fn a_stream_that_a_dead_vm_held_hangs() {
    let mut proxy = holding("(if (i32.load (i32.const 100)) (then unreachable))");
    let id = proxy.send(0, get(&[]));
    proxy.advance(Duration::from_secs(5));
    assert_eq!((proxy.outcome(id), proxy.vm_failures()), (Outcome::Held, 1));
    assert_eq!(exchange(&mut proxy, 0, get(&[])).response.unwrap().status, 503);
}

#[test]
fn a_held_request_is_resumed_from_the_answer_to_a_callout() {
    let body = r#"
      (data (i32.const 1024) "keys")
      (data (i32.const 1100) "\03\00\00\00\07\00\00\00\03\00\00\00\05\00\00\00\01\00\00\00\0a\00\00\00\01\00\00\00:method\00GET\00:path\00/\00:authority\00k\00")
      (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32)
        (i32.store (i32.const 100) (local.get 0))
        (call $say_number (call $call (i32.const 1024) (i32.const 4) (i32.const 1100) (i32.const 61) (i32.const 0) (i32.const 0)
          (i32.const 0) (i32.const 0) (i32.const 500) (i32.const 8)))
        (i32.const 1))
      (func (export "proxy_on_http_call_response") (param i32 i32 i32 i32 i32)
        (call $say_number (local.get 2))
        (drop (call $get_buffer (i32.const 4) (i32.const 0) (i32.const 99) (i32.const 0) (i32.const 4)))
        (call $say_returned)
        (drop (call $become (i32.load (i32.const 100))))
        (drop (call $continue (i32.const 0))))"#;
    let options = Options { callouts: Box::new(|_| CalloutAnswer::respond(200, "text/plain", "K")), ..Options::default() };
    let mut proxy = proxy_with(body, options);
    assert_eq!(exchange(&mut proxy, 0, get(&[])).response.unwrap().status, 200);
    assert_eq!(said(&proxy), ["00", "02", "K"]);
}
