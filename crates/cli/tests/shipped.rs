//! The policies that are shipped: their tests pass on the modules that a proxy loads, hit every rule by an allow and by a deny, and
//! notice every mutant.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::path::Path;
use std::process::Command;

/// What `portcullis test` says of the policies, when it is content with them.
fn content(arguments: &[&str]) -> String {
    let executable = Path::new(env!("CARGO_BIN_EXE_portcullis"));
    // `make wasm` writes them into the folder of the build.
    let modules = executable.ancestors().nth(2).unwrap().join("wasm");
    let output = Command::new(executable)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .env("PORTCULLIS_MODULES", modules)
        .args(["test", "policies"])
        .args(arguments)
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    said
}

#[test]
fn every_test_holds_on_the_real_modules() {
    assert!(content(&[]).ends_with(" passed, 0 failed\n"));
}

#[test]
fn every_rule_is_hit_by_an_allow_and_by_a_deny() {
    content(&["--native", "--coverage", "--fail-under-coverage", "100"]);
}

#[test]
fn every_mutant_is_noticed() {
    assert!(content(&["--native", "--mutate"]).contains(" 0 survived\n"));
}
