//! What a service tells requests apart by.

use std::fmt::Write as _;

use portcullis_policy::{Attribute, Expression, Facts, Params, Value};
use sha2::{Digest as _, Sha256};

use crate::config::OnMissingKey;
use crate::key::Told;

/// The longest value that is sent as it is, in bytes: services keep a counter for each.
const VALUE_MAX: usize = 256;

/// The value of a part that a request lacks; services take no empty one.
const ABSENT: &str = "-";

/// The entries of one descriptor.
#[derive(Debug)]
pub(crate) struct Descriptor {
    entries: Vec<(String, Expression)>,
    on_missing: OnMissingKey,
}

impl Descriptor {
    pub(crate) const fn new(entries: Vec<(String, Expression)>, on_missing: OnMissingKey) -> Self {
        Self { entries, on_missing }
    }

    /// What it reads.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute> {
        self.entries.iter().flat_map(|(_, value)| value.attributes().iter().copied())
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| key.as_str())
    }

    /// The values; and whether the request lacks one, and another stands for it.
    pub(crate) fn tell(&self, facts: &Facts<'_>, params: Params<'_>) -> (Told, bool) {
        let mut lacks = false;
        let mut texts = Vec::with_capacity(self.entries.len());
        for (number, (_, value)) in self.entries.iter().enumerate() {
            match value.evaluate(facts, params) {
                Ok(Value::String(text)) => texts.push(sendable(&text)),
                Ok(_) => return (Told::Failed(format!("descriptor[{number}].value: no text")), lacks),
                Err(failure) if failure.is_absence() && self.on_missing == OnMissingKey::Shared => {
                    lacks = true;
                    texts.push(ABSENT.to_owned());
                }
                Err(failure) if failure.is_absence() => return (Told::Missing, true),
                Err(failure) => return (Told::Failed(format!("descriptor[{number}].value: {failure}")), lacks),
            }
        }
        (Told::Key(texts), lacks)
    }

    pub(crate) const fn on_missing(&self) -> OnMissingKey {
        self.on_missing
    }
}

/// A client decides how long a value is: the hash of a long one stands for it.
fn sendable(text: &str) -> String {
    match text {
        "" => ABSENT.to_owned(),
        text if text.len() <= VALUE_MAX => text.to_owned(),
        text => Sha256::digest(text).iter().fold("sha256:".to_owned(), |mut hash, byte| {
            // Writing to a text cannot fail.
            let _ = write!(hash, "{byte:02x}");
            hash
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_neither_empty_nor_long() {
        assert_eq!([sendable(""), sendable("a")], ["-", "a"]);
        let longest = "k".repeat(VALUE_MAX);
        assert_eq!(sendable(&longest), longest);
        let longer = sendable(&"k".repeat(VALUE_MAX + 1));
        assert!(longer.starts_with("sha256:") && longer.len() == 71, "{longer}");
        assert_ne!(longer, sendable(&"l".repeat(VALUE_MAX + 1)));
    }
}
