mod bodies;
mod parameters;

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
    (0..text.len()).for_each(|cut| drop(import(text.get(..cut).unwrap(), &Options::default())));
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
