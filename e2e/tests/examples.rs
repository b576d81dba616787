//! The examples that plugins ship are configurations that a stock Envoy takes, and restrict the plugin to what it needs.
#![expect(clippy::unwrap_used, reason = "test code, never in a proxy: a panic is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use portcullis_e2e::{Envoy, envoy};
use portcullis_host_tests::Corpus;
use portcullis_host_tests::corpus::{capabilities, module_path, workspace_root};
use serde::Deserialize;
use serde_json::Value;

/// Each plugin's `examples/envoy.yaml`, with the module's file where it is.
fn examples() -> Vec<(String, Value)> {
    let plugins = Corpus::load_all().unwrap().into_iter().map(|corpus| corpus.plugin);
    plugins.map(|plugin| (plugin.clone(), bootstrap(&plugin))).collect()
}

fn bootstrap(plugin: &str) -> Value {
    let text = fs::read_to_string(example(plugin, "envoy.yaml")).unwrap();
    let mut document = Value::deserialize(serde_yaml_ng::Deserializer::from_str(&text)).unwrap();
    each_object(&mut document, &mut |object| {
        if let Some(file) = object.get_mut("filename").filter(|file| file.as_str().is_some_and(|file| file.ends_with(".wasm"))) {
            *file = module_path(plugin).to_string_lossy().into();
        }
    });
    document
}

fn example(plugin: &str, file: &str) -> PathBuf {
    workspace_root().join("plugins").join(plugin).join("examples").join(file)
}

fn each_object(value: &mut Value, visit: &mut impl FnMut(&mut serde_json::Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values_mut().for_each(|member| each_object(member, visit));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_object(item, visit)),
        _ => {}
    }
}

#[test]
fn envoy_takes_every_example() {
    if !envoy::is_installed().unwrap() {
        return;
    }
    for (plugin, document) in examples() {
        Envoy::validate(&document).unwrap_or_else(|error| panic!("{plugin}: {error}"));
    }
}

#[test]
fn every_example_allows_the_module_just_what_it_uses() {
    for (plugin, mut document) in examples() {
        let mut allowed = BTreeSet::new();
        each_object(&mut document, &mut |object| {
            if let Some(Value::Object(capabilities)) = object.get("allowed_capabilities") {
                allowed.extend(capabilities.keys().cloned());
            }
        });
        let used: BTreeSet<String> = capabilities(&plugin).unwrap().into_iter().collect();
        assert_eq!(allowed, used, "{plugin}");
    }
}

#[test]
fn the_istio_example_holds_the_same_kind_of_configuration() {
    for (plugin, _) in examples() {
        let text = fs::read_to_string(example(&plugin, "istio.yaml")).unwrap();
        for document in serde_yaml_ng::Deserializer::from_str(&text) {
            let document = Value::deserialize(document).unwrap();
            assert!(document["kind"].is_string() && document["apiVersion"].is_string(), "{plugin}: {document}");
        }
    }
}
