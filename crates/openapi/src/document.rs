//! The text of a document, as a value.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How long a document may be.
const LENGTH_MAX: usize = 16 << 20;

/// How deep it may nest: a schema nests no deeper than a configuration may, and its place in the document adds to that.
const DEPTH_MAX: u32 = 96;

/// How many values it may have, aliases of YAML counted where they are used.
const VALUES_MAX: usize = 2_000_000;

/// The versions of OpenAPI that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// 3.0.x: schemas in a dialect of their own.
    V30,
    /// 3.1.x: schemas in JSON Schema 2020-12.
    V31,
}

/// Reads YAML or JSON.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    if text.len() > LENGTH_MAX {
        return Err(format!("expected at most {} MiB", LENGTH_MAX >> 20));
    }
    let left = Cell::new(VALUES_MAX);
    let seed = Strict { depth_left: DEPTH_MAX, left: &left };
    if text.trim_start().starts_with('{') {
        let mut json = serde_json::Deserializer::from_str(text);
        let value = seed.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
        return value.map_err(|error| format!("not valid JSON: {error}"));
    }
    seed.deserialize(serde_yaml_ng::Deserializer::from_str(text)).map_err(|error| format!("not valid YAML: {error}"))
}

/// The version that the document names (OpenAPI 3.1 section 4.8.1).
///
/// # Errors
/// When it names none of those that are read.
pub(crate) fn version(document: &Value) -> Result<Version, String> {
    let named = document.get("openapi").and_then(Value::as_str);
    let named = named.map(|version| version.split('.').take(2).collect::<Vec<_>>());
    match named.as_deref() {
        Some(["3", "0"]) => Ok(Version::V30),
        Some(["3", "1"]) => Ok(Version::V31),
        _ if document.get("swagger").is_some() => Err("Swagger 2.0 is not read: convert it to OpenAPI 3".to_owned()),
        _ => Err("expected `openapi: 3.0.x` or `openapi: 3.1.x`".to_owned()),
    }
}

/// A value whose keys are told apart; a bounded one.
#[derive(Clone, Copy)]
struct Strict<'c> {
    depth_left: u32,
    left: &'c Cell<usize>,
}

impl Strict<'_> {
    fn count<E: Error>(self) -> Result<(), E> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(E::custom("too many values")),
        }
    }

    fn deeper<E: Error>(self) -> Result<Self, E> {
        let depth_left = self.depth_left.checked_sub(1).ok_or_else(|| E::custom("it nests too deep"))?;
        Ok(Self { depth_left, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value as JSON has it")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("expected a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = elements.next_element_seed(deeper)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key == "<<" {
                return Err(A::Error::custom("merge keys (`<<`) are not read"));
            }
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{}` comes twice", key.escape_debug())));
            }
            map.insert(key, entries.next_value_seed(deeper)?);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_and_json_say_the_same() {
        let expected = json!({ "openapi": "3.1.0", "a": { "200": [1, -2, 0.5, true, null, "2026-01-01"] } });
        assert_eq!(parse("openapi: 3.1.0\na:\n  200: [1, -2, 0.5, true, ~, 2026-01-01]\n").unwrap(), expected);
        assert_eq!(parse(&expected.to_string()).unwrap(), expected);
    }

    #[test]
    fn what_has_two_readings_or_no_end_is_refused() {
        let error = |text: &str| parse(text).unwrap_err();
        assert!(error("a: 1\na: 2").contains("the key `a` comes twice"));
        assert!(error("{\"a\": 1, \"a\": 2}").contains("the key `a` comes twice"));
        assert!(error("a: &a { b: 1 }\nc:\n  <<: *a").contains("merge keys"));
        assert!(error("a: .inf").contains("finite"));
        assert!(error("a: [").starts_with("not valid YAML"));
        assert!(error("{\"a\": ").starts_with("not valid JSON"));
        assert!(error("{} {}").starts_with("not valid JSON"));
        assert!(error("a: 1\n---\nb: 2").starts_with("not valid YAML"));
        assert!(error(&format!("{}1{}", "[".repeat(200), "]".repeat(200))).contains("not valid YAML"));
        assert!(error(&format!("{{\"a\":{}1{}}}", "[".repeat(100), "]".repeat(100))).contains("too deep"));
        assert!(error(&"x".repeat(LENGTH_MAX + 1)).contains("16 MiB"));
        let bomb = (1..=12).fold("a0: &a0 [1]\n".to_owned(), |text, n| {
            let last = format!("*a{}", n - 1);
            text + &format!("a{n}: &a{n} [{}]\n", [last.as_str(); 9].join(", "))
        });
        assert!(error(&bomb).starts_with("not valid YAML"));
    }

    #[test]
    fn versions_are_told_apart() {
        assert_eq!(version(&json!({ "openapi": "3.0.3" })), Ok(Version::V30));
        assert_eq!(version(&json!({ "openapi": "3.1.0" })), Ok(Version::V31));
        assert!(version(&json!({ "swagger": "2.0" })).unwrap_err().contains("Swagger"));
        for none in [json!({}), json!([]), json!({ "openapi": 3.1 }), json!({ "openapi": "3.2.0" }), json!({ "openapi": "31" })] {
            assert!(version(&none).unwrap_err().starts_with("expected"), "{none}");
        }
    }
}
