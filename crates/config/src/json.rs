//! Strict JSON (RFC 8259): what two parsers could read differently, or what could exhaust this one, is refused.
//!
//! For bytes of attackers as well as of administrators: no panic, bounded depth, and an error that holds none of the text.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep lists and objects may nest: far more than any configuration or token, far less than the stack (1 MiB in wasm).
pub const DEPTH_MAX: u32 = 64;

/// The one value in `bytes`.
///
/// # Errors
/// When `bytes` is not exactly one JSON value in UTF-8, repeats a key in an object, nests deeper than [`DEPTH_MAX`], or holds
/// a number that no `f64` can.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    build(bytes, Strict::BUILD)
}

/// The one value in `bytes`, where of a repeated key the last one counts, as for most parsers, and no key is reserved: for a text
/// that somebody else has held to rules of its own.
///
/// # Errors
/// When `bytes` is not exactly one JSON value in UTF-8, nests deeper than `depth_max`, or holds a number that no `f64` can.
pub fn parse_last_counts(bytes: &[u8], depth_max: u32) -> Result<Value, JsonError> {
    build(bytes, Strict { depth_left: depth_max, build: true, repeats: true })
}

fn build(bytes: &[u8], strict: Strict) -> Result<Value, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = strict.deserialize(&mut deserializer).map_err(|error| JsonError::from(&error))?;
    deserializer.end().map_err(|error| JsonError::from(&error))?;
    Ok(value)
}

/// The members called `names` of the object in `text`; `None` for one that is not there. The others are held to the same rules
/// and not built: for those who read many objects and want little of each.
///
/// # Errors
/// When [`parse`] would fail, or `text` is no object.
pub fn members<const N: usize>(text: &str, names: [&str; N]) -> Result<[Option<Value>; N], JsonError> {
    if !text.trim_ascii_start().starts_with('{') {
        parse(text.as_bytes())?;
        return Err(JsonError { line: 1, column: 1, reason: "expected an object".to_owned() });
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = deserializer.deserialize_map(Members(names)).map_err(|error| JsonError::from(&error))?;
    deserializer.end().map_err(|error| JsonError::from(&error))?;
    Ok(found)
}

/// Why bytes are not JSON, and where; never what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    line: usize,
    column: usize,
    reason: String,
}

impl JsonError {
    /// The line, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The byte in the line, from 1; 0 where the line is empty.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.column
    }

    /// What is wrong, from a fixed vocabulary.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl From<&serde_json::Error> for JsonError {
    /// `serde_json`'s own messages are fixed texts; the others are those of this file.
    fn from(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
        Self { line: error.line(), column: error.column(), reason: reason.to_owned() }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not valid JSON: {} at line {}, column {}", self.reason, self.line, self.column)
    }
}

impl std::error::Error for JsonError {}

/// Watches over a value while it is read.
#[derive(Clone, Copy)]
struct Strict {
    depth_left: u32,
    /// Whether the value is built too; null stands for it otherwise.
    build: bool,
    /// Whether an object may have a key twice, or a reserved one.
    repeats: bool,
}

impl Strict {
    const BUILD: Self = Self { depth_left: DEPTH_MAX, build: true, repeats: false };

    fn deeper<E: Error>(self) -> Result<Self, E> {
        let depth_left = self.depth_left.checked_sub(1).ok_or_else(|| E::custom("nested too deeply"))?;
        Ok(Self { depth_left, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(if self.build { Value::String(value.to_owned()) } else { Value::Null })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let inside = self.deeper()?;
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(inside)? {
            if self.build {
                list.push(element);
            }
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inside = self.deeper()?;
        let (mut object, mut keys) = (Map::new(), Keys::default());
        while let Some(key) = entries.next_key::<Key>()? {
            let value = entries.next_value_seed(inside)?;
            if self.repeats {
                object.insert(key.0.into_owned(), value);
                continue;
            }
            if self.build {
                object.insert(key.0.clone().into_owned(), value);
            }
            keys.insert(key)?;
        }
        Ok(Value::Object(object))
    }
}

/// Takes these members out of an object.
struct Members<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> Visitor<'de> for Members<'_, N> {
    type Value = [Option<Value>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<[Option<Value>; N], A::Error> {
        let inside = Strict::BUILD.deeper()?;
        let (mut found, mut keys) = ([const { None }; N], Keys::default());
        while let Some(key) = entries.next_key::<Key>()? {
            match found.iter_mut().zip(self.0).find(|(_, name)| *name == key.0) {
                Some((place, _)) => *place = Some(entries.next_value_seed(inside)?),
                None => drop(entries.next_value_seed(Strict { build: false, ..inside })?),
            }
            keys.insert(key)?;
        }
        Ok(found)
    }
}

/// The keys of one object so far.
#[derive(Default)]
struct Keys<'de>(BTreeSet<Cow<'de, str>>);

impl<'de> Keys<'de> {
    fn insert<E: Error>(&mut self, Key(key): Key<'de>) -> Result<(), E> {
        if key.starts_with(RESERVED) {
            return Err(E::custom("reserved key"));
        }
        if self.0.insert(key) { Ok(()) } else { Err(E::custom("repeated key")) }
    }
}

/// A key, copied only where it holds escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(key)))
    }
}

/// `serde_json` gives such keys a meaning of its own: it would parse the text below them a second time, without our checks.
const RESERVED: &str = "$serde_json::private::";

#[cfg(test)]
mod tests;
