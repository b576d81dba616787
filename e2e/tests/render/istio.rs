//! Every policy as each of Istio's resources, held to the schemas of the custom resource definitions (`e2e/istio/check.py`).

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use portcullis_cli::render::rendered;
use portcullis_host_tests::corpus::workspace_root;
use serde_json::{Value, json};

use super::{documents, policies, render};

/// The faults of each of `resources`; `None` where the schemas are not installed, which is an error in CI.
fn faults(resources: &[Value]) -> Option<Vec<Value>> {
    let root = workspace_root();
    let mut command = Command::new(root.join(".venv/bin/python"));
    let command = command.arg(root.join("e2e/istio/check.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut process) = command.spawn() else { return skipped() };
    process.stdin.take().unwrap().write_all(json!(resources).to_string().as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    if output.status.code() == Some(3) {
        return skipped();
    }
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn skipped() -> Option<Vec<Value>> {
    assert!(std::env::var_os("CI").is_none(), "Istio's schemas are not installed: run `make setup`");
    // Past the test harness, which would swallow what `eprintln!` says in a test that passes.
    let _ = std::io::stderr().write_all(b"skipped: Istio's schemas are not installed: run `make setup`\n");
    None
}

/// What the comments of `text` offer to be applied too: services of the mesh.
fn offered(text: &str) -> Vec<Value> {
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with("# The policy's cluster"))
        .map(|line| line.strip_prefix("#   ").unwrap_or("---"));
    documents(&lines.collect::<Vec<_>>().join("\n")).into_iter().filter(Value::is_object).collect()
}

fn folder_of_the_command_line() -> PathBuf {
    workspace_root().join("crates/cli/tests/render")
}

#[test]
fn every_resource_is_as_its_schema_says() {
    let with_clusters = folder_of_the_command_line().join("tokens.yaml");
    let all: Vec<PathBuf> = policies().into_iter().chain([with_clusters]).collect();
    let places: [&[&str]; 3] = [
        &["--target=istio"],
        &["--target=istio", "--selector=app=orders", "--sidecar", "--url=https://files.example/module.wasm"],
        &["--target=istio", "--target-ref=Gateway/shop", "--target-ref=Service/orders", "--namespace=shop"],
    ];
    let mut resources = Vec::new();
    for policy in &all {
        for kind in ["--kind=WasmPlugin", "--kind=TrafficExtension", "--kind=EnvoyFilter"] {
            for place in places {
                resources.extend(render(&[policy], &[place, &[kind]].concat()));
            }
        }
        let arguments = [policy.to_str().unwrap(), "--target=istio"];
        resources.extend(offered(&rendered(arguments).unwrap().document));
    }
    let Some(faults) = faults(&resources) else { return };
    for (resource, faults) in resources.iter().zip(&faults) {
        assert_eq!(*faults, json!([]), "{resource:#}");
    }
    let kinds = |kind: &str| resources.iter().filter(|resource| resource["kind"] == kind).count();
    assert_eq!(kinds("TrafficExtension"), all.len() * places.len());
    assert!(kinds("ServiceEntry") >= 3 && kinds("DestinationRule") >= 3);
    println!("{} resources of {} policies", resources.len(), all.len());
}

#[test]
fn the_schemas_find_faults() {
    let mut plugin = render(&[&folder_of_the_command_line().join("tokens.yaml")], &["--target=istio"]).remove(0);
    let good = plugin.clone();
    plugin["spec"]["phase"] = json!("AUTH");
    plugin["spec"]["failstrategy"] = json!("FAIL_RELOAD");
    let extension = json!({ "apiVersion": good["apiVersion"], "kind": "TrafficExtension", "metadata": good["metadata"], "spec": good["spec"] });
    let Some(faults) = faults(&[good, plugin, extension]) else { return };
    let counts: Vec<usize> = faults.iter().map(|faults| faults.as_array().unwrap().len()).collect();
    assert!(counts[0] == 0 && counts[1] == 2 && counts[2] > 0, "{faults:?}");
}
