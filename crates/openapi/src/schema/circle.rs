//! Schemas that refer to each other without a step into the value: no value would ever be judged.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Whether some schema leads back to itself in place.
pub(super) fn is_in_a_circle(schema: &Value, defs: &Map<String, Value>) -> bool {
    let mut done = BTreeSet::new();
    let starts = std::iter::once(schema).chain(defs.values());
    starts.into_iter().any(|start| in_place(start).iter().any(|name| returns(name, defs, &mut Vec::new(), &mut done)))
}

fn returns<'v>(name: &'v str, defs: &'v Map<String, Value>, way: &mut Vec<&'v str>, done: &mut BTreeSet<&'v str>) -> bool {
    if way.contains(&name) {
        return true;
    }
    if done.contains(name) {
        return false;
    }
    way.push(name);
    let returns = defs.get(name).is_some_and(|schema| in_place(schema).iter().any(|next| returns(next, defs, way, done)));
    way.pop();
    done.insert(name);
    returns
}

/// The names in `$defs` that are about the same value as `schema`.
fn in_place(schema: &Value) -> Vec<&str> {
    let Some(schema) = schema.as_object() else { return Vec::new() };
    let own = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix("#/$defs/"));
    let inner = schema.iter().flat_map(|(keyword, value)| match (keyword.as_str(), value) {
        ("allOf" | "anyOf" | "oneOf", Value::Array(branches)) => branches.iter().flat_map(in_place).collect(),
        ("not" | "if" | "then" | "else", inner) => in_place(inner),
        ("dependentSchemas", Value::Object(schemas)) => schemas.values().flat_map(in_place).collect(),
        _ => Vec::new(),
    });
    own.into_iter().chain(inner).collect()
}
