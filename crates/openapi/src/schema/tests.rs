use serde_json::json;

use super::*;

/// The schema of `Body` in a document of this version, as the plugin gets it, and what is told of it.
fn converted(version: Version, schemas: Value) -> (Result<Value, Unreadable>, Vec<String>) {
    let document = json!({ "components": { "schemas": schemas } });
    let report = Report::default();
    let seen = RefCell::new(BTreeSet::new());
    let converted = {
        let schemas = Schemas { version, report: &report, accept_read_only: false, refused_properties: seen };
        let body = Node::root(&document).target("#/components/schemas/Body").unwrap();
        schemas.closed(&[body])
    };
    (converted, report.into_remarks().iter().map(ToString::to_string).collect())
}

fn schema(version: Version, body: Value) -> Value {
    converted(version, json!({ "Body": body })).0.unwrap()
}

#[test]
fn annotations_are_left_out() {
    let body = json!({ "type": "string", "title": "a", "description": "b", "example": "c", "default": "d", "deprecated": true,
        "externalDocs": {}, "xml": {}, "x-mine": 1, "writeOnly": true });
    let (schema, told) = converted(Version::V30, json!({ "Body": body }));
    assert_eq!((schema.unwrap(), told), (json!({ "type": "string" }), vec![]));
}

#[test]
fn nullable_is_a_type_of_3_0() {
    assert_eq!(schema(Version::V30, json!({ "type": "string", "nullable": true })), json!({ "type": ["string", "null"] }));
    assert_eq!(schema(Version::V30, json!({ "type": "string", "nullable": false })), json!({ "type": "string" }));
    assert_eq!(schema(Version::V30, json!({ "nullable": true, "minLength": 1 })), json!({ "minLength": 1 }));
    let (schema, told) = converted(Version::V31, json!({ "Body": { "type": "string", "nullable": true } }));
    assert_eq!(schema.unwrap(), json!({ "type": "string" }));
    assert!(told[0].starts_with("stricter: /components/schemas/Body/nullable"), "{told:?}");
}

#[test]
fn exclusive_bounds_are_booleans_in_3_0_and_numbers_in_3_1() {
    let v30 = schema(Version::V30, json!({ "minimum": 1, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false }));
    assert_eq!(v30, json!({ "exclusiveMinimum": 1, "maximum": 9 }));
    assert_eq!(schema(Version::V30, json!({ "exclusiveMinimum": true })), json!({}));
    let v31 = json!({ "exclusiveMinimum": 1, "exclusiveMaximum": 9 });
    assert_eq!(schema(Version::V31, v31.clone()), v31);
    for (version, value) in [(Version::V30, json!(1)), (Version::V31, json!(true))] {
        let error = converted(version, json!({ "Body": { "minimum": 1, "exclusiveMinimum": value } })).0.unwrap_err();
        assert_eq!(error.pointer, "/components/schemas/Body/exclusiveMinimum");
    }
}

#[test]
fn what_stands_beside_a_reference_counts_in_3_1_alone() {
    let schemas = json!({ "Body": { "$ref": "#/components/schemas/A", "maxLength": 3 }, "A": { "type": "string" } });
    let (v30, told) = converted(Version::V30, schemas.clone());
    assert_eq!(v30.unwrap(), json!({ "$ref": "#/$defs/A", "$defs": { "A": { "type": "string" } } }));
    assert_eq!(told.len(), 1);
    let (v31, told) = converted(Version::V31, schemas);
    assert_eq!(v31.unwrap(), json!({ "$ref": "#/$defs/A", "maxLength": 3, "$defs": { "A": { "type": "string" } } }));
    assert_eq!(told.len(), 0);
}

#[test]
fn recursion_stays_a_reference() {
    let schemas = json!({ "Body": { "type": "object", "properties": { "next": { "$ref": "#/components/schemas/Body" } } } });
    let body = json!({ "type": "object", "properties": { "next": { "$ref": "#/$defs/Body" } } });
    let mut expected = body.clone();
    expected["$defs"] = json!({ "Body": body });
    assert_eq!(converted(Version::V31, schemas).0.unwrap(), expected);
}

#[test]
fn a_circle_that_looks_at_nothing_is_refused() {
    for circle in [
        json!({ "Body": { "$ref": "#/components/schemas/Body" } }),
        json!({ "Body": { "allOf": [{ "$ref": "#/components/schemas/A" }] }, "A": { "anyOf": [{ "$ref": "#/components/schemas/Body" }] } }),
        json!({ "Body": { "not": { "$ref": "#/components/schemas/Body" } } }),
    ] {
        let error = converted(Version::V31, circle.clone()).0.unwrap_err();
        assert!(error.message.contains("circle"), "{circle}: {error:?}");
    }
}

#[test]
fn two_places_of_one_name_have_two() {
    let schemas = json!({ "Body": { "properties": {
        "a": { "$ref": "#/components/schemas/A/properties/x" }, "b": { "$ref": "#/components/schemas/B/properties/x" } } },
        "A": { "properties": { "x": { "type": "string" } } }, "B": { "properties": { "x": { "type": "integer" } } } });
    let schema = converted(Version::V30, schemas).0.unwrap();
    assert_eq!(schema["$defs"], json!({ "x": { "type": "string" }, "x-2": { "type": "integer" } }));
}

#[test]
fn what_cannot_be_followed_is_refused() {
    for (body, message) in [
        (json!({ "$ref": "other.yaml#/A" }), "bundle"),
        (json!({ "properties": { "a": { "$ref": "https://example.com/a.json" } } }), "bundle"),
        (json!({ "$ref": "#/components/schemas/None" }), "nowhere"),
        (json!({ "$ref": "#here" }), "anchor"),
        (json!({ "$ref": 1 }), "expected a text"),
        (json!({ "$id": "https://example.com/a" }), "references mean"),
        (json!({ "$dynamicRef": "#a" }), "references mean"),
        (json!({ "$schema": "http://json-schema.org/draft-07/schema#" }), "dialect"),
        (json!({ "items": 1 }), "expected a schema"),
        (json!({ "allOf": {} }), "expected a list"),
        (json!({ "properties": [] }), "expected an object"),
        (json!({ "type": "text" }), "is not taken"),
        (json!({ "pattern": 1 }), "is not taken"),
    ] {
        let error = converted(Version::V31, json!({ "Body": body })).0.unwrap_err();
        assert!(error.message.contains(message), "{body}: {error:?}");
    }
    let deep = (0..70).fold(json!({}), |inner, _| json!({ "items": inner }));
    assert!(converted(Version::V31, json!({ "Body": deep })).0.unwrap_err().message.contains("too deep"));
}

#[test]
fn what_3_0_does_not_have_counts_for_nothing_and_is_told() {
    let (schema, told) =
        converted(Version::V30, json!({ "Body": { "type": "string", "const": "a", "if": {}, "patternProperties": {} } }));
    assert_eq!(schema.unwrap(), json!({ "type": "string" }));
    assert_eq!(told.iter().filter(|line| line.starts_with("unenforced: /components/schemas/Body/")).count(), 3, "{told:?}");
    assert_eq!(self::schema(Version::V31, json!({ "const": "a" })), json!({ "const": "a" }));
}

#[test]
fn formats_become_what_the_plugin_knows() {
    for (format, expected, told) in [
        ("int32", json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX }), 0),
        ("int64", json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX }), 0),
        ("double", json!({ "type": "integer" }), 0),
        ("uuid", json!({ "type": "integer", "format": "uuid" }), 0),
        ("country", json!({ "type": "integer" }), 1),
    ] {
        let (schema, remarks) = converted(Version::V31, json!({ "Body": { "type": "integer", "format": format } }));
        assert_eq!((schema.unwrap(), remarks.len()), (expected, told), "{format}");
    }
    let bounded = schema(Version::V30, json!({ "type": "integer", "format": "int32", "minimum": 1, "maximum": 5e9 as i64 }));
    assert_eq!(bounded, json!({ "type": "integer", "minimum": 1, "maximum": i32::MAX }));
    assert!(schema(Version::V30, json!({ "type": "string", "format": "byte" }))["pattern"].is_string());
    assert_eq!(converted(Version::V30, json!({ "Body": { "type": "string", "format": "int64" } })).1.len(), 1);
}

#[test]
fn patterns_of_another_kind_are_left_out_and_told() {
    let (schema, told) = converted(
        Version::V31,
        json!({ "Body": {
        "pattern": "^(?=a)b", "patternProperties": { "(?!x)y": { "type": "string" }, "^z": {} } } }),
    );
    assert_eq!(schema.unwrap(), json!({ "patternProperties": { "^z": {} } }));
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn read_only_properties_are_neither_sent_nor_required() {
    let body = json!({ "type": "object", "required": ["id", "name"], "properties": {
        "id": { "type": "integer", "readOnly": true }, "name": { "type": "string", "writeOnly": true }, "at": { "$ref": "#/components/schemas/At" } } });
    let schema = converted(Version::V30, json!({ "Body": body, "At": { "type": "string", "readOnly": true } })).0.unwrap();
    let properties = json!({ "id": false, "name": { "type": "string" }, "at": false });
    assert_eq!(schema, json!({ "type": "object", "required": ["name"], "properties": properties }));
    let branches = json!({ "allOf": [{ "$ref": "#/components/schemas/A" }, { "required": ["id", "x"] }] });
    let base = json!({ "properties": { "id": { "readOnly": true } } });
    let schema = converted(Version::V31, json!({ "Body": branches, "A": base })).0.unwrap();
    assert_eq!(schema["allOf"][1], json!({ "required": ["x"] }));
}

#[test]
fn a_discriminator_binds_each_branch() {
    let pets = |discriminator: Value| {
        json!({ "Body": { "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }], "discriminator": discriminator },
            "Cat": { "properties": { "kind": { "type": "string" } } }, "Dog": { "properties": { "kind": { "const": "dog" } } } })
    };
    let bound = |discriminator: Value| {
        let (schema, told) = converted(Version::V31, pets(discriminator));
        let schema = schema.unwrap();
        let names = |at: usize| schema["oneOf"][at]["properties"]["kind"]["enum"].clone();
        (names(0), names(1), told.len())
    };
    assert_eq!(bound(json!({ "propertyName": "kind" })), (json!(["Cat"]), Value::Null, 0));
    let mapping = json!({ "propertyName": "kind", "mapping": { "cat": "#/components/schemas/Cat", "dog": "Dog", "far": "https://example.com/x" } });
    assert_eq!(bound(mapping), (json!(["cat", "Cat"]), json!(["dog", "Dog"]), 1));
    let alone = json!({ "Body": { "type": "object", "discriminator": { "propertyName": "kind" } } });
    assert!(converted(Version::V30, alone).1[0].starts_with("unenforced"));
    assert!(converted(Version::V30, pets(json!({}))).0.unwrap_err().message.contains("propertyName"));
}

#[test]
fn long_chains_of_references_have_an_end() {
    let chain = |length: usize| {
        let link = |number: usize| json!({ "properties": { "next": { "$ref": format!("#/components/schemas/S{number}") } } });
        let mut schemas: Map<String, Value> = (1..length).map(|number| (format!("S{number}"), link(number + 1))).collect();
        schemas.insert(format!("S{length}"), json!({ "type": "string" }));
        schemas.insert("Body".to_owned(), link(1));
        converted(Version::V31, schemas.into()).0
    };
    assert!(chain(REFERENCES_MAX).is_ok());
    assert!(chain(REFERENCES_MAX + 1).unwrap_err().message.contains("more than"));
}

#[test]
fn many_branches_are_not_read_again_and_again() {
    let all = |next: &str| json!({ "allOf": vec![json!({ "$ref": format!("#/components/schemas/{next}") }); 20] });
    let mut schemas = json!({ "Body": all("S1"), "S9": { "type": "string", "maxLength": 3 } });
    (1..9).for_each(|number| schemas[format!("S{number}")] = all(&format!("S{}", number + 1)));
    let document = json!({ "components": { "schemas": schemas } });
    let report = Report::default();
    let schemas =
        Schemas { version: Version::V31, report: &report, accept_read_only: false, refused_properties: RefCell::default() };
    let body = Node::root(&document).target("#/components/schemas/Body").unwrap();
    assert!(schemas.flat(&body).unwrap().lost.contains(&"allOf".to_owned()));
}
