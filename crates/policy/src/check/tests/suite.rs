//! The rows of google/cel-spec, read from `SUITES` (default: `shared/suites` beside the repository): none that has a value is
//! refused, save where the suite itself says that no checker is to see it.

use super::checked;
use crate::{Scope, Type};

#[test]
fn refuses_no_valid_row_of_cel_spec() {
    let Some(rows) = portcullis_suites::rows("cel-spec/cel_conformance_plain.jsonl") else { return };
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
