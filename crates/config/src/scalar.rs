//! Values written as one short word: durations, sizes, names. Errors may quote them, so none of them may be secret.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Visitor};

/// A value that is one word in the configuration. Never implement it for what may hold a secret: errors quote it.
pub trait Scalar: Sized {
    /// What it looks like, as errors say: `a duration such as "5s"`.
    const EXPECTED: &'static str;
    /// A regular expression that every valid word matches (ECMA 262, for editors).
    const PATTERN: &'static str;
    /// The type's name in the JSON Schema.
    const NAME: &'static str;

    /// Reads the word.
    ///
    /// # Errors
    /// The whole message, as [`expected`] makes it when there is nothing more precise to say.
    fn parse(text: &str) -> Result<Self, String>;
}

/// The usual message: `expected a duration such as "5s", found "5"`.
#[must_use]
pub fn expected<T: Scalar>(found: &str) -> String {
    format!("expected {}, found {}", T::EXPECTED, quote(found))
}

/// The longest text that an error quotes, in bytes.
pub(crate) const QUOTE_MAX: usize = 64;

/// `text` in double quotes on one line, cut at 64 bytes.
#[must_use]
pub fn quote(text: &str) -> String {
    format!("\"{}\"", one_line(text))
}

/// `text` on one line, cut at 64 bytes.
pub(crate) fn one_line(text: &str) -> String {
    let cut = text.get(..text.floor_char_boundary(QUOTE_MAX)).unwrap_or_default();
    let marker = if cut.len() < text.len() { "…" } else { "" };
    format!("{}{marker}", cut.escape_debug())
}

/// Implements `Deserialize`, `JsonSchema`, `FromStr` and `TryFrom<&str>` for a type that is a [`Scalar`]. The calling crate
/// depends on `serde` and `schemars`.
#[macro_export]
macro_rules! impl_scalar {
    ($type:ty) => {
        impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::deserialize_scalar(deserializer)
            }
        }

        impl ::schemars::JsonSchema for $type {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                <$type as $crate::Scalar>::NAME.into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                $crate::scalar_schema::<$type>()
            }
        }

        impl ::std::str::FromStr for $type {
            type Err = $crate::ConfigError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                <$type as $crate::Scalar>::parse(text).map_err(|message| $crate::ConfigError::at("", message))
            }
        }
    };
}

/// `Deserialize` for a scalar.
///
/// # Errors
/// When there is no string, or not such a word.
pub fn deserialize_scalar<'de, T: Scalar, D: serde::Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_str(Word(PhantomData))
}

struct Word<T>(PhantomData<T>);

impl<T: Scalar> Visitor<'_> for Word<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::parse(text).map_err(E::custom)
    }
}

/// The JSON Schema of a scalar.
#[must_use]
pub fn scalar_schema<T: Scalar>() -> schemars::Schema {
    schemars::json_schema!({ "type": "string", "description": T::EXPECTED, "pattern": T::PATTERN })
}
