//! JSON Schemas of configurations, for editors.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::common_block::CommonBlock;

/// The schema (draft 2020-12) of a whole configuration: `T`, which is an object, and the common block.
#[must_use]
pub fn schema<T: JsonSchema>(title: &str) -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = T::json_schema(&mut generator).to_value();
    let common = CommonBlock::json_schema(&mut generator).to_value();
    extend_object(&mut schema, "properties", common.get("properties"));
    extend_required(&mut schema, common.get("required"));
    extend_object(&mut schema, "$defs", Some(&Value::Object(generator.take_definitions(true))));
    set(&mut schema, "$schema", json!("https://json-schema.org/draft/2020-12/schema"));
    set(&mut schema, "title", json!(title));
    schema
}

fn set(schema: &mut Value, key: &str, value: Value) {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert(key.to_owned(), value);
    }
}

fn extend_object(schema: &mut Value, key: &str, more: Option<&Value>) {
    let mut entries: Map<String, Value> = schema.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
    entries.extend(more.and_then(Value::as_object).cloned().unwrap_or_default());
    set(schema, key, Value::Object(entries));
}

fn extend_required(schema: &mut Value, more: Option<&Value>) {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let required = [list(more), list(schema.get("required"))].concat();
    set(schema, "required", Value::Array(required));
}

#[cfg(test)]
mod tests;
