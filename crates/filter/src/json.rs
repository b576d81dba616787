//! Just enough JSON to write records and replies.

use std::fmt::Write;

/// The longest client string that a record holds, in bytes.
pub(crate) const CLIENT_STRING_MAX: usize = 256;

/// An object under construction.
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self::with_capacity(1)
    }

    /// For a text of at most `bytes` bytes that grows without being copied.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        let mut text = String::with_capacity(bytes);
        text.push('{');
        Self(text)
    }

    /// A string of ours.
    pub(crate) fn text(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        push_string(&mut self.0, value);
        self
    }

    /// A string that a client chose: cut at 256 bytes, bytes that are not UTF-8 replaced.
    pub(crate) fn client_text(self, key: &str, value: &[u8]) -> Self {
        let cut = value.get(..CLIENT_STRING_MAX).unwrap_or(value);
        let marker = if cut.len() < value.len() { "…" } else { "" };
        self.text(key, &format!("{}{marker}", String::from_utf8_lossy(cut)))
    }

    /// A value that is JSON already.
    pub(crate) fn raw(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        self.0.push_str(value);
        self
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        push_string(&mut self.0, key);
        self.0.push(':');
    }
}

/// Appends `value` as a JSON string. Line separators and control characters of any plane are escaped, so that one record
/// stays one line in any viewer.
fn push_string(out: &mut String, value: &str) {
    out.push('"');
    if value.bytes().all(is_plain) {
        out.push_str(value);
    } else {
        push_escaped(out, value);
    }
    out.push('"');
}

/// Whether a byte means itself in a JSON string, whatever stands around it.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')
}

fn push_escaped(out: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{2028}' | '\u{2029}' => push_escape(out, character),
            _ if character.is_control() => push_escape(out, character),
            _ => out.push(character),
        }
    }
}

fn push_escape(out: &mut String, character: char) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\\u{:04x}", u32::from(character));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_would_break_a_line_or_a_string() {
        let json = Object::new().text("a", "q\"b\\n\n\u{85}\u{2028}ü").raw("b", "true").finish();
        assert_eq!(json, r#"{"a":"q\"b\\n\u000a\u0085\u2028ü","b":true}"#);
    }

    #[test]
    fn cuts_client_strings() {
        let exact = Object::new().client_text("a", &[b'x'; 256]).finish();
        assert_eq!(exact.len(), r#"{"a":""}"#.len() + 256);
        let longer = Object::new().client_text("a", &[b'x'; 257]).finish();
        assert_eq!(longer.len(), exact.len() + "…".len());
    }

    #[test]
    fn replaces_bytes_that_are_not_utf_8() {
        assert_eq!(Object::new().client_text("a", b"\xff").finish(), "{\"a\":\"\u{fffd}\"}");
    }
}
