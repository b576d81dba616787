use serde_json::{Value, json};

use super::{document, imported, rules};
use crate::Options;

/// The rule of an operation with this body.
fn with_body(version: &str, content: Value) -> (Value, Vec<String>) {
    let paths = json!({ "/a": { "post": { "requestBody": { "required": true, "content": content }, "responses": {} } } });
    let (rules, told) = imported(&document(version, paths), &Options::default());
    (rules[0].clone(), told.into_iter().filter(|line| line.contains(": /")).collect())
}

#[test]
fn media_types_choose_the_form() {
    let (rule, told) = with_body(
        "3.1.0",
        json!({
        "application/json; charset=utf-8": { "schema": { "type": "object" } }, "text/csv": {}, "image/*": { "schema": { "maxLength": 100 } } }),
    );
    assert_eq!(rule["content_types"], json!(["application/json", "image/*", "text/csv"]));
    assert_eq!(rule["body"], json!({ "json": { "schema": { "type": "object" } }, "text": {}, "raw": {} }));
    assert_eq!(told.len(), 2, "{told:?}");
    let (rule, told) = with_body("3.0.0", json!({ "application/xml": { "schema": { "type": "object", "properties": {} } } }));
    assert_eq!(rule["body"], json!({ "raw": {} }));
    assert!(told.iter().any(|line| line.starts_with("unenforced")), "{told:?}");
    for content in [json!({}), json!({ "json": {} }), json!({ "a/b/c": {} })] {
        assert_eq!(with_body("3.0.0", content).0["condition"], "false");
    }
}

#[test]
fn several_schemas_for_json_are_one() {
    let (a, b) = (json!({ "schema": { "type": "string" } }), json!({ "schema": { "type": "integer" } }));
    let (rule, told) = with_body("3.1.0", json!({ "application/json": a, "application/a+json": a }));
    assert_eq!((rule["body"]["json"]["schema"].clone(), told.len()), (json!({ "type": "string" }), 0));
    let (rule, told) = with_body("3.1.0", json!({ "application/json": a, "application/a+json": b }));
    assert_eq!(rule["body"]["json"]["schema"], json!({ "anyOf": [{ "type": "integer" }, { "type": "string" }] }));
    assert_eq!(told.len(), 1);
    let (rule, told) = with_body("3.1.0", json!({ "application/json": a, "application/a+json": {} }));
    assert_eq!((rule["body"]["json"].clone(), told.len()), (json!({}), 1));
}

#[test]
fn a_body_may_be_left_out_unless_it_is_required() {
    let body = json!({ "content": { "text/plain": { "schema": { "type": "string", "maxLength": 10 } } } });
    let rules = rules(json!({ "/a": { "post": { "requestBody": body } } }));
    assert_eq!(rules[0]["body"], json!({ "required": false, "max_bytes": "40B", "text": {} }));
}

#[test]
fn forms_are_open_unless_they_are_closed() {
    let schema = |more: Value| json!({ "application/x-www-form-urlencoded": { "schema": more } });
    let (rule, _) = with_body(
        "3.0.0",
        schema(json!({ "properties": { "a": { "type": "integer" }, "b": { "readOnly": true } }, "required": ["a", "b"] })),
    );
    let fields = json!({ "a": { "type": "integer", "required": true }, "b": { "type": "array", "max_items": 0 } });
    assert_eq!(rule["body"]["form"], json!({ "additional": "pass", "fields": fields }));
    let (rule, told) = with_body("3.0.0", schema(json!({ "type": "object", "additionalProperties": false, "minProperties": 1 })));
    assert_eq!((rule["body"]["form"].clone(), told.len()), (json!({ "fields": {} }), 1));
}

#[test]
fn files_are_told_by_their_schema() {
    let file = |schema: Value| {
        let content = json!({ "multipart/form-data": { "schema": { "type": "object", "additionalProperties": false, "properties": { "f": schema } } } });
        with_body("3.1.0", content).0["body"]["multipart"]["parts"]["f"].clone()
    };
    assert_eq!(file(json!({ "type": "string", "format": "binary" })), json!({ "file": true }));
    assert_eq!(file(json!({ "contentMediaType": "image/png", "maxLength": 10 })), json!({ "file": true, "max_bytes": "10B" }));
    assert_eq!(file(json!({})), json!({ "file": true }));
    assert_eq!(
        file(json!({ "type": "array", "maxItems": 2, "items": { "format": "binary" } })),
        json!({ "file": true, "max_count": 2 })
    );
    assert_eq!(file(json!({ "type": "string" })), json!({ "value": {} }));
    assert_eq!(
        file(json!({ "type": "string", "contentMediaType": "image/png", "contentEncoding": "base64" })),
        json!({ "value": {} })
    );
    assert_eq!(file(json!({ "type": "object" })), json!({}));
}
