//! Every policy as a bootstrap: Envoy loads its module and the module takes its configuration, in each of the forms that a proxy gets.

use std::collections::BTreeSet;
use std::path::Path;

use portcullis_e2e::{Envoy, envoy};
use portcullis_host_tests::corpus::{capabilities, module_path};
use serde_json::{Value, json};

use super::{filters, plugin, policies, render, with_doubles};

#[test]
fn envoy_takes_every_policy() {
    if !envoy::is_installed().unwrap() {
        return;
    }
    let all: Vec<Value> = policies().iter().enumerate().map(|(number, policy)| bootstrap(policy, number)).collect();
    Envoy::validate(&joined(&all)).unwrap();
}

/// The rendered bootstrap, with names and a port that no other one has, and the further filters that Istio would make of the policy.
fn bootstrap(policy: &Path, number: usize) -> Value {
    let mut bootstrap = render(&[policy], &["--target", "envoy", "--bootstrap"]).remove(0);
    let listener = &mut bootstrap["static_resources"]["listeners"][0];
    listener["name"] = json!(format!("{number}"));
    listener["address"] = json!({ "socket_address": { "address": "127.0.0.1", "port_value": 20_000 + number } });
    let filters = filters(&mut bootstrap);
    // One VM for all policies of a plugin: it is the compiling that takes long.
    let vm_id = plugin(policy);
    let mut rendered = filters[0].clone();
    prepare(&mut rendered["typed_config"]["config"], &vm_id);
    filters[0] = rendered.clone();
    filters.insert(1, as_wasm_plugin(rendered, policy));
    filters.insert(2, as_envoy_filter(policy, &vm_id));
    bootstrap
}

fn prepare(config: &mut Value, vm_id: &str) {
    config["vm_config"]["vm_id"] = json!(vm_id);
    if let Some(names) = config["vm_config"]["environment_variables"]["host_env_keys"].as_array() {
        let keys = r#"{"keys":[]}"#;
        let values: Value = names.iter().map(|name| (name.as_str().unwrap().to_owned(), json!(keys))).collect();
        config["vm_config"]["environment_variables"] = json!({ "key_values": values });
    }
}

/// What Istio makes of a WasmPlugin: no stop-iteration, no restriction, and numbers as doubles.
fn as_wasm_plugin(mut filter: Value, policy: &Path) -> Value {
    let document = render(&[policy], &["--target", "istio"]).remove(0);
    filter["name"] = json!("wasm plugin");
    let config = filter["typed_config"]["config"].as_object_mut().unwrap();
    config.remove("allow_on_headers_stop_iteration");
    config.remove("capability_restriction_config");
    config["configuration"]["value"] = json!(with_doubles(document["spec"]["pluginConfig"].clone()).to_string());
    filter
}

/// The filter of an EnvoyFilter, its module taken from a file.
fn as_envoy_filter(policy: &Path, vm_id: &str) -> Value {
    let document = render(&[policy], &["--target", "istio", "--kind", "EnvoyFilter"]).remove(0);
    let patches = document["spec"]["configPatches"].as_array().unwrap();
    let mut filter = patches.last().unwrap()["patch"]["value"].clone();
    let config = &mut filter["typed_config"]["config"];
    config["vm_config"]["code"] = json!({ "local": { "filename": module_path(&plugin(policy)) } });
    prepare(config, vm_id);
    filter
}

/// One Envoy for all: starting it for each takes seconds.
fn joined(all: &[Value]) -> Value {
    let parts = |field: &str| {
        all.iter().flat_map(|one| one["static_resources"][field].as_array().unwrap().clone()).collect::<Vec<Value>>()
    };
    let mut names = BTreeSet::new();
    let clusters = parts("clusters").into_iter().filter(|cluster| names.insert(cluster["name"].to_string()));
    let mut joined = all[0].clone();
    joined["static_resources"] = json!({ "listeners": parts("listeners"), "clusters": clusters.collect::<Vec<_>>() });
    joined
}

#[test]
fn every_cluster_that_a_policy_names_is_there() {
    for policy in policies() {
        let mut bootstrap = render(&[&policy], &["--target", "envoy", "--bootstrap"]).remove(0);
        let value = filters(&mut bootstrap)[0]["typed_config"]["config"]["configuration"]["value"].clone();
        let mut named = BTreeSet::new();
        clusters(&serde_json::from_str(value.as_str().unwrap()).unwrap(), &mut named);
        let there = bootstrap["static_resources"]["clusters"].as_array().unwrap();
        let there: BTreeSet<String> = there.iter().map(|cluster| cluster["name"].as_str().unwrap().to_owned()).collect();
        assert!(named.is_subset(&there), "{}: {named:?}, {there:?}", policy.display());
    }
}

fn clusters(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| match value.as_str() {
            Some(cluster) if name.ends_with("cluster") => drop(found.insert(cluster.to_owned())),
            _ => clusters(value, found),
        }),
        Value::Array(items) => items.iter().for_each(|item| clusters(item, found)),
        _ => {}
    }
}

#[test]
fn every_filter_allows_the_module_just_what_it_uses() {
    for policy in policies() {
        let filter = render(&[&policy], &["--target", "envoy"]).remove(0).as_array_mut().unwrap().remove(0);
        let restriction = &filter["typed_config"]["config"]["capability_restriction_config"];
        let allowed = restriction["allowed_capabilities"].as_object().unwrap().keys().cloned();
        let used: BTreeSet<String> = capabilities(&plugin(&policy)).unwrap().into_iter().collect();
        assert_eq!(allowed.collect::<BTreeSet<_>>(), used, "{}", policy.display());
    }
}
