//! Names of header fields.

use std::fmt;

use crate::{Scalar, expected, impl_scalar};

/// A header's name (RFC 9110 section 5.1), in lower case, as proxies hand names over. No pseudo-header is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderName(String);

impl HeaderName {
    /// The name, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for HeaderName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Scalar for HeaderName {
    const EXPECTED: &'static str = "a header name such as \"x-user-id\"";
    const PATTERN: &'static str = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
    const NAME: &'static str = "HeaderName";

    fn parse(text: &str) -> Result<Self, String> {
        let token = !text.is_empty() && text.bytes().all(is_token_byte);
        if token { Ok(Self(text.to_ascii_lowercase())) } else { Err(expected::<Self>(text)) }
    }
}

impl_scalar!(HeaderName);

/// `tchar` of RFC 9110 section 5.6.2.
const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_kept_in_lower_case() {
        assert_eq!(HeaderName::parse("X-User_Id").unwrap().as_str(), "x-user_id");
    }

    #[test]
    fn refuses_what_is_no_token() {
        for text in ["", ":path", "x y", "x:y", "x\n", "ü", "x,y", "\"x\""] {
            assert!(HeaderName::parse(text).is_err(), "{text:?}");
        }
    }
}
