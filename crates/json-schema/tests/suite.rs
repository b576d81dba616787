//! JSON-Schema-Test-Suite, draft 2020-12, written by none of this project's people: the required rows that need no remote document.

use portcullis_json_schema::{Formats, JsonSchema};
use serde_json::Value;

/// Rows whose answer is another one, each with the reason.
const MISSES: [(&str, &str); 0] = [];

#[test]
fn judges_as_the_suite_says() {
    let Some(rows) = portcullis_suites::rows("json-schema/draft2020-12.jsonl") else { return };
    let flag = |row: &Value, name: &str| row[name].as_bool().unwrap();
    let rows: Vec<Value> = rows.into_iter().filter(|row| !flag(row, "optional") && !flag(row, "needs_remote")).collect();
    let judged = |row: &Value| JsonSchema::compile(&row["schema"], Formats::Ignore).map(|schema| schema.is_valid(&row["data"]));
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| !MISSES.iter().any(|(id, _)| row["id"] == *id))
        .map(|row| (row, judged(row)))
        .filter(|(row, judged)| judged.as_ref().ok() != Some(&flag(row, "valid")))
        .map(|(row, judged)| format!("{} {} / {}: {judged:?}", row["id"], row["group"], row["description"]))
        .collect();
    println!("json-schema: {} of {} rows", rows.len() - wrong.len() - MISSES.len(), rows.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(rows.len(), 1_238);
}
