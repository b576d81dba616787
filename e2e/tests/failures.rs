//! A VM that fails is seen, whatever Envoy then does with requests.

#![expect(clippy::unwrap_used, reason = "a helper of tests")]

use std::fs;
use std::path::{Path, PathBuf};

use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::filters::{WasmFilter, capabilities_without, wasm_filter};
use portcullis_e2e::{Envoy, EnvoySpec, Listener, Request, Route};
use serde_json::json;

/// ```wat
/// (module (memory (export "memory") 1)
///   (func (export "proxy_abi_version_0_2_1"))
///   (func (export "malloc") (param i32) (result i32) i32.const 0)
///   (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) unreachable))
/// ```
fn module_that_traps() -> Vec<u8> {
    let types = section(1, &[3, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 3, 0x7f, 0x7f, 0x7f, 1, 0x7f]);
    let functions = section(3, &[3, 0, 1, 2]);
    let memory = section(5, &[1, 0, 1]);
    let exports =
        [("proxy_abi_version_0_2_1", [0, 0]), ("malloc", [0, 1]), ("proxy_on_request_headers", [0, 2]), ("memory", [2, 0])];
    let exports = exports.iter().flat_map(|(name, what)| [&[name.len() as u8], name.as_bytes(), what].concat());
    let exports = section(7, &[4].into_iter().chain(exports).collect::<Vec<_>>());
    let code = section(10, &[3, 2, 0, 0x0b, 4, 0, 0x41, 0, 0x0b, 3, 0, 0x00, 0x0b]);
    [b"\0asm\x01\0\0\0", &*types, &functions, &memory, &exports, &code].concat()
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id, content.len() as u8], content].concat()
}

fn written_module(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, module_that_traps()).unwrap();
    path
}

#[test]
fn a_failed_vm_is_seen_under_every_policy() {
    if !is_installed().unwrap() {
        return;
    }
    let module = written_module("traps.wasm");
    for policy in ["FAIL_RELOAD", "FAIL_CLOSED", "FAIL_OPEN"] {
        let configuration = json!({});
        let filter = WasmFilter { failure_policy: policy, ..WasmFilter::new("traps", &module, &configuration) };
        let listener = Listener::new("a").filter(wasm_filter(&filter)).route(Route::Direct(200));
        let envoy = Envoy::start(&EnvoySpec::default().listener(listener.details_header("x-details"))).unwrap();
        assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
        let answer = envoy.send("a", &Request::get("/")).unwrap();
        assert_eq!((answer.status, answer.header("x-details").as_deref()), (503, Some("wasm_fail_stream")));
        let failures = envoy.wasm_failures().unwrap();
        assert!(failures.iter().any(|line| line.contains("proxy_on_request_headers failed")), "{policy}: {failures:?}");
    }
}

#[test]
fn a_callback_outside_the_capabilities_is_not_called() {
    if !is_installed().unwrap() {
        return;
    }
    let module = written_module("restricted.wasm");
    let configuration = json!({});
    let capabilities = Some(capabilities_without(&["proxy_on_request_headers"]));
    let filter = WasmFilter { capabilities, ..WasmFilter::new("restricted", &module, &configuration) };
    let listener = Listener::new("a").filter(wasm_filter(&filter)).route(Route::Direct(200));
    let envoy = Envoy::start(&EnvoySpec::default().listener(listener)).unwrap();
    assert_eq!(envoy.send("a", &Request::get("/")).unwrap().status, 200);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}
