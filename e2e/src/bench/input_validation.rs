//! What judging a body costs: JSON of 2 and of 64 KiB, over Envoy's own `buffer`, which holds it and does not look.

use std::path::Path;

use serde_json::{Value, json};

use super::{Report, Variant};
use crate::Request;
use crate::bootstrap::type_url;
use crate::filters::{WasmFilter, wasm_filter};

/// How long the bodies are, in KiB.
const SIZES: [usize; 2] = [2, 64];

/// The variants of `input-validation`, with the module at `module` where it is built.
#[must_use]
pub fn input_validation_variants(module: Option<&Path>) -> Vec<Variant> {
    SIZES.into_iter().flat_map(|size| of_size(size, module)).collect()
}

/// How many bytes of a body go through each second of added worker time, in MB, by the variant's name.
#[must_use]
pub fn throughput(report: &Report) -> Vec<(String, f64)> {
    let size = |name: &str| SIZES.into_iter().find(|size| name.ends_with(&format!(" {size} KiB")));
    let row = |row: &super::Row| Some((row.name.clone(), (size(&row.name)? << 10) as f64 / row.added.median));
    report.rows.iter().filter_map(row).collect()
}

/// Envoy's own filter, which holds a body.
#[must_use]
pub fn buffer() -> Value {
    json!({ "name": "buffer", "typed_config": {
        "@type": type_url("filters.http.buffer.v3.Buffer"), "max_request_bytes": 1 << 20,
    } })
}

fn of_size(size: usize, module: Option<&Path>) -> Vec<Variant> {
    let rules = [
        ("size only", json!({ "raw": {} })),
        ("structure", json!({ "json": {} })),
        ("structure and schema", json!({ "json": { "schema": schema() } })),
    ];
    let own = rules.into_iter().filter_map(|(what, body)| {
        let name = format!("input-validation, {what}, {size} KiB");
        Some(variant(&name, plugin(&name, module?, body), size))
    });
    own.collect()
}

fn variant(name: &str, filter: Value, size: usize) -> Variant {
    let request = Request::new("POST", "/").header("content-type", "application/json").body(document(size << 10));
    Variant {
        name: name.to_owned(),
        filters: vec![filter],
        requests: vec![request.to_bytes()],
        expect_status: 200,
        copies: 1,
        peer: None,
    }
}

fn plugin(name: &str, module: &Path, mut body: Value) -> Value {
    if let Some(body) = body.as_object_mut() {
        body.insert("max_bytes".to_owned(), json!("1MiB"));
    }
    let rules = json!([{ "name": "all", "content_types": ["application/json"], "body": body }]);
    let configuration = json!({ "version": 1, "rules": rules });
    let filter = WasmFilter { allow_on_headers_stop_iteration: Some(true), ..WasmFilter::new(name, module, &configuration) };
    wasm_filter(&filter)
}

/// Orders, as many as fit, and blanks.
fn document(size: usize) -> String {
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
