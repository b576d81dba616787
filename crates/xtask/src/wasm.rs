//! Builds every plugin of the workspace into `target/wasm`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{CrateType, DependencyKind, MetadataCommand, Package};
use sha2::{Digest, Sha256};

use crate::{TaskResult, prune::prune, root};

/// What modules are compiled for.
pub(crate) const TARGET: &str = "wasm32-wasip1";

/// The plugin that has all others in it.
pub(crate) const BUNDLE: &str = "bundle";

/// What `portcullis eval --wasm` runs: a program, and no plugin.
const EVALUATOR: &str = "policy-eval";

/// Of these plugins, or of every one, writes `NAME.wasm`, `NAME.wasm.sha256`, and under `unpruned/` the module as cargo made it; with
/// every one `policy_eval.wasm`, too.
pub(crate) fn build(names: &[&str]) -> TaskResult {
    let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec()?;
    let all: Vec<&Package> = metadata.packages.iter().filter(|package| is_plugin(package)).collect();
    let plugins: Vec<&Package> =
        all.iter().copied().filter(|plugin| names.is_empty() || names.contains(&plugin.name.as_str())).collect();
    if let Some(unknown) = names.iter().find(|name| !plugins.iter().any(|plugin| plugin.name == **name)) {
        return Err(format!("no plugin is called `{unknown}`").into());
    }
    let cargo_target = metadata.target_directory.as_std_path();
    // A plugin that is a module of its own cannot be part of another one.
    let (bundles, single): (Vec<&Package>, Vec<&Package>) = plugins.iter().partition(|plugin| has_others(plugin, &all));
    let evaluator = names.is_empty().then_some(["--package", "portcullis-policy", "--bin", EVALUATOR]);
    compile(&single, evaluator.iter().flatten())?;
    compile(&bundles, std::iter::empty())?;

    let output = cargo_target.join("wasm");
    fs::create_dir_all(output.join("unpruned"))?;
    for plugin in plugins {
        let built = cargo_target.join(TARGET).join("release").join(format!("{}.wasm", plugin.name.replace('-', "_")));
        finish(&built, &output, &format!("{}.wasm", module(plugin)))?;
    }
    if evaluator.is_none() {
        return Ok(());
    }
    let evaluator = cargo_target.join(TARGET).join("release").join(format!("{EVALUATOR}.wasm"));
    write_if_changed(output.join("policy_eval.wasm"), &fs::read(evaluator)?)
}

/// Writes `portcullis-PARTS.wasm`: the bundle with these plugins alone, `jwt-auth,rbac`.
pub(crate) fn build_parts(parts: &str) -> TaskResult {
    let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec()?;
    let bundle = metadata.packages.iter().find(|package| package.name == BUNDLE).ok_or("there is no bundle")?;
    compile(&[bundle], ["--no-default-features", "--features", parts].iter())?;
    let target = metadata.target_directory.as_std_path();
    let output = target.join("wasm");
    fs::create_dir_all(output.join("unpruned"))?;
    let built = target.join(TARGET).join("release").join(format!("{BUNDLE}.wasm"));
    finish(&built, &output, &format!("{}-{}.wasm", module(bundle), parts.replace(',', "-")))
}

/// What the plugin's module is called: what its manifest says, or as the plugin.
pub(crate) fn module(plugin: &Package) -> String {
    let said = plugin.metadata.pointer("/portcullis/module").and_then(serde_json::Value::as_str);
    said.map_or_else(|| plugin.name.replace('-', "_"), str::to_owned)
}

fn is_plugin(package: &Package) -> bool {
    package.targets.iter().any(|target| target.crate_types.contains(&CrateType::CDyLib))
}

/// Whether the plugin has others in it.
fn has_others(plugin: &Package, all: &[&Package]) -> bool {
    let linked = plugin.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
    linked.into_iter().any(|dependency| all.iter().any(|other| other.name == dependency.name))
}

fn compile<'a>(plugins: &[&Package], more: impl Iterator<Item = &'a &'a str>) -> TaskResult {
    if plugins.is_empty() {
        return Ok(());
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["build", "--release", "--locked", "--target", TARGET]);
    for plugin in plugins {
        cargo.args(["--package", plugin.name.as_str()]);
    }
    cargo.arg("--lib").args(more);
    // Flags are separated by 0x1f. Every host of ours has the vector instructions; tokens are searched with them.
    let flags = ["-Ctarget-feature=+simd128", &without_paths_of_this_machine()].join("\x1f");
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags);
    if cargo.status()?.success() { Ok(()) } else { Err("the plugins do not compile".into()) }
}

/// A module says nothing about who built it, and its sha256 does not depend on that.
fn without_paths_of_this_machine() -> String {
    let home = std::env::home_dir().unwrap_or_default();
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    // Of several prefixes that fit, the last one counts.
    [remap(&home, "/home"), remap(&cargo_home, "/cargo"), remap(&root(), "/portcullis")].join("\x1f")
}

fn finish(built: &Path, output: &Path, name: &str) -> TaskResult {
    let unpruned = fs::read(built).map_err(|error| format!("{}: {error}", built.display()))?;
    let pruned = prune(&unpruned).map_err(|error| format!("{name}: {error}"))?;
    let digest: String = Sha256::digest(&pruned).iter().map(|byte| format!("{byte:02x}")).collect();

    write_if_changed(output.join("unpruned").join(name), &unpruned)?;
    write_if_changed(output.join(name), &pruned)?;
    write_if_changed(output.join(format!("{name}.sha256")), format!("{digest}  {name}\n").as_bytes())?;
    println!("{name}  {} KiB  sha256 {digest}", pruned.len() / 1024);
    Ok(())
}

/// Leaves the file's time alone where nothing changed, so that caches of what was made from it stay valid.
fn write_if_changed(path: PathBuf, content: &[u8]) -> TaskResult {
    if fs::read(&path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    Ok(fs::write(path, content)?)
}
