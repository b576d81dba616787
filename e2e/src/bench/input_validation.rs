//! What judging a request costs: JSON of 2 and of 64 KiB, over Envoy's own `buffer`, and a search.

use serde_json::{Value, json};

use super::Variant;
use super::sections::Subjects;
use super::{Ground, Group};
use crate::Request;
use crate::bootstrap::type_url;

pub(super) const ABOUT: &str = "Bodies are orders in JSON; the baseline of their rows is Envoy's own `buffer`, which holds a body and does not look. *Signatures* \
    are all six, in every value of the request; the `GET` has eight parameters and five headers. In MB/s: what a worker that does nothing else judges.";

/// How long the bodies are, in KiB.
pub(super) const SIZES: [usize; 2] = [2, 64];

/// Bodies, over a filter that holds them, and requests without one.
pub(super) fn groups(subjects: &Subjects) -> Vec<Group> {
    let bodies = SIZES.into_iter().flat_map(|size| bodies(subjects, size)).collect();
    let ground = Ground { filters: vec![buffer()], ..Ground::default() };
    vec![Group { ground, variants: bodies }, Group { variants: heads(subjects), ..Group::default() }]
}

/// Envoy's own filter, which holds a body.
fn buffer() -> Value {
    json!({ "name": "buffer", "typed_config": {
        "@type": type_url("filters.http.buffer.v3.Buffer"), "max_request_bytes": 1 << 20,
    } })
}

fn bodies(subjects: &Subjects, size: usize) -> Vec<Variant> {
    let rules = [
        ("size only", json!({ "raw": {} }), json!({})),
        ("structure", json!({ "json": {} }), json!({})),
        ("structure and schema", json!({ "json": { "schema": schema() } }), json!({})),
        ("structure and signatures", json!({ "json": {} }), signatures()),
    ];
    let request = Request::new("POST", "/").header("content-type", "application/json").body(document(size << 10)).to_bytes();
    let variant = |(what, mut body, signatures): (&str, Value, Value)| {
        if let Some(body) = body.as_object_mut() {
            body.insert("max_bytes".to_owned(), json!("1MiB"));
        }
        let rule = json!({ "name": "all", "content_types": ["application/json"], "body": body, "signatures": signatures });
        let name = format!("input-validation, {what}, {size} KiB");
        let filter = subjects.judge(&name, "input_validation", &json!({ "version": 1, "rules": [rule] }));
        Variant { bytes: size << 10, ..Variant::new(name, vec![filter], vec![request.clone()]) }
    };
    rules.into_iter().map(variant).collect()
}

/// A search with eight parameters, by itself, with types for them, and with signatures.
fn heads(subjects: &Subjects) -> Vec<Variant> {
    let typed = json!({
        "q": { "type": "string", "max_length": 200 }, "category": { "type": "string", "enum": ["books", "games"] },
        "from": { "type": "string", "format": "date" }, "min": { "type": "number", "minimum": 0 }, "max": { "type": "number" },
        "page": { "type": "integer", "minimum": 1 }, "size": { "type": "integer", "maximum": 100 }, "sort": { "type": "string" },
    });
    let rules = [
        ("head only", json!({})),
        ("8 parameters with types", json!({ "query": { "params": typed } })),
        ("8 parameters, signatures", json!({ "signatures": signatures() })),
    ];
    let target = "/search?q=blue+suede+shoes&category=books&from=2026-01-31&min=9.5&max=99&page=2&size=50&sort=-price";
    let request = Request::get(target).header("accept", "text/html").header("user-agent", "Mozilla/5.0 (X11; Linux x86_64)");
    let request = request.header("cookie", "session=0123456789abcdef; theme=dark").header("accept-language", "en").to_bytes();
    let variant = |(what, mut rule): (&str, Value)| {
        if let Some(rule) = rule.as_object_mut() {
            rule.insert("name".to_owned(), json!("all"));
        }
        let name = format!("input-validation, GET, {what}");
        Variant::new(
            &name,
            vec![subjects.judge(&name, "input_validation", &json!({ "version": 1, "rules": [rule] }))],
            vec![request.clone()],
        )
    };
    let empty =
        Variant::new("empty plugin, GET", vec![subjects.plugin("empty plugin, GET", "noop", &json!({}))], vec![request.clone()]);
    [empty].into_iter().chain(rules.into_iter().map(variant)).collect()
}

fn signatures() -> Value {
    json!({ "sqli": "block", "xss": "block", "path_traversal": "block", "command": "block", "template": "block", "crlf": "block" })
}

/// Orders, as many as fit, and blanks.
pub(super) fn document(size: usize) -> String {
    let order = |number: usize| {
        let (day, price) = (number % 28 + 1, number % 90 + 10);
        format!(
            "{{\"id\":{number},\"customer\":\"customer-{number}@shop.example\",\"day\":\"2026-01-{day:02}\",\"total\":{price}.5,\"paid\":true}}"
        )
    };
    let mut text = order(0);
    for number in 1.. {
        let next = order(number);
        if text.len() + next.len() + 3 > size {
            break;
        }
        text = format!("{text},{next}");
    }
    format!("[{text}{}]", " ".repeat(size.saturating_sub(text.len() + 2)))
}

fn schema() -> Value {
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["id", "customer", "day", "total"],
            "additionalProperties": false,
            "properties": {
                "id": { "type": "integer", "minimum": 0 },
                "customer": { "type": "string", "pattern": "^[a-z0-9.-]+@[a-z.]+$", "maxLength": 64 },
                "day": { "type": "string", "format": "date" },
                "total": { "type": "number", "minimum": 0 },
                "paid": { "type": "boolean" },
            },
        },
    })
}
