//! Request methods.

use std::fmt;

use portcullis_config::{Scalar, expected, impl_scalar};

/// A method, compared exactly: methods are case-sensitive (RFC 9110 section 9.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Method(String);

impl Method {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Scalar for Method {
    const EXPECTED: &'static str = "a method such as \"GET\"";
    const PATTERN: &'static str = "^[!#$%&'+.^_`|~0-9A-Z-]+$";
    const NAME: &'static str = "Method";

    /// Lower case is refused: `get` would silently match nothing.
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || !text.bytes().all(is_method_byte) {
            return Err(expected::<Self>(text));
        }
        if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return Err(format!("{}; did you mean `{}`?", expected::<Self>(text), cut(&text.to_ascii_uppercase())));
        }
        Ok(Self(text.to_owned()))
    }
}

impl_scalar!(Method);

/// `tchar` of RFC 9110 section 5.6.2, but for `*`, which here would look like "any method".
const fn is_method_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
}

fn cut(word: &str) -> &str {
    word.get(..word.len().min(64)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_an_upper_case_token() {
        assert_eq!(Method::parse("GET").unwrap().as_str(), "GET");
        assert_eq!(Method::parse("M-SEARCH").unwrap().as_str(), "M-SEARCH");
        assert_eq!(Method::parse("get").unwrap_err(), "expected a method such as \"GET\", found \"get\"; did you mean `GET`?");
        for text in ["", "*", "GET ", "GE T", "É"] {
            assert!(Method::parse(text).is_err(), "{text:?}");
        }
    }
}
