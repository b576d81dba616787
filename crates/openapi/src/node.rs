//! A place in a document: the value there, and the pointer that leads to it.

use serde_json::Value;

/// So many references are followed from one to the next.
const REFERENCES_MAX: usize = 16;

/// A value of a document and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node<'d> {
    root: &'d Value,
    pub(crate) value: &'d Value,
    pub(crate) pointer: String,
}

/// What cannot be read, and why. Whatever depends on it is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable {
    pub(crate) pointer: String,
    pub(crate) message: String,
}

impl<'d> Node<'d> {
    pub(crate) fn root(root: &'d Value) -> Self {
        Self { root, value: root, pointer: String::new() }
    }

    /// The whole document.
    pub(crate) fn document(&self) -> &'d Value {
        self.root
    }

    /// The member called `name`, where it is there.
    pub(crate) fn get(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name)?;
        Some(Self { root: self.root, value, pointer: format!("{}/{}", self.pointer, escaped(name)) })
    }

    /// The members of an object.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'d str, Self)> {
        let entries = self.value.as_object().into_iter().flatten();
        entries.map(|(name, value)| {
            let pointer = format!("{}/{}", self.pointer, escaped(name));
            (name.as_str(), Self { root: self.root, value, pointer })
        })
    }

    /// The elements of an array.
    pub(crate) fn elements(&self) -> impl Iterator<Item = Self> {
        let elements = self.value.as_array().into_iter().flatten().enumerate();
        elements.map(|(at, value)| Self { root: self.root, value, pointer: format!("{}/{at}", self.pointer) })
    }

    /// The text called `name`.
    pub(crate) fn text(&self, name: &str) -> Option<&'d str> {
        self.value.get(name)?.as_str()
    }

    /// Whether `name` is true.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.value.get(name) == Some(&Value::Bool(true))
    }

    /// That this cannot be read.
    pub(crate) fn unreadable(&self, message: impl Into<String>) -> Unreadable {
        Unreadable { pointer: self.pointer.clone(), message: message.into() }
    }

    /// The node that a reference leads to (OpenAPI 3.1 section 4.8.23): a place in the same document.
    pub(crate) fn target(&self, reference: &str) -> Result<Self, Unreadable> {
        let Some(pointer) = reference.strip_prefix('#') else {
            return Err(self.unreadable("a `$ref` to another document is not fetched: bundle the documents into one"));
        };
        let pointer = percent_decoded(pointer).filter(|pointer| pointer.is_empty() || pointer.starts_with('/'));
        let Some(pointer) = pointer else {
            return Err(self.unreadable("a `$ref` to an anchor is not followed: expected `#/…`"));
        };
        match self.root.pointer(&pointer) {
            Some(value) => Ok(Self { root: self.root, value, pointer }),
            None => Err(self.unreadable("its `$ref` leads nowhere")),
        }
    }

    /// The node itself, or what it refers to.
    pub(crate) fn resolved(&self) -> Result<Self, Unreadable> {
        let mut node = self.clone();
        for _ in 0..REFERENCES_MAX {
            match node.text("$ref") {
                Some(reference) => node = node.target(reference)?,
                None => return Ok(node),
            }
        }
        Err(self.unreadable("its `$ref`s lead in a circle"))
    }
}

/// A key as it stands in a pointer (RFC 6901 section 3).
pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The fragment of a URI is percent-encoded (RFC 6901 section 6).
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                u8::try_from(digit(bytes.next())? * 16 + digit(bytes.next())?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_followed_within_the_document() {
        let document = json!({
            "a": { "$ref": "#/b" }, "b": { "$ref": "#/paths/~1x%20y~1%7Bid%7D" }, "paths": { "/x y/{id}": { "c": 1 } },
            "loop": { "$ref": "#/loop" }, "file": { "$ref": "other.yaml#/a" }, "web": { "$ref": "https://example.com/a" },
            "anchor": { "$ref": "#a" }, "nowhere": { "$ref": "#/z" }, "escape": { "$ref": "#/%zz" },
        });
        let root = Node::root(&document);
        let at = |name: &str| root.get(name).unwrap().resolved();
        assert_eq!(at("a").unwrap().pointer, "/paths/~1x y~1{id}");
        for (name, message) in [
            ("loop", "in a circle"),
            ("file", "another document"),
            ("web", "another document"),
            ("anchor", "an anchor"),
            ("nowhere", "nowhere"),
            ("escape", "an anchor"),
        ] {
            let error = at(name).unwrap_err();
            assert!(error.message.contains(message) && error.pointer == format!("/{name}"), "{error:?}");
        }
    }
}
