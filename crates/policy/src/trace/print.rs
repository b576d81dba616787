//! Values in CEL.

use std::net::IpAddr;

use chrono::{DateTime, SecondsFormat};
use serde_json::Value as Json;

use crate::Value;

/// So many characters of a value are shown.
const SHOWN_MAX: usize = 160;

pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX).and_then(|(end, _)| text.get(..end)) {
        Some(start) => format!("{start}…"),
        None => text.to_owned(),
    }
}

pub(super) fn print(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Uint(uint) => format!("{uint}u"),
        Value::Double(double) => format!("{double:?}"),
        Value::String(text) => quoted(text),
        Value::Bytes(bytes) => format!("b\"{}\"", bytes.escape_ascii()),
        Value::Timestamp(nanoseconds) => format!("timestamp(\"{}\")", timestamp(*nanoseconds)),
        Value::Duration(nanoseconds) => format!("duration(\"{}\")", duration(*nanoseconds)),
        Value::Ip(IpAddr::V4(address)) => format!("ip(\"{address}\")"),
        Value::Ip(IpAddr::V6(address)) => format!("ip(\"{address}\")"),
        Value::List(elements) => list(elements.iter().map(print)),
        Value::Map(entries) => map(entries.iter().map(|(key, value)| (print(key), print(value)))),
        Value::Type(name) => name.to_string(),
        Value::Optional(None) => "optional.none()".to_owned(),
        Value::Optional(Some(held)) => format!("optional.of({})", print(held)),
        Value::Json(value) => json(value),
        Value::Fields(fields) => map(fields.iter().map(|(name, value)| (quoted(name), quoted(&String::from_utf8_lossy(value))))),
    }
}

/// Numbers are doubles, as an expression sees them; those beyond 2^53 are none.
fn json(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(bool) => bool.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => quoted(text),
        Json::Array(elements) => list(elements.iter().map(json)),
        Json::Object(members) => map(members.iter().map(|(name, value)| (quoted(name), json(value)))),
    }
}

fn list(elements: impl Iterator<Item = String>) -> String {
    format!("[{}]", elements.collect::<Vec<_>>().join(", "))
}

/// In the order of the keys: maps have none of their own.
fn map(entries: impl Iterator<Item = (String, String)>) -> String {
    let mut entries: Vec<String> = entries.map(|(key, value)| format!("{key}: {value}")).collect();
    entries.sort();
    format!("{{{}}}", entries.join(", "))
}

/// On one line, with the escapes that CEL has.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(control))),
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

fn timestamp(nanoseconds: i128) -> String {
    let seconds = i64::try_from(nanoseconds.div_euclid(SECOND)).ok();
    let rest = u32::try_from(nanoseconds.rem_euclid(SECOND)).unwrap_or_default();
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, rest));
    time.map_or_else(|| "…".to_owned(), |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn duration(nanoseconds: i128) -> String {
    let (sign, nanoseconds) = if nanoseconds < 0 { ("-", -nanoseconds) } else { ("", nanoseconds) };
    let (seconds, rest) = (nanoseconds / SECOND, nanoseconds % SECOND);
    let fraction = if rest == 0 { String::new() } else { format!(".{rest:09}") };
    format!("{sign}{seconds}{}s", fraction.trim_end_matches('0'))
}

const SECOND: i128 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_written_as_an_expression_would_say_it() {
        let text = |text: &'static str| Value::String(text.into());
        let fields = vec![("x-b".into(), b"2".as_slice().into()), ("x-a".into(), b"\xff".as_slice().into())];
        for (value, expected) in [
            (Value::Null, "null"),
            (Value::Uint(3), "3u"),
            (Value::Double(3.0), "3.0"),
            (text("a\"b\\\n\u{7}é"), "\"a\\\"b\\\\\\n\\u0007é\""),
            (Value::Bytes(b"a\xff".as_slice().into()), "b\"a\\xff\""),
            (Value::Timestamp(1_767_225_600_000_000_000), "timestamp(\"2026-01-01T00:00:00Z\")"),
            (Value::Duration(-1_500_000_000), "duration(\"-1.5s\")"),
            (Value::Duration(90 * SECOND), "duration(\"90s\")"),
            (Value::Ip([10, 1, 2, 3].into()), "ip(\"10.1.2.3\")"),
            (Value::List(vec![text("a"), Value::Bool(true)]), "[\"a\", true]"),
            (Value::Map(vec![(text("b"), Value::Int(2)), (text("a"), Value::Int(1))]), "{\"a\": 1, \"b\": 2}"),
            (Value::Optional(Some(Box::new(text("a")))), "optional.of(\"a\")"),
            (Value::Json(&json!({"a": [1, "b", null]})), "{\"a\": [1, \"b\", null]}"),
            (Value::Fields(fields), "{\"x-a\": \"\u{fffd}\", \"x-b\": \"2\"}"),
        ] {
            assert_eq!(print(&value), expected);
        }
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        let long = Value::String("é".repeat(SHOWN_MAX).into());
        assert_eq!(long.to_text(), format!("\"{}…", "é".repeat(SHOWN_MAX - 1)));
    }
}
