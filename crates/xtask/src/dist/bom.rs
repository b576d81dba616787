//! Bills of materials, by `cargo-cyclonedx`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use cargo_metadata::{Metadata, Package};

use crate::{TaskResult, root, wasm};

/// What the tool is told to call its files: it writes one beside each manifest of the workspace.
const FILE: &str = "portcullis-dist.cdx";

/// Writes `NAME.cdx.json` of each plugin; says so where the tool is not installed.
pub(super) fn write(metadata: &Metadata, plugins: &[&Package], dist: &Path) -> TaskResult {
    if !is_installed() {
        println!("skipped: cargo-cyclonedx is not installed, so there is no bill of materials");
        return Ok(());
    }
    let generated = generate();
    let kept = if generated.is_ok() { keep(plugins, dist) } else { Ok(()) };
    for package in &metadata.packages {
        let _ = fs::remove_file(package.manifest_path.with_file_name(format!("{FILE}.json")));
    }
    generated.and(kept)
}

fn is_installed() -> bool {
    let version = cargo().args(["cyclonedx", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

fn generate() -> TaskResult {
    // Of what is in the modules: no tests, no tools, nothing of another platform. Without the time.
    let arguments = ["cyclonedx", "--format", "json", "--spec-version", "1.5", "--target", wasm::TARGET];
    let status = cargo()
        .args(arguments)
        .args(["--no-build-deps", "--quiet", "--override-filename", FILE])
        .env("SOURCE_DATE_EPOCH", "0")
        .status()?;
    if status.success() { Ok(()) } else { Err("cargo-cyclonedx has failed".into()) }
}

fn keep(plugins: &[&Package], dist: &Path) -> TaskResult {
    for plugin in plugins {
        let written = fs::read_to_string(plugin.manifest_path.with_file_name(format!("{FILE}.json")))?;
        // The tool names packages of the workspace by their place.
        let bill = written.replace(&root().display().to_string(), "/portcullis");
        fs::write(dist.join(format!("{}.cdx.json", wasm::module(plugin))), bill)?;
    }
    Ok(())
}

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}
