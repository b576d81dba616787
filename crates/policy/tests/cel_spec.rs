//! google/cel-spec's own cases, compiled and evaluated as policies are.

use portcullis_policy::rows;
use serde_json::Value as Json;

/// So many must pass; what does not is in `cel_spec_misses.txt`, with its cause.
const FLOOR: usize = 1_050;

/// The rows that cel-go passes; `None` where the suite is not there.
fn suite() -> Option<Vec<Json>> {
    let rows = portcullis_suites::rows("cel-spec/cel_conformance_plain.jsonl")?;
    Some(rows.into_iter().filter(|row| row.get("cel_go_skips").is_none()).collect())
}

/// The ids of `cel_spec_misses.txt`: lines of an id, a colon and the cause.
fn known_misses() -> Vec<&'static str> {
    let lines = include_str!("cel_spec_misses.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(": ").map(|(id, _)| id)).collect()
}

#[test]
fn answers_as_the_specification_says() {
    let Some(suite) = suite() else { return };
    let mut missed = Vec::new();
    for row in &suite {
        let answer = rows::answer(row);
        if !rows::meets(row, &answer) {
            eprintln!("{}: `{}` expected {}, found {answer}", row["id"], row["expr"], row["expect"]);
            missed.push(row["id"].as_str().unwrap());
        }
    }
    let passed = suite.len() - missed.len();
    println!("cel-spec, native: {passed} of {} pass", suite.len());
    assert_eq!(missed, known_misses());
    assert!(passed >= FLOOR, "{passed} of {} pass", suite.len());
}
