use serde_json::json;

use super::*;

/// A document with this in `paths`.
fn document(version: &str, paths: Value) -> Value {
    json!({ "openapi": version, "info": { "title": "Test", "version": "1" }, "paths": paths })
}

fn imported(document: &Value, options: &Options) -> (Vec<Value>, Vec<String>) {
    let imported = import(&document.to_string(), options);
    let rules = imported.policy.map(|policy| policy.config["rules"].as_array().unwrap().clone()).unwrap_or_default();
    (rules, imported.report.iter().map(ToString::to_string).collect())
}

/// The rules of a 3.1 document.
fn rules(paths: Value) -> Vec<Value> {
    imported(&document("3.1.0", paths), &Options::default()).0
}

/// The rule of the only operation, with these parameters, and what is told of them.
fn with_parameters(parameters: Value) -> (Value, Vec<String>) {
    let paths = json!({ "/a/{id}": { "get": { "parameters": parameters, "responses": {} } } });
    let (rules, told) = imported(&document("3.1.0", paths), &Options::default());
    assert_eq!(rules.len(), 1);
    (rules[0].clone(), told.into_iter().filter(|line| line.contains(": /")).collect())
}

/// The rule of an operation with this body.
fn with_body(version: &str, content: Value) -> (Value, Vec<String>) {
    let paths = json!({ "/a": { "post": { "requestBody": { "required": true, "content": content }, "responses": {} } } });
    let (rules, told) = imported(&document(version, paths), &Options::default());
    (rules[0].clone(), told.into_iter().filter(|line| line.contains(": /")).collect())
}

#[test]
fn what_is_no_openapi_is_refused() {
    for (text, message) in [
        ("a: [", "refused: not valid YAML"),
        ("{", "refused: not valid JSON"),
        ("[]", "refused: expected `openapi"),
        ("swagger: '2.0'", "refused: Swagger 2.0"),
        ("openapi: 3.1.0", "refused: there is no path"),
        ("openapi: 3.1.0\npaths: 1", "refused: there is no path"),
        ("openapi: 3.1.0\njsonSchemaDialect: https://example.com/mine", "refused: `jsonSchemaDialect`"),
    ] {
        let imported = import(text, &Options::default());
        assert!(imported.is_refused(), "{text}");
        assert!(imported.report.iter().any(|remark| remark.to_string().starts_with(message)), "{text}: {:?}", imported.report);
    }
    let options = Options { base_path: Some("v1/".to_owned()), ..Options::default() };
    assert!(import(&document("3.0.0", json!({})).to_string(), &options).is_refused());
}

#[test]
fn a_broken_operation_is_closed_and_the_others_stand() {
    let paths = json!({
        "/a": { "get": { "parameters": [{ "$ref": "common.yaml#/limit" }], "responses": {} }, "post": { "operationId": "make" } },
        "/b": { "$ref": "b.yaml" },
    });
    let (rules, told) = imported(&document("3.1.0", paths), &Options::default());
    assert_eq!(rules[0], json!({ "name": "get-a", "match": { "methods": ["GET"], "paths": ["/a"] }, "condition": "false" }));
    assert_eq!(rules[1], json!({ "name": "make", "match": { "methods": ["POST"], "paths": ["/a"] }, "query": {} }));
    assert_eq!(rules[2], json!({ "name": "closed-b", "match": { "paths": ["/b"] }, "condition": "false" }));
    assert_eq!(
        told.iter().filter(|line| line.starts_with("stricter: /paths/") && line.contains("bundle")).count(),
        2,
        "{told:?}"
    );
}

#[test]
fn a_method_of_a_template_is_none_of_a_concrete_path() {
    let paths = json!({ "/a/{id}": { "get": {}, "delete": {} }, "/a/me": { "get": {}, "put": {} } });
    let rules = rules(paths);
    let names: Vec<&str> = rules.iter().map(|rule| rule["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["get-a-me", "put-a-me", "other-methods-a-me", "get-a-id", "delete-a-id"]);
    assert_eq!(rules[2]["match"], json!({ "methods": ["DELETE"], "paths": ["/a/me"] }));
    assert_eq!(rules[2]["deny_response"], json!({ "status": 405, "headers": { "allow": "GET, PUT" } }));
}

#[test]
fn a_segment_with_more_than_a_capture_is_matched_as_a_capture() {
    let parameter = json!([{ "name": "id", "in": "path", "schema": { "type": "integer" } }]);
    let paths = json!({ "/a/{id}": { "parameters": parameter, "get": {}, "delete": {} }, "/a/{id}:end": { "post": {} }, "/a/v{id}": { "get": {} } });
    let (rules, told) = imported(&document("3.1.0", paths), &Options::default());
    let names: Vec<&str> = rules.iter().map(|rule| rule["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["get-a-v-id", "post-a-id-end", "get-a-id", "delete-a-id"]);
    let told: Vec<&String> = told.iter().filter(|line| line.contains("not told from")).collect();
    assert_eq!(
        told,
        ["stricter: /paths/~1a~1v{id}: its segments are not told from those of `/a/{id}`: requests to that one are refused"]
    );
}

#[test]
fn base_paths_come_from_servers_nearest_first() {
    let mut document = document(
        "3.0.0",
        json!({ "/a": {
        "get": {}, "put": { "servers": [{ "url": "/put" }] }, "servers": [{ "url": "https://example.com/item" }] }, "/b": { "get": {} } }),
    );
    document["servers"] = json!([{ "url": "https://example.com/v1/" }, { "url": "https://example.org/v2" }]);
    let paths = |options: &Options| -> Vec<Value> {
        imported(&document, options).0.iter().map(|rule| rule["match"]["paths"].clone()).collect()
    };
    assert_eq!(paths(&Options::default()), [json!(["/item/a"]), json!(["/put/a"]), json!(["/v1/b", "/v2/b"])]);
    let options = Options { base_path: Some("/x".to_owned()), ..Options::default() };
    assert_eq!(paths(&options), [json!(["/x/a"]), json!(["/x/a"]), json!(["/x/b"])]);
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

#[test]
fn preflights_pass_where_they_are_asked_for() {
    let document = document("3.0.0", json!({ "/a": { "get": {}, "put": {} }, "/b": { "options": {} } }));
    let rules = imported(&document, &Options { preflight: true, ..Options::default() }).0;
    let preflight = rules.last().unwrap();
    assert_eq!(preflight["match"], json!({ "methods": ["OPTIONS"], "paths": ["/a"] }));
    assert_eq!(preflight["headers"]["access-control-request-method"]["enum"], json!(["GET", "PUT"]));
}

#[test]
fn security_is_a_comment_with_what_judges_it() {
    let mut document = document(
        "3.0.0",
        json!({ "/a": { "get": {}, "put": { "security": [] }, "post": { "security": [{ "key": [] }, { "jwt": ["a", "b"] }] } } }),
    );
    document["security"] = json!([{ "jwt": [] }]);
    document["components"] = json!({ "securitySchemes": {
        "jwt": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" }, "key": { "type": "apiKey", "in": "query", "name": "k" } } });
    let policy = import(&document.to_string(), &Options::default()).policy.unwrap();
    for comment in [
        "# security: jwt (bearer JWT): jwt-auth, where the token is a JWT\n",
        "# security: none\n",
        "# security: key (key in query k): Envoy's api_key_auth\n    # security: jwt (bearer JWT, scopes a b): jwt-auth",
    ] {
        assert!(policy.yaml.contains(comment), "{}", policy.yaml);
    }
    assert_eq!(policy.config["rules"][1]["name"], "put-a");
    let post = policy.config["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == "post-a").unwrap();
    assert_eq!(post["query"], json!({ "params": { "k": {} } }));
}

#[test]
fn no_document_brings_it_down() {
    let whole = document(
        "3.1.0",
        json!({ "/a/{b}": { "parameters": [{ "name": "b", "in": "path", "schema": { "type": "string" } }],
        "post": { "requestBody": { "content": { "application/json": { "schema": { "properties": { "a": { "items": { "type": "string" } } } } } } } } } }),
    );
    let text = whole.to_string();
    (0..text.len()).for_each(|cut| drop(import(&text[..cut], &Options::default())));
    let odd = [json!(null), json!(1), json!("x"), json!([]), json!({}), json!([{}]), json!({ "$ref": "#" })];
    let mut pointers = vec![String::new()];
    let mut at = 0;
    while let Some(pointer) = pointers.get(at).cloned() {
        let below = whole.pointer(&pointer).unwrap();
        let keys: Vec<String> = match below {
            Value::Object(map) => map.keys().map(|key| node::escaped(key)).collect(),
            Value::Array(list) => (0..list.len()).map(|index| index.to_string()).collect(),
            _ => Vec::new(),
        };
        pointers.extend(keys.into_iter().map(|key| format!("{pointer}/{key}")));
        at += 1;
    }
    for pointer in pointers.iter().filter(|pointer| !pointer.is_empty()) {
        for odd in &odd {
            let mut changed = whole.clone();
            *changed.pointer_mut(pointer).unwrap() = odd.clone();
            drop(import(&changed.to_string(), &Options::default()));
        }
    }
}
