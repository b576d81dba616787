//! Forms as `application/x-www-form-urlencoded` (OpenAPI 3.1 section 4.8.14.4).

use serde_json::{Map, Value};

use crate::context::Context;
use crate::node::{Node, Unreadable, escaped};
use crate::parameter::{checked, never, separated, with_required};
use crate::schema::Flat;
use crate::value::{self, Shape};

/// What the form at `media` may be.
pub(crate) fn form(media: &Node<'_>, context: &Context<'_>) -> Result<Map<String, Value>, Unreadable> {
    let mut form = Map::new();
    let Some(schema) = media.get("schema") else {
        form.insert("additional".to_owned(), "pass".into());
        return Ok(form);
    };
    let object = object(&schema, context)?;
    let mut fields = Map::new();
    for (name, property, required) in members(&object) {
        let pointer = format!("{}/properties/{}", schema.pointer, escaped(name));
        let value = match value::shape(&object.below(property), &pointer, context.report) {
            _ if *property == Value::Bool(false) => never(),
            Shape::Value(value) => value,
            Shape::Array(array) => array_field(array, media, name, context),
            Shape::Object(_) => {
                context.report.unenforced(&pointer, "an object in a form is not read: it is any text");
                Map::new()
            }
        };
        fields.insert(name.to_owned(), checked(with_required(value, required), &schema)?);
    }
    close(&mut form, &object);
    form.insert("fields".to_owned(), fields.into());
    Ok(form)
}

fn array_field(array: Map<String, Value>, media: &Node<'_>, name: &str, context: &Context<'_>) -> Map<String, Value> {
    let Some(encoding) = media.get("encoding").and_then(|encoding| encoding.get(name)) else {
        return separated(array, "repeated");
    };
    let style = encoding.text("style").unwrap_or("form");
    let explode = encoding.value.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
    match (style, explode, encoding.text("contentType")) {
        ("form", false, None) => separated(array, "comma"),
        (_, true, None) => separated(array, "repeated"),
        _ => {
            context.report.unenforced(&encoding.pointer, "this encoding of a list is not read: it is any text");
            Map::new()
        }
    }
}

/// The schema of a form: that of an object. What else it says is told.
pub(crate) fn object(schema: &Node<'_>, context: &Context<'_>) -> Result<Flat, Unreadable> {
    let object = context.schemas.flat(schema)?;
    let known = ["type", "properties", "required", "additionalProperties"];
    let more = object.keywords.keys().map(String::as_str).filter(|keyword| !known.contains(keyword));
    let more: Vec<String> = more.chain(object.lost.iter().map(String::as_str)).map(|keyword| format!("`{keyword}`")).collect();
    if !more.is_empty() {
        context.report.unenforced(&schema.pointer, format!("a form is held to its fields, each by itself: {}", more.join(", ")));
    }
    if object.keywords.get("additionalProperties").is_some_and(Value::is_object) {
        context.report.unenforced(&schema.pointer, "a field that is not named may be any text");
    }
    Ok(object)
}

/// The properties, each with whether it must be there.
pub(crate) fn members(object: &Flat) -> impl Iterator<Item = (&str, &Value, bool)> {
    let required = object.keywords.get("required").and_then(Value::as_array);
    let is_required = move |name: &str| required.is_some_and(|names| names.iter().any(|other| other == name));
    let properties = object.keywords.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties.map(move |(name, schema)| (name.as_str(), schema, is_required(name)))
}

/// Other fields pass unless the schema says `additionalProperties: false`.
pub(crate) fn close(form: &mut Map<String, Value>, object: &Flat) {
    if object.keywords.get("additionalProperties") != Some(&Value::Bool(false)) {
        form.insert("additional".to_owned(), "pass".into());
    }
}
