//! google/cel-spec's own cases, evaluated inside a VM, with the floor of the native run (`crates/policy/tests/cel_spec.rs`).

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use portcullis_policy::rows;
use serde_json::{Value as Json, json};

/// So many must pass, as natively.
const FLOOR: usize = 1_050;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The rows that cel-go passes; `None` where the suite is not there.
fn suite() -> Option<String> {
    let text = portcullis_suites::text("cel-spec/cel_conformance_plain.jsonl")?;
    Some(text.lines().filter(|line| !line.contains("\"cel_go_skips\"")).collect::<Vec<_>>().join("\n"))
}

fn evaluate_inside_a_vm(rows: &str) -> Vec<Json> {
    let module = root().join("target/wasm/policy_eval.wasm");
    let mut program = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["eval", "--jsonl", &format!("--wasm={}", module.display())])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(rows.as_bytes()).unwrap();
    let output = program.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_deepest_expression_fits_the_stack_of_a_vm() {
    let nestings = [("(", ")"), ("[", "]"), ("-(", ")"), ("!(", ")"), ("[1].map(x, ", ")"), ("{1: ", "}"), ("string(", ")")];
    let sources = nestings
        .iter()
        .flat_map(|(open, close)| [20, 60, 120, 400].map(|depth| format!("{}1{}", open.repeat(depth), close.repeat(depth))));
    let rows: Vec<String> = sources.map(|source| json!({"expr": source, "disable_check": true}).to_string()).collect();
    assert_eq!(evaluate_inside_a_vm(&rows.join("\n")).len(), rows.len());
}

#[test]
fn answers_as_the_specification_says_inside_a_vm() {
    let Some(suite) = suite() else { return };
    let answers = evaluate_inside_a_vm(&suite);
    let rows: Vec<Json> = suite.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), rows.len(), "the module answers every row; `make wasm` builds it");
    let missed: Vec<&str> = rows
        .iter()
        .zip(&answers)
        .filter(|(row, answer)| !rows::meets(row, answer))
        .map(|(row, _)| row["id"].as_str().unwrap())
        .collect();
    println!("cel-spec, wasm: {} of {} pass", rows.len() - missed.len(), rows.len());
    assert!(rows.len() - missed.len() >= FLOOR, "{missed:?}");
}
