//! The README names every option that there is.

use std::collections::BTreeSet;

use serde_json::Value;

fn options(schema: &Value, found: &mut BTreeSet<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        found.extend(properties.keys().cloned());
    }
    match schema {
        Value::Object(members) => members.values().for_each(|member| options(member, found)),
        Value::Array(items) => items.iter().for_each(|item| options(item, found)),
        _ => {}
    }
}

#[test]
fn every_option_is_documented() {
    let readme = include_str!("../README.md");
    let words: BTreeSet<&str> = readme.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').collect();
    let mut documented = BTreeSet::new();
    options(&jwt_auth::schema(), &mut documented);
    let missing: Vec<&String> = documented.iter().filter(|option| !words.contains(option.as_str())).collect();
    assert!(missing.is_empty(), "the README does not name {missing:?}");
}
