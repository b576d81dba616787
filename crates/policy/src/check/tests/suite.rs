//! The rows of google/cel-spec, read from `SUITES` (default: `shared/suites` beside the repository): none that has a value is
//! refused, save where the suite itself says that no checker is to see it.

use std::path::PathBuf;

use serde_json::Value;

use super::checked;
use crate::{Scope, Type};

#[test]
fn refuses_no_valid_row_of_cel_spec() {
    let Some(rows) = rows() else { return };
    let (mut taken, mut refused) = (0, Vec::new());
    for row in rows.iter().filter(|row| row.get("cel_go_skips").is_none() && row["expect"].get("value").is_some()) {
        let variables: Vec<(String, Type)> =
            row["bindings"].as_object().unwrap().keys().map(|name| (name.clone(), Type::Dyn)).collect();
        let unchecked = row.get("disable_check").is_some();
        let scope = Scope { result: Type::Dyn, variables: &variables, unchecked, ..Scope::condition() };
        match checked(row["expr"].as_str().unwrap(), &scope) {
            Ok(_) => taken += 1,
            Err(problems) => refused.push(format!("{}: {}: {problems}", row["id"], row["expr"])),
        }
    }
    println!("{taken} valid rows taken, {} refused", refused.len());
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

fn rows() -> Option<Vec<Value>> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/suites");
    let suites = std::env::var_os("SUITES").map_or(beside, PathBuf::from);
    let text = std::fs::read_to_string(suites.join("cel-spec/cel_conformance_plain.jsonl")).ok();
    if text.is_none() {
        println!("skipped: no suites");
    }
    Some(text?.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}
