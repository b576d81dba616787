//! JSON objects, read strictly (RFC 8725 section 2.6): a repeated name at any depth is refused.

use std::sync::OnceLock;

use portcullis_config::json::{members, parse};
use serde_json::{Map, Value};

/// The object that `bytes` are.
pub(crate) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match parse(bytes).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// An object, checked as a whole and built only for whoever asks for its members.
#[derive(Debug)]
pub(crate) struct Object {
    text: String,
    members: OnceLock<Map<String, Value>>,
}

impl Object {
    /// The object that `bytes` are, and those of its members that are called `names`.
    pub(crate) fn parse<const N: usize>(bytes: Vec<u8>, names: [&str; N]) -> Option<(Self, [Option<Value>; N])> {
        let text = String::from_utf8(bytes).ok()?;
        let found = members(&text, names).ok()?;
        Some((Self { text, members: OnceLock::new() }, found))
    }

    /// As it was sent.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn members(&self) -> &Map<String, Value> {
        // INVARIANT: `parse` has found an object.
        self.members.get_or_init(|| object(self.text.as_bytes()).unwrap_or_default())
    }
}

/// A member that is a string where it is there.
pub(crate) fn text(member: Option<Value>) -> Result<Option<String>, WrongType> {
    match member {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(WrongType),
    }
}

/// A member is not what it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WrongType;
