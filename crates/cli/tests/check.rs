//! `portcullis check` from the outside: `check/NAME.yaml` beside what it prints, `NAME.out`, the exit code last. `UPDATE_GOLDEN=1` writes
//! the latter.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

#[path = "support/golden.rs"]
mod golden;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

fn check(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    let output = command.current_dir(folder()).arg("check").args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn files() -> Vec<String> {
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".yaml") || name.ends_with(".json")).collect();
    names.sort();
    names
}

/// Whether `said` is what the file `golden` holds; it then does if it is to be updated.
fn is_golden(golden: &str, said: &str) -> bool {
    golden::holds(&folder().join(golden), said)
}

#[test]
fn says_what_is_wrong_with_every_file() {
    assert!(files().len() >= 10);
    for file in files() {
        let (code, text) = check(&[&file]);
        let said = format!("{text}exit code {}\n", code.unwrap());
        assert!(is_golden(&format!("{file}.out"), &said), "{said}");
    }
}

#[test]
fn no_value_of_a_document_is_printed() {
    for format in ["text", "json", "sarif"] {
        let (_, output) = check(&["secret.yaml", "unset_variable.yaml", "--format", format]);
        assert!(!output.contains("planted") && !output.contains("PORTCULLIS_TEST"), "{output}");
    }
}

#[test]
fn writes_json() {
    let (code, output) = check(&["expressions.yaml", "suspicious.yaml", "several.yaml", "--format", "json"]);
    assert_eq!(code, Some(1));
    assert!(is_golden("findings.json.golden", &output), "{output}");
    let findings: Vec<Json> = serde_json::from_str(&output).unwrap();
    assert!(findings.iter().all(|finding| finding["line"].is_u64() && finding["column"].is_u64()), "{output}");
}

#[test]
fn writes_sarif() {
    let (code, output) = check(&["expressions.yaml", "suspicious.yaml", "several.yaml", "--format", "sarif"]);
    assert_eq!(code, Some(1));
    assert!(is_golden("findings.sarif.golden", &output), "{output}");
    let log: Json = serde_json::from_str(&output).unwrap();
    let run = &log["runs"][0];
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
}

#[test]
fn warnings_fail_only_when_they_are_denied() {
    assert_eq!(check(&["suspicious.yaml"]).0, Some(0));
    assert_eq!(check(&["suspicious.yaml", "--deny-warnings"]).0, Some(1));
    assert_eq!(check(&["policy_file.yaml", "--deny-warnings"]).0, Some(0));
}

#[test]
fn a_file_that_cannot_be_read_is_exit_code_2_and_the_others_are_still_checked() {
    let (code, output) = check(&["no_such_file.yaml", "suspicious.yaml"]);
    assert_eq!(code, Some(2));
    assert!(output.contains("suspicious.yaml:5"), "{output}");
}

#[test]
fn a_folder_stands_for_its_policies_and_tests_are_passed_over() {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let folder = policies.to_str().unwrap();
    let (code, output) = check(&[folder, "--deny-warnings"]);
    assert!(code == Some(0) && output.ends_with(" configurations: 0 errors, 0 warnings\n"), "{output}");
    let test = policies.join("rbac/orders-roles.test.yaml");
    let (code, output) = check(&["policy_file.yaml", test.to_str().unwrap()]);
    assert!(code == Some(0) && output.starts_with("1 configuration:"), "{output}");
    assert_eq!(check(&[test.to_str().unwrap()]).0, Some(2));
}

#[test]
fn the_plugin_of_a_bare_configuration_can_be_named() {
    assert_eq!(check(&["only_common.yaml", "--plugin", "rbac"]).0, Some(0));
    let (code, output) = check(&["only_common.yaml", "--plugin", "jwt-auth"]);
    assert!(code == Some(1) && output.contains("providers"), "{output}");
    let (code, output) = check(&["policy_file.yaml", "--plugin", "jwt-auth"]);
    assert!(code == Some(1) && output.contains("policy_file.yaml:1:1: error: plugin: not `jwt-auth`"), "{output}");
}

/// The variables of the file hold what they hold in the proxy.
#[test]
fn a_variable_that_is_set_is_judged() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    let output = command
        .current_dir(folder())
        .args(["check", "unset_variable.yaml"])
        .env("PORTCULLIS_TEST_UNSET_KEYS", "planted")
        .output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(text.contains("error: providers[\"old one\"].local_jwks") && !text.contains("planted"), "{text}");
}

#[test]
fn the_page_shows_what_is_printed() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli/check.md")).unwrap();
    for arguments in ["expressions.yaml suspicious.yaml", "--format json suspicious.yaml"] {
        let (_, output) = check(&arguments.split(' ').collect::<Vec<_>>());
        assert!(page.contains(&format!("$ portcullis check {arguments}\n{output}```")), "{output}");
    }
}
