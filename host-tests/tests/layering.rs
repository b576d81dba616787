//! The arrows of the architecture: which crate may depend on which (`docs/architecture.md`).
#![expect(clippy::expect_used, reason = "test code, never in a proxy: a panic is a failed test")]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// The crates of ours that each crate may depend on. A plugin: every one above.
const ARROWS: [(&str, &[&str]); 23] = [
    ("portcullis-suites", &[]),
    ("portcullis-filter", &[]),
    ("portcullis-config", &[]),
    ("portcullis-http", &["portcullis-config"]),
    ("portcullis-jose", &["portcullis-config"]),
    ("portcullis-json-schema", &["portcullis-config"]),
    ("portcullis-policy", &["portcullis-config"]),
    ("portcullis-protobuf", &[]),
    ("portcullis-quota", &[]),
    ("portcullis-redaction", &[]),
    ("portcullis-rls", &["portcullis-protobuf"]),
    ("portcullis-signatures", &[]),
    ("portcullis-validation", &["portcullis-config", "portcullis-json-schema"]),
    (
        "portcullis-attributes",
        &["portcullis-config", "portcullis-filter", "portcullis-http", "portcullis-policy", "portcullis-protobuf"],
    ),
    ("portcullis-openapi", &["portcullis-config", "portcullis-http", "portcullis-json-schema", "portcullis-validation"]),
    ("portcullis-gate", &["portcullis-config", "portcullis-filter", "portcullis-http"]),
    ("portcullis-explain", &["portcullis-filter", "portcullis-gate", "portcullis-http"]),
    (
        "bundle",
        &["input-validation", "jwt-auth", "portcullis-adapter", "portcullis-config", "portcullis-filter", "rate-limit", "rbac"],
    ),
    ("portcullis-adapter", &["portcullis-filter"]),
    ("portcullis-host", &["portcullis-filter"]),
    ("portcullis-cases", &["portcullis-config", "portcullis-filter", "portcullis-host", "portcullis-protobuf"]),
    ("portcullis-host-tests", &["portcullis-cases", "portcullis-filter", "portcullis-host"]),
    (
        "portcullis-cli",
        &[
            "bundle",
            "input-validation",
            "jwt-auth",
            "portcullis-cases",
            "portcullis-config",
            "portcullis-explain",
            "portcullis-filter",
            "portcullis-host",
            "portcullis-http",
            "portcullis-openapi",
            "portcullis-policy",
            "rate-limit",
            "rbac",
        ],
    ),
];

/// What a plugin may depend on: the libraries, and the adapter for wasm alone.
const FOR_PLUGINS: [&str; 14] = [
    "portcullis-adapter",
    "portcullis-attributes",
    "portcullis-config",
    "portcullis-explain",
    "portcullis-filter",
    "portcullis-gate",
    "portcullis-http",
    "portcullis-jose",
    "portcullis-policy",
    "portcullis-quota",
    "portcullis-redaction",
    "portcullis-rls",
    "portcullis-signatures",
    "portcullis-validation",
];

fn metadata() -> Metadata {
    MetadataCommand::new().no_deps().exec().expect("cargo knows the workspace")
}

/// The normal dependencies of `package` on crates of the workspace, each with the target that it is for.
fn arrows(package: &Package, workspace: &BTreeSet<&str>) -> BTreeMap<String, Option<String>> {
    let ours = package.dependencies.iter().filter(|to| to.kind == DependencyKind::Normal && workspace.contains(to.name.as_str()));
    ours.map(|to| (to.name.clone(), to.target.as_ref().map(ToString::to_string))).collect()
}

fn is_plugin(package: &Package) -> bool {
    package.manifest_path.components().any(|part| part.as_str() == "plugins")
}

#[test]
fn no_arrow_points_up() {
    let metadata = metadata();
    let workspace: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    for (name, allowed) in ARROWS {
        let package = metadata.packages.iter().find(|package| package.name == name).expect(name);
        for to in arrows(package, &workspace).keys() {
            assert!(allowed.contains(&to.as_str()), "{name} must not depend on {to}");
        }
    }
}

#[test]
fn a_plugin_needs_no_proxy_to_be_compiled() {
    let metadata = metadata();
    let workspace: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let plugins: Vec<&Package> = metadata.packages.iter().filter(|package| is_plugin(package)).collect();
    assert!(!plugins.is_empty());
    for plugin in &plugins {
        for (to, target) in arrows(plugin, &workspace) {
            let part = plugin.name == "bundle" && plugins.iter().any(|part| part.name == to);
            assert!(part || FOR_PLUGINS.contains(&to.as_str()), "{} must not depend on {to}", plugin.name);
            if to == "portcullis-adapter" {
                assert_eq!(target.as_deref(), Some("cfg(target_os = \"wasi\")"), "{} links the adapter natively", plugin.name);
            }
        }
    }
}

#[test]
fn the_adapter_alone_names_proxy_wasm() {
    let metadata = metadata();
    let naming: Vec<&str> = metadata
        .packages
        .iter()
        .filter(|package| package.dependencies.iter().any(|dependency| dependency.name == "proxy-wasm"))
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(naming, ["portcullis-adapter"]);
}

#[test]
fn the_vocabulary_is_std_only() {
    let metadata = metadata();
    let filter = metadata.packages.iter().find(|package| package.name == "portcullis-filter").expect("the crate exists");
    assert!(filter.dependencies.is_empty(), "portcullis-filter depends on {:?}", filter.dependencies);
}
