use serde_json::{Value, json};

use super::{document, imported, rules};
use crate::Options;

/// The rule of the only operation, with these parameters, and what is told of them.
fn with_parameters(parameters: Value) -> (Value, Vec<String>) {
    let paths = json!({ "/a/{id}": { "get": { "parameters": parameters, "responses": {} } } });
    let (rules, told) = imported(&document("3.1.0", paths), &Options::default());
    assert_eq!(rules.len(), 1);
    (rules[0].clone(), told.into_iter().filter(|line| line.contains(": /")).collect())
}

#[test]
fn parameters_of_an_operation_override_those_of_its_path() {
    let parameter = |kind: &str| json!({ "name": "n", "in": "query", "schema": { "type": kind } });
    let paths = json!({ "/a": { "parameters": [parameter("string"), { "name": "m", "in": "query" }], "get": { "parameters": [parameter("integer")] } } });
    assert_eq!(rules(paths)[0]["query"], json!({ "params": { "n": { "type": "integer" }, "m": {} } }));
}

#[test]
fn styles_are_mapped_or_named() {
    let list = json!({ "type": "array", "items": { "type": "integer" } });
    let object = json!({ "type": "object", "required": ["a"], "additionalProperties": false, "properties": { "a": { "type": "boolean" } } });
    let of = |place: &str, style: &str, explode: bool, schema: &Value| {
        let (rule, told) = with_parameters(
            json!([{ "name": "p", "in": place, "style": style, "explode": explode, "schema": schema, "required": true }]),
        );
        let mut rule = rule;
        let parameters = match place {
            "header" => rule["headers"].take(),
            place => rule[if place == "cookie" { "cookies" } else { place }]["params"].take(),
        };
        (parameters, told.len())
    };
    let many = |separator: Option<&str>| {
        let mut parameter = json!({ "type": "array", "items": "integer", "required": true });
        separator.into_iter().for_each(|it| parameter["separator"] = it.into());
        json!({ "p": parameter })
    };
    let any = json!({ "p": { "required": true } });
    assert_eq!(of("query", "form", true, &list), (many(None), 0));
    assert_eq!(of("query", "form", false, &list), (many(Some("comma")), 0));
    assert_eq!(of("query", "pipeDelimited", true, &list), (many(None), 0));
    assert_eq!(of("query", "pipeDelimited", false, &list), (any.clone(), 1));
    assert_eq!(of("query", "spaceDelimited", false, &list), (any.clone(), 1));
    assert_eq!(of("query", "form", true, &object), (json!({ "a": { "type": "boolean", "required": true } }), 0));
    assert_eq!(of("query", "form", false, &object), (any.clone(), 1));
    assert_eq!(of("query", "deepObject", true, &object), (json!({ "p[a]": { "type": "boolean", "required": true } }), 0));
    assert_eq!(of("header", "simple", false, &list), (many(Some("comma")), 0));
    assert_eq!(of("header", "simple", false, &object), (any.clone(), 1));
    assert_eq!(of("cookie", "form", false, &list), (many(Some("comma")), 0));
    assert_eq!(of("cookie", "form", true, &list), (any, 1));
}

#[test]
fn parameters_of_a_path_follow_its_template() {
    let of = |style: &str, schema: Value| {
        let (mut rule, told) =
            with_parameters(json!([{ "name": "id", "in": "path", "required": true, "style": style, "schema": schema }]));
        (rule["params"]["id"].take(), told.len())
    };
    assert_eq!(of("simple", json!({ "type": "integer" })), (json!({ "type": "integer" }), 0));
    assert_eq!(of("label", json!({ "type": "integer" })), (json!({ "pattern": "^\\." }), 1));
    assert_eq!(of("matrix", json!({ "type": "integer" })), (json!({}), 1));
    let (rule, told) = with_parameters(json!([{ "name": "other", "in": "path", "required": true, "schema": {} }]));
    assert_eq!((rule.get("params"), told.len()), (None, 1));
    let paths =
        json!({ "/v{major}": { "get": { "parameters": [{ "name": "major", "in": "path", "schema": { "type": "integer" } }] } } });
    assert_eq!(rules(paths)[0]["params"], json!({ "major": { "pattern": "^v.+$" } }));
}

#[test]
fn values_keep_what_a_parameter_can_say() {
    for (schema, parameter, told) in [
        (
            json!({ "type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10 }),
            json!({ "type": "integer", "minimum": 1, "maximum": 9 }),
            0,
        ),
        (json!({ "type": "integer", "minimum": 0.5, "format": "int64" }), json!({ "type": "integer", "minimum": 1 }), 0),
        (json!({ "type": "number", "exclusiveMinimum": 1 }), json!({ "type": "number", "minimum": 1.0_f64.next_up() }), 0),
        (json!({ "type": ["string", "null"], "const": "a" }), json!({ "enum": ["a"] }), 0),
        (json!({ "enum": [1, 2, null] }), json!({ "type": "integer", "enum": [1, 2] }), 0),
        (json!({ "oneOf": [{ "const": "a", "title": "A" }, { "const": "b" }] }), json!({ "enum": ["a", "b"] }), 0),
        (
            json!({ "allOf": [{ "type": "string", "minLength": 2 }, { "minLength": 3, "maxLength": 9 }] }),
            json!({ "min_length": 3, "max_length": 9 }),
            0,
        ),
        (json!({ "type": "string", "minLength": 2000 }), json!({ "min_length": 2000, "max_length": 2000 }), 0),
        (json!({ "type": "integer", "multipleOf": 5 }), json!({ "type": "integer" }), 1),
        (json!({ "type": ["string", "integer"], "maxLength": 5 }), json!({}), 1),
        (json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }), json!({}), 1),
        (json!({}), json!({}), 0),
    ] {
        let (rule, remarks) = with_parameters(json!([{ "name": "p", "in": "query", "schema": schema }]));
        assert_eq!((&rule["query"]["params"]["p"], remarks.len()), (&parameter, told), "{schema}: {remarks:?}");
    }
    let (rule, told) =
        with_parameters(json!([{ "name": "p", "in": "query", "schema": { "type": "integer", "minimum": 5, "maximum": 1 } }]));
    assert_eq!(rule["condition"], "false", "{told:?}");
}

#[test]
fn some_headers_are_not_for_parameters() {
    let header = |name: &str| json!({ "name": name, "in": "header", "required": true });
    let (rule, told) = with_parameters(json!([header("Accept"), header("CONTENT-TYPE"), header("Authorization"), header("X-A")]));
    assert_eq!((rule["headers"].clone(), told.len()), (json!({ "x-a": { "required": true } }), 3));
    assert_eq!(with_parameters(json!([header("a b")])).0["condition"], "false");
}

#[test]
fn a_parameter_that_is_none_closes_its_operation() {
    for parameter in [json!({}), json!({ "name": "a" }), json!({ "name": "a", "in": "body" }), json!("a")] {
        let (rule, told) = with_parameters(json!([parameter]));
        assert_eq!((rule["condition"].clone(), told.len()), (json!("false"), 1), "{parameter}");
    }
    let twice = json!({ "name": "a", "in": "query" });
    assert_eq!(with_parameters(json!([twice, twice])).0["condition"], "false");
}
