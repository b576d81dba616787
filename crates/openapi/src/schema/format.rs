//! Formats: those of JSON Schema, and those that OpenAPI adds.

use portcullis_json_schema::FORMATS;
use serde_json::{Map, Value, json};

use crate::node::Node;
use crate::report::Report;

/// RFC 4648 section 4, with padding.
const BASE64: &str = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";

/// Writes what `format` at `node` demands (OpenAPI 3.1 section 4.4, and its registry of formats).
pub(super) fn apply(node: &Node<'_>, schema: &mut Map<String, Value>, report: &Report) {
    let Some(format) = node.get("format") else { return };
    let name = format.value.as_str().unwrap_or_default();
    let number = ["integer", "number"].iter().any(|kind| has_type(schema, kind)) || schema.get("type").is_none();
    let text = has_type(schema, "string") || schema.get("type").is_none();
    match name {
        "int32" if number => bounds(schema, i32::MIN.into(), i32::MAX.into()),
        "int64" if number => bounds(schema, i64::MIN, i64::MAX),
        // Every number is one; `password` hides what is typed, `binary` says that there is no text at all.
        "float" | "double" if number => {}
        "password" | "binary" if text => {}
        "byte" if text && schema.get("pattern").is_none() => drop(schema.insert("pattern".to_owned(), BASE64.into())),
        "byte" if text => report.unenforced(&format.pointer, "`byte` beside a pattern: that it is base64 is not looked at"),
        known if FORMATS.contains(&known) => drop(schema.insert("format".to_owned(), known.into())),
        _ => report.unenforced(&format.pointer, format!("the format `{name}` is not known here")),
    }
}

pub(super) fn has_type(schema: &Map<String, Value>, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(kinds)) => kinds.iter().any(|it| it == kind),
        _ => false,
    }
}

/// The narrower bounds count.
fn bounds(schema: &mut Map<String, Value>, least: i64, most: i64) {
    let number = |name: &str| schema.get(name).and_then(Value::as_f64);
    let above = |name: &str| number(name).is_some_and(|bound| bound >= least as f64);
    let below = |name: &str| number(name).is_some_and(|bound| bound <= most as f64);
    let (lower, upper) = (above("minimum") || above("exclusiveMinimum"), below("maximum") || below("exclusiveMaximum"));
    if !lower {
        schema.insert("minimum".to_owned(), json!(least));
    }
    if !upper {
        schema.insert("maximum".to_owned(), json!(most));
    }
}
