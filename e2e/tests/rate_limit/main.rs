//! rate-limit in a real Envoy: what takes time, several workers, and another configuration.
#![expect(clippy::unwrap_used, reason = "test code, never in a proxy: a panic is a failed test")]

mod exact;
mod login;
mod reload;

use portcullis_e2e::Envoy;
use portcullis_e2e::filters::{WasmFilter, wasm_filter};
use portcullis_host_tests::corpus::{capabilities, module_path};
use serde_json::Value;

/// The plugin with `config`, as its example runs it.
fn plugin(name: &str, config: &Value) -> Value {
    wasm_filter(&WasmFilter {
        vm_id: "rate-limit",
        allow_on_headers_stop_iteration: Some(true),
        capabilities: Some(capabilities("rate-limit").unwrap()),
        ..WasmFilter::new(name, &module_path("rate-limit"), config)
    })
}

fn assert_no_failures(envoy: &Envoy) {
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}
