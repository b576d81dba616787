//! The model, driven by modules written by hand.

mod abi;
mod grpc;
mod lifecycle;

use std::time::Duration;

use crate::{Exchange, HeaderLines, Module, Options, Proxy, Request};

/// What every module begins with. Host calls return pointers at 0, sizes at 4, numbers at 8; texts stand from 1024 on.
const PRELUDE: &str = r#"
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_get_header_map_value" (func $get_header (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_header_map_pairs" (func $get_headers (param i32 i32 i32) (result i32)))
  (import "env" "proxy_get_property" (func $get_property (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_property" (func $set_property (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_shared_data" (func $get_shared (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_shared_data" (func $set_shared (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_buffer_bytes" (func $get_buffer (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_tick_period_milliseconds" (func $tick_every (param i32) (result i32)))
  (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
  (import "env" "proxy_set_effective_context" (func $become (param i32) (result i32)))
  (import "env" "proxy_call_foreign_function" (func $foreign (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_send_local_response" (func $reply (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_http_call" (func $call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_grpc_call"
    (func $grpc (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_grpc_cancel" (func $grpc_cancel (param i32) (result i32)))
  (import "env" "proxy_get_status" (func $get_status (param i32 i32 i32) (result i32)))
  (import "env" "proxy_define_metric" (func $define (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_increment_metric" (func $increment (param i32 i64) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $heap (mut i32) (i32.const 32768))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32)
    (global.get $heap)
    (global.set $heap (i32.add (global.get $heap) (local.get 0))))
  (func $say (param i32 i32) (drop (call $log (i32.const 2) (local.get 0) (local.get 1))))
  ;; Says what a host call returned.
  (func $say_returned (call $say (i32.load (i32.const 0)) (i32.load (i32.const 4))))
  ;; Says a number below 100 as two digits.
  (func $say_number (param i32)
    (i32.store8 (i32.const 16) (i32.add (i32.const 48) (i32.div_u (local.get 0) (i32.const 10))))
    (i32.store8 (i32.const 17) (i32.add (i32.const 48) (i32.rem_u (local.get 0) (i32.const 10))))
    (call $say (i32.const 16) (i32.const 2)))
"#;

fn module(body: &str) -> Module {
    Module::from_bytes(&wat::parse_str(format!("(module {PRELUDE} {body})")).unwrap()).unwrap()
}

fn proxy(body: &str) -> Proxy {
    proxy_with(body, Options::default())
}

fn proxy_with(body: &str, options: Options) -> Proxy {
    Proxy::wasm(&module(body), b"configuration", options).unwrap()
}

fn lines(lines: &[(&str, &str)]) -> HeaderLines {
    lines.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
}

fn get(further: &[(&str, &str)]) -> Request {
    let mut headers = lines(&[(":method", "GET"), (":path", "/"), (":authority", "host")]);
    headers.extend(lines(further));
    Request { headers, ..Request::default() }
}

fn exchange(proxy: &mut Proxy, worker: usize, request: Request) -> Exchange {
    let id = proxy.send(worker, request);
    proxy.outcome(id).done().unwrap()
}

fn said(proxy: &Proxy) -> Vec<String> {
    proxy.logs().into_iter().map(|line| line.text).collect()
}
