//! What `portcullis render` writes of the policies that are shipped: taken by a real Envoy, held to Istio's schemas.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code, never in a proxy: a panic is a failed test")]

mod envoy;
mod istio;
mod running;

use std::fs;
use std::path::{Path, PathBuf};

use portcullis_cli::render::rendered;
use portcullis_host_tests::corpus::{module_path, workspace_root};
use serde::Deserialize;
use serde_json::Value;

/// Every policy in `policies/`.
fn policies() -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&workspace_root().join("policies"), &mut found);
    found.sort();
    assert!(found.len() >= 6, "{found:?}");
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            collect(&path, found);
        } else if name.ends_with(".yaml") && !name.ends_with(".test.yaml") {
            found.push(path);
        }
    }
}

fn plugin(policy: &Path) -> String {
    let text = fs::read_to_string(policy).unwrap();
    documents(&text)[0]["plugin"].as_str().unwrap().to_owned()
}

/// What is rendered of `policies` with these arguments, the modules being where `make wasm` leaves them.
fn render(policies: &[&Path], arguments: &[&str]) -> Vec<Value> {
    let plugins = ["input-validation", "jwt-auth", "rate-limit", "rbac"];
    let modules = plugins.map(|plugin| format!("--module={plugin}={}", module_path(plugin).display()));
    let policies = policies.iter().map(|path| path.to_str().unwrap().to_owned());
    let arguments = arguments.iter().map(|argument| (*argument).to_owned());
    documents(&rendered(policies.chain(arguments).chain(modules)).unwrap().document)
}

fn documents(text: &str) -> Vec<Value> {
    serde_yaml_ng::Deserializer::from_str(text).map(|document| Value::deserialize(document).unwrap()).collect()
}

/// The Wasm filters of a rendered bootstrap.
fn filters(bootstrap: &mut Value) -> &mut Vec<Value> {
    let listener = &mut bootstrap["static_resources"]["listeners"][0];
    listener["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"].as_array_mut().unwrap()
}

/// `value` as a protobuf `Struct` has it, which is how Istio keeps a configuration: every number is a double.
fn with_doubles(value: Value) -> Value {
    match value {
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, with_doubles(value))).collect(),
        Value::Array(items) => items.into_iter().map(with_doubles).collect(),
        Value::Number(number) => Value::from(number.as_f64().unwrap()),
        other => other,
    }
}
