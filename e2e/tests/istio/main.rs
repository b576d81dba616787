//! Istio's own cases: its policies as `portcullis import istio` imports them, through a real Envoy.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code, never in a proxy: a panic is a failed test"
)]

mod attacks;
mod authentication;
mod authorization;
mod native;
mod template;

use std::fs;
use std::path::{Path, PathBuf};

use portcullis_cli::import::istio::{Manifest, Options, import};
use portcullis_e2e::Listener;
use portcullis_e2e::filters::{WasmFilter, wasm_filter};
use portcullis_host_tests::corpus::{capabilities, module_path};
use serde_json::Value;

/// The rows of a file.
fn rows(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A listener with what the rendered `templates` import to, each plugin under the capability restriction of its module.
fn imported(name: &str, templates: &[PathBuf], options: &Options) -> Listener {
    let texts: Vec<(String, String)> =
        templates.iter().map(|path| (path.display().to_string(), template::rendered(path))).collect();
    let manifests: Vec<Manifest<'_>> = texts.iter().map(|(name, text)| Manifest { name, text }).collect();
    let imported = import(&manifests, options);
    let report: Vec<String> = imported.report.iter().map(ToString::to_string).collect();
    assert!(!imported.is_refused(), "{name}: {}", report.join("\n"));
    imported.policies.iter().fold(Listener::new(name), |listener, policy| {
        let file: Value = serde_yaml_ng::from_str(&policy.yaml).unwrap();
        let module = module_path(policy.plugin);
        let filter = WasmFilter {
            allow_on_headers_stop_iteration: Some(true),
            capabilities: Some(capabilities(policy.plugin).unwrap()),
            ..WasmFilter::new(policy.plugin, &module, &file["config"])
        };
        listener.filter(wasm_filter(&filter))
    })
}
