//! Values as JSON that says their types: `{"type": "int", "value": "3"}`. The form of the conformance suites' rows, in which 64-bit
//! integers, bytes and doubles come through exactly.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::{Type, Value};

/// The value that `typed` spells; `None` where it spells none.
#[must_use]
pub fn from_json(typed: &Json) -> Option<Value<'static>> {
    let value = typed.get("value");
    let text = || value.and_then(Json::as_str);
    Some(match typed.get("type")?.as_str()? {
        "null" => Value::Null,
        "bool" => Value::Bool(value?.as_bool()?),
        "int" => Value::Int(text()?.parse().ok()?),
        "uint" => Value::Uint(text()?.parse().ok()?),
        "double" => Value::Double(double(text()?)?),
        "string" => Value::String(Cow::Owned(text()?.to_owned())),
        "bytes" => Value::Bytes(Cow::Owned(STANDARD.decode(typed.get("base64")?.as_str()?).ok()?)),
        "type" => Value::Type(Cow::Owned(text()?.to_owned())),
        "timestamp" => Value::Timestamp(text()?.parse().ok()?),
        "duration" => Value::Duration(text()?.parse().ok()?),
        "ip" => Value::Ip(text()?.parse().ok()?),
        "list" => Value::List(value?.as_array()?.iter().map(from_json).collect::<Option<_>>()?),
        "map" => Value::Map(value?.as_array()?.iter().map(entry).collect::<Option<_>>()?),
        "optional" => Value::Optional(match value? {
            Json::Null => None,
            held => Some(Box::new(from_json(held)?)),
        }),
        _ => return None,
    })
}

/// `value` with its type.
#[must_use]
pub fn to_json(value: &Value<'_>) -> Json {
    match value {
        Value::Null => json!({"type": "null", "value": null}),
        Value::Bool(bool) => json!({"type": "bool", "value": bool}),
        Value::Int(int) => text("int", int.to_string()),
        Value::Uint(uint) => text("uint", uint.to_string()),
        Value::Double(double) => text("double", format!("{double:?}")),
        Value::String(string) => text("string", string.to_string()),
        Value::Bytes(bytes) => json!({"type": "bytes", "base64": STANDARD.encode(bytes)}),
        Value::Type(name) => text("type", name.to_string()),
        Value::Timestamp(nanoseconds) => text("timestamp", nanoseconds.to_string()),
        Value::Duration(nanoseconds) => text("duration", nanoseconds.to_string()),
        Value::Ip(address) => text("ip", address.to_string()),
        Value::List(elements) => json!({"type": "list", "value": elements.iter().map(to_json).collect::<Vec<_>>()}),
        Value::Map(entries) => {
            json!({"type": "map", "value": entries.iter().map(|(key, value)| [to_json(key), to_json(value)]).collect::<Vec<_>>()})
        }
        Value::Optional(held) => json!({"type": "optional", "value": held.as_deref().map(to_json)}),
        Value::Json(value) => json!({"type": "json", "value": value}),
        Value::Fields(fields) => {
            json!({"type": "fields", "value": fields.iter().map(|(name, value)| (name, STANDARD.encode(value))).collect::<Vec<_>>()})
        }
    }
}

/// The type of `value`; of its parts nothing is said.
#[must_use]
pub fn type_of(value: &Value<'_>) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Uint(_) => Type::Uint,
        Value::Double(_) => Type::Double,
        Value::String(_) => Type::String,
        Value::Bytes(_) => Type::Bytes,
        Value::Type(_) => Type::Type,
        Value::Timestamp(_) => Type::Timestamp,
        Value::Duration(_) => Type::Duration,
        Value::Ip(_) => Type::Ip,
        Value::List(_) => Type::List(Box::new(Type::Dyn)),
        Value::Map(_) => Type::Map(Box::new(Type::Dyn), Box::new(Type::Dyn)),
        Value::Optional(_) => Type::Optional(Box::new(Type::Dyn)),
        Value::Json(_) => Type::Dyn,
        Value::Fields(_) => Type::Map(Box::new(Type::String), Box::new(Type::String)),
    }
}

fn text(name: &str, value: String) -> Json {
    json!({"type": name, "value": value})
}

fn double(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" | "inf" => Some(f64::INFINITY),
        "-Infinity" | "-inf" => Some(f64::NEG_INFINITY),
        text => text.parse().ok(),
    }
}

fn entry(pair: &Json) -> Option<(Value<'static>, Value<'static>)> {
    Some((from_json(pair.get(0)?)?, from_json(pair.get(1)?)?))
}
