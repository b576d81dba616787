//! Values of a case that may be written in several ways.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use chrono::DateTime;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The value of an attribute.
#[derive(Debug, Clone)]
pub enum AttributeValue {
    /// A truth, which a proxy tells in one byte.
    Truth(bool),
    /// An integer, which a proxy tells in eight bytes.
    Integer(i64),
    /// A text; may hold `${…}`.
    Text(String),
}

impl<'de> Deserialize<'de> for AttributeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Bool(truth) => Some(Self::Truth(truth)),
            Value::Number(number) => number.as_i64().map(Self::Integer),
            Value::String(text) => Some(Self::Text(text)),
            _ => None,
        }
        .ok_or_else(|| D::Error::custom("expected a string, a whole number, true or false"))
    }
}

/// A value, or several.
#[derive(Debug, Clone)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// Each value.
    #[must_use]
    pub fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrManyVisitor)
    }
}

struct OneOrManyVisitor;

impl<'de> Visitor<'de> for OneOrManyVisitor {
    type Value = OneOrMany;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_str<E>(self, value: &str) -> Result<OneOrMany, E> {
        Ok(OneOrMany::One(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<OneOrMany, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = elements.next_element()? {
            values.push(value);
        }
        Ok(OneOrMany::Many(values))
    }
}

/// An instant in seconds since the epoch; written as that or as `2026-01-01T00:00:00Z`. Default: that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(pub u64);

impl Default for Instant {
    fn default() -> Self {
        Self(1_767_225_600)
    }
}

impl<'de> Deserialize<'de> for Instant {
    /// RFC 3339, or seconds.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(seconds) => seconds.as_u64(),
            Value::String(text) => DateTime::parse_from_rfc3339(&text).ok().and_then(|time| time.timestamp().try_into().ok()),
            _ => None,
        }
        .map(Self)
        .ok_or_else(|| D::Error::custom("expected a time such as \"2026-01-01T00:00:00Z\""))
    }
}

/// A length of time in seconds: `0.25` too.
pub(super) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    Duration::try_from_secs_f64(seconds).map_err(|_| D::Error::custom("expected a number of seconds"))
}

/// Header lines by name: the value, or null for absent.
pub(super) fn lines<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Option<String>>, D::Error> {
    let lines: BTreeMap<String, Line> = Deserialize::deserialize(deserializer)?;
    Ok(lines.into_iter().map(|(name, Line(value))| (name, value)).collect())
}

struct Line(Option<String>);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LineVisitor)
    }
}

struct LineVisitor;

impl Visitor<'_> for LineVisitor {
    type Value = Line;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or null for absent")
    }

    fn visit_str<E>(self, value: &str) -> Result<Line, E> {
        Ok(Line(Some(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Line, E> {
        Ok(Line(None))
    }
}
