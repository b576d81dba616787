//! Just enough protobuf to read Envoy's dynamic metadata: `envoy.config.core.v3.Metadata`, and `google.protobuf.Struct` in it.

use portcullis_protobuf::{Fields, Malformed, Wire};
use serde_json::{Map, Number, Value};

/// How deep lists and objects may nest.
const DEPTH_MAX: usize = 64;

/// The value of `key` in the `namespace` of a serialized `Metadata`; malformed, too, where keys repeat or nest too deep.
pub(crate) fn metadata(bytes: &[u8], namespace: &str, key: &str) -> Result<Option<Value>, Malformed> {
    // Metadata: map<string, Struct> filter_metadata = 1. Struct: map<string, Value> fields = 1.
    let Some(fields) = entry(bytes, namespace)? else { return Ok(None) };
    entry(fields, key)?.map(|bytes| value(bytes, DEPTH_MAX)).transpose()
}

/// What `key` leads to in the map that is field 1 of a message.
fn entry<'b>(message: &'b [u8], key: &str) -> Result<Option<&'b [u8]>, Malformed> {
    let mut found = None;
    for field in Fields::of(message) {
        let (1, Wire::Bytes(pair)) = field? else { continue };
        let (name, value) = pair_of(pair)?;
        if name == key && found.replace(value).is_some() {
            return Err(Malformed);
        }
    }
    Ok(found)
}

/// An entry of a map: `string key = 1`, a message `value = 2`.
fn pair_of(bytes: &[u8]) -> Result<(&str, &[u8]), Malformed> {
    let (mut key, mut value) = (None, None);
    for field in Fields::of(bytes) {
        let earlier = match field? {
            (1, Wire::Bytes(bytes)) => key.replace(bytes),
            (2, Wire::Bytes(bytes)) => value.replace(bytes),
            _ => return Err(Malformed),
        };
        if earlier.is_some() {
            return Err(Malformed);
        }
    }
    let key = str::from_utf8(key.unwrap_or_default()).map_err(|_| Malformed)?;
    Ok((key, value.unwrap_or_default()))
}

/// A `google.protobuf.Value`: exactly one kind. INVARIANT: recursion ends with `depth`.
fn value(bytes: &[u8], depth: usize) -> Result<Value, Malformed> {
    let deeper = depth.checked_sub(1).ok_or(Malformed)?;
    let mut fields = Fields::of(bytes);
    let kind = fields.next().ok_or(Malformed)??;
    if fields.next().is_some() {
        return Err(Malformed);
    }
    match kind {
        (1, Wire::Varint(0)) => Ok(Value::Null),
        (2, Wire::Fixed64(bytes)) => Number::from_f64(f64::from_le_bytes(bytes)).map(Value::Number).ok_or(Malformed),
        (3, Wire::Bytes(bytes)) => text(bytes).map(Value::String),
        (4, Wire::Varint(truth @ (0 | 1))) => Ok(Value::Bool(truth == 1)),
        (5, Wire::Bytes(bytes)) => object(bytes, deeper),
        (6, Wire::Bytes(bytes)) => list(bytes, deeper),
        _ => Err(Malformed),
    }
}

fn object(bytes: &[u8], depth: usize) -> Result<Value, Malformed> {
    let mut members = Map::new();
    for field in Fields::of(bytes) {
        let (1, Wire::Bytes(pair)) = field? else { return Err(Malformed) };
        let (name, member) = pair_of(pair)?;
        if members.insert(name.to_owned(), value(member, depth)?).is_some() {
            return Err(Malformed);
        }
    }
    Ok(Value::Object(members))
}

fn list(bytes: &[u8], depth: usize) -> Result<Value, Malformed> {
    let element = |field: Result<(u64, Wire<'_>), Malformed>| match field? {
        (1, Wire::Bytes(bytes)) => value(bytes, depth),
        _ => Err(Malformed),
    };
    Fields::of(bytes).map(element).collect::<Result<_, _>>().map(Value::Array)
}

fn text(bytes: &[u8]) -> Result<String, Malformed> {
    str::from_utf8(bytes).map(str::to_owned).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests;
