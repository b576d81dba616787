//! The JSON Schema of the whole configuration: each part's is its plugin's.

use serde_json::{Map, Value, json};

use crate::config::BundleConfig;
use crate::part::Part;

/// The JSON Schema of the whole configuration.
#[must_use]
pub fn schema() -> Value {
    let mut schema = portcullis_config::schema::<BundleConfig>("Portcullis bundle");
    let mut definitions = Map::new();
    for part in Part::ALL {
        let Some(mut of_part) = part.schema() else { continue };
        definitions.extend(take_definitions(part, &mut of_part));
        without_version(&mut of_part);
        if let (Some(property), Value::Object(of_part)) =
            (schema.pointer_mut(&format!("/properties/{}", part.name())).and_then(Value::as_object_mut), of_part)
        {
            let description = property.remove("description");
            *property = of_part;
            property.extend(description.map(|description| ("description".to_owned(), description)));
        }
    }
    if let Some(own) = schema.as_object_mut().map(|schema| schema.entry("$defs").or_insert_with(|| json!({}))) {
        own.as_object_mut().into_iter().for_each(|own| own.append(&mut definitions));
    }
    schema
}

/// A part has neither a version nor a dialect of its own.
fn without_version(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    ["$schema", "title"].into_iter().for_each(|key| drop(schema.remove(key)));
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.remove("version");
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| name != "version");
    }
}

/// Moves the definitions out of `schema`, under names that two parts cannot share.
fn take_definitions(part: Part, schema: &mut Value) -> Map<String, Value> {
    let definitions = schema.as_object_mut().and_then(|schema| schema.remove("$defs"));
    rename_references(part, schema);
    let Some(Value::Object(definitions)) = definitions else { return Map::new() };
    let renamed = definitions.into_iter().map(|(name, mut definition)| {
        rename_references(part, &mut definition);
        (format!("{}.{name}", part.name()), definition)
    });
    renamed.collect()
}

fn rename_references(part: Part, schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                match (key.as_str(), value.as_str().and_then(|to| to.strip_prefix("#/$defs/"))) {
                    ("$ref", Some(name)) => *value = format!("#/$defs/{}.{name}", part.name()).into(),
                    _ => rename_references(part, value),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| rename_references(part, element)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(schema: &Value, found: &mut Vec<String>) {
        match schema {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(elements) => elements.iter().for_each(|element| references(element, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_to_a_definition_and_every_part_is_its_plugins() {
        let schema = schema();
        let mut found = Vec::new();
        references(&schema, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            assert!(schema.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
        for part in Part::ALL {
            let properties = schema.pointer(&format!("/properties/{}/properties", part.name())).and_then(Value::as_object);
            let properties = properties.unwrap_or_else(|| panic!("{part:?} has properties"));
            assert!(properties.contains_key("mode") && !properties.contains_key("version"), "{part:?}");
        }
    }
}
