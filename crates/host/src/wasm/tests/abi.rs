//! Host calls as a module makes them.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Runs `calls` in the request headers of one request.
fn on_headers(texts: &str, calls: &str, request: Request, options: Options) -> (Proxy, Exchange) {
    let body = format!(
        r#"(data (i32.const 1024) "{texts}")
           (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) {calls} (i32.const 0))"#
    );
    let mut proxy = proxy_with(&body, options);
    let exchange = exchange(&mut proxy, 0, request);
    (proxy, exchange)
}

#[test]
fn a_single_header_is_the_first_value_and_the_pairs_are_all() {
    let calls = r#"
      (call $say_number (call $get_header (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 0) (i32.const 4)))
      (call $say_returned)
      (drop (call $get_headers (i32.const 0) (i32.const 0) (i32.const 4)))
      (call $say_number (i32.load (i32.load (i32.const 0))))"#;
    let (proxy, exchange) = on_headers("X", calls, get(&[("x", "one"), ("x", "two")]), Options::default());
    assert_eq!(said(&proxy), ["00", "one", "05"]);
    assert_eq!(exchange.calls["proxy_get_header_map_value"], 1);
    assert_eq!(exchange.calls["proxy_get_header_map_pairs"], 1);
    assert!(exchange.fuel > 10);
}

#[test]
fn a_missing_header_is_not_found_and_a_missing_map_is_a_bad_argument_but_has_empty_pairs() {
    let calls = r#"
      (call $say_number (call $get_header (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 0) (i32.const 4)))
      (call $say_number (call $get_header (i32.const 2) (i32.const 1024) (i32.const 1) (i32.const 0) (i32.const 4)))
      (call $say_number (call $get_headers (i32.const 2) (i32.const 0) (i32.const 4)))
      (call $say_number (i32.load (i32.const 4)))
      (call $say_number (call $get_headers (i32.const 99) (i32.const 0) (i32.const 4)))"#;
    let (proxy, _) = on_headers("x", calls, get(&[]), Options::default());
    assert_eq!(said(&proxy), ["01", "02", "00", "00", "02"]);
}

#[test]
fn memory_that_does_not_exist_is_refused() {
    let calls = "(call $say_number (call $get_header (i32.const 0) (i32.const -1) (i32.const 9) (i32.const 0) (i32.const 4)))
                 (call $say_number (call $get_headers (i32.const 0) (i32.const -2) (i32.const 4)))";
    let (proxy, _) = on_headers("x", calls, get(&[]), Options::default());
    assert_eq!(said(&proxy), ["06", "06"]);
}

#[test]
fn a_property_of_two_parts_is_written_and_cannot_be_read_back() {
    let calls = r#"
      (call $say_number (call $set_property (i32.const 1024) (i32.const 1) (i32.const 1024) (i32.const 3)))
      (call $say_number (call $get_property (i32.const 1024) (i32.const 1) (i32.const 0) (i32.const 4)))
      (call $say_returned)
      (call $say_number (call $set_property (i32.const 1024) (i32.const 3) (i32.const 1024) (i32.const 3)))
      (call $say_number (call $get_property (i32.const 1024) (i32.const 3) (i32.const 0) (i32.const 4)))"#;
    let (proxy, exchange) = on_headers("a\\00b", calls, get(&[]), Options::default());
    assert_eq!(said(&proxy), ["00", "00", "a\0b", "00", "01"]);
    assert_eq!(exchange.filter_state.len(), 2);
}

#[test]
fn shared_data_compares_and_swaps_as_envoy_does() {
    let set = |key: u32, cas: i32| {
        format!(
            "(call $say_number (call $set_shared (i32.const {key}) (i32.const 1) (i32.const 1024) (i32.const 2) (i32.const {cas})))"
        )
    };
    let calls = [
        "(call $say_number (call $get_shared (i32.const 1024) (i32.const 1) (i32.const 0) (i32.const 4) (i32.const 8)))"
            .to_owned(),
        set(1024, 77),
        "(call $say_number (call $get_shared (i32.const 1024) (i32.const 1) (i32.const 0) (i32.const 4) (i32.const 8)))"
            .to_owned(),
        "(call $say_number (i32.load (i32.const 8)))".to_owned(),
        set(1024, 77),
        set(1024, -1),
        set(1024, 1),
        set(1024, 0),
        set(1025, -1),
        set(1025, -1),
    ];
    let (proxy, _) = on_headers("kl", &calls.concat(), get(&[]), Options::default());
    // Missing, first write whatever the number, read, its number; other number, no number, right number, unconditional;
    // insert if absent, twice.
    assert_eq!(said(&proxy), ["01", "00", "00", "01", "08", "08", "00", "00", "00", "08"]);
}

#[test]
fn host_functions_that_do_not_exist_are_not_found() {
    let call = "(call $say_number (call $foreign (i32.const 1024) (i32.const 16) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4)))";
    let asked = |texts: &str, native_crypto: bool| {
        let (proxy, _) = on_headers(texts, call, get(&[]), Options { native_crypto, ..Options::default() });
        said(&proxy)
    };
    assert_eq!(asked("verify_signature", true), ["02"]);
    assert_eq!(asked("verify_signature", false), ["01"]);
    assert_eq!(asked("verify_something", true), ["01"]);
}

#[test]
fn a_forbidden_call_is_an_internal_failure() {
    let calls = "(call $say_number (call $set_property (i32.const 1024) (i32.const 1) (i32.const 1024) (i32.const 1)))";
    let allowed_capabilities = Some(BTreeSet::from(["proxy_log".to_owned()]));
    let (proxy, exchange) = on_headers("x", calls, get(&[]), Options { allowed_capabilities, ..Options::default() });
    assert_eq!(said(&proxy), ["10"]);
    assert_eq!(exchange.calls["proxy_set_property"], 1);
}

#[test]
fn the_environment_is_the_operators() {
    let calls = "(drop (call $environ_sizes (i32.const 0) (i32.const 4)))
                 (drop (call $environ (i32.const 8) (i32.const 64)))
                 (call $say_number (i32.load (i32.const 0)))
                 (call $say (i32.const 64) (i32.load (i32.const 4)))";
    let environment = BTreeMap::from([("A".to_owned(), "1".to_owned()), ("B".to_owned(), "2".to_owned())]);
    let (proxy, _) = on_headers("", calls, get(&[]), Options { environment, ..Options::default() });
    assert_eq!(said(&proxy), ["02", "A=1\0B=2\0"]);
}

#[test]
fn metrics_defined_twice_add_up() {
    let count = "(drop (call $define (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 8)))
                 (call $say_number (i32.load (i32.const 8)))
                 (drop (call $increment (i32.load (i32.const 8)) (i64.const 3)))";
    let (proxy, _) = on_headers("m", &count.repeat(2), get(&[]), Options::default());
    assert_eq!(said(&proxy), ["04", "08"]);
    assert_eq!(proxy.metrics(), BTreeMap::from([("m".to_owned(), 6)]));
}

#[test]
fn a_body_is_read_in_parts() {
    let body = r#"
      (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32)
        (call $say_number (call $get_buffer (i32.const 0) (i32.const 1) (i32.const 2) (i32.const 0) (i32.const 4)))
        (call $say_returned)
        (call $say_number (call $get_buffer (i32.const 0) (i32.const 3) (i32.const -1) (i32.const 0) (i32.const 4)))
        (call $say_number (i32.load (i32.const 4)))
        (i32.const 0))"#;
    let mut proxy = proxy(body);
    exchange(&mut proxy, 0, Request { body: vec![b"abcd".to_vec()], ends_with_last_piece: true, ..get(&[]) });
    assert_eq!(said(&proxy), ["00", "bc", "00", "01"]);
}
