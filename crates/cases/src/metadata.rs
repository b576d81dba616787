//! Envoy's dynamic metadata (`envoy.config.core.v3.Metadata`), as a proxy hands them to a plugin.

use serde_json::{Map, Value};

/// The metadata that `text`, a YAML object of namespaces, stands for.
pub(crate) fn encoded(text: &str) -> Result<Vec<u8>, String> {
    let namespaces: Value = serde_yaml_ng::from_str(text).map_err(|error| error.to_string())?;
    namespaces.as_object().map(encode).ok_or_else(|| "expected an object of namespaces".to_owned())
}

/// These namespaces, each with its fields.
pub(crate) fn encode(namespaces: &Map<String, Value>) -> Vec<u8> {
    namespaces.iter().flat_map(|(name, fields)| pair(name, &members(fields))).collect()
}

/// A `google.protobuf.Struct`.
fn members(value: &Value) -> Vec<u8> {
    value.as_object().into_iter().flatten().flat_map(|(name, member)| pair(name, &kind(member))).collect()
}

/// A `google.protobuf.Value`.
fn kind(value: &Value) -> Vec<u8> {
    match value {
        Value::Null => vec![1 << 3, 0],
        Value::Number(number) => [&[2 << 3 | 1][..], &number.as_f64().unwrap_or_default().to_le_bytes()].concat(),
        Value::String(text) => message(3, text.as_bytes()),
        Value::Bool(truth) => vec![4 << 3, u8::from(*truth)],
        Value::Object(_) => message(5, &members(value)),
        Value::Array(elements) => message(6, &elements.iter().flat_map(|element| message(1, &kind(element))).collect::<Vec<_>>()),
    }
}

fn pair(key: &str, value: &[u8]) -> Vec<u8> {
    message(1, &[message(1, key.as_bytes()), message(2, value)].concat())
}

/// A field of bytes, with its length as a varint.
fn message(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut encoded = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length > 0x7f {
        encoded.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    encoded.push(length as u8);
    encoded.extend_from_slice(bytes);
    encoded
}
