//! What a request asks for (RFC 9112 section 3.2).

use portcullis_config::OnAmbiguous;

use crate::{Ambiguity, CanonicalPath, canonical};

/// The target of a request. Only a path matches rules that have paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestTarget<'a> {
    /// A path, the usual case; an extended CONNECT (RFC 8441) has one too.
    Path(CanonicalPath<'a>),
    /// `OPTIONS *`: the server as a whole.
    Asterisk,
    /// CONNECT to a host: there is no path.
    Authority,
}

impl<'a> RequestTarget<'a> {
    /// From `:method` and `:path`; a request without a `:path` has an empty one.
    ///
    /// # Errors
    /// When two parties could read the path differently. A whole URL is refused: proxies split it before they run filters.
    pub fn parse(method: &[u8], raw_path: &'a [u8], on_ambiguous: OnAmbiguous) -> Result<Self, Ambiguity> {
        match (method, raw_path) {
            (b"OPTIONS", b"*") => Ok(Self::Asterisk),
            (b"CONNECT", b"") => Ok(Self::Authority),
            _ => canonical(raw_path, on_ambiguous).map(Self::Path),
        }
    }

    /// The path, where there is one.
    #[must_use]
    pub const fn path(&self) -> Option<&CanonicalPath<'a>> {
        match self {
            Self::Path(path) => Some(path),
            Self::Asterisk | Self::Authority => None,
        }
    }

    /// The `:path` that the upstream must get in place of the client's.
    #[must_use]
    pub fn rewritten(&self) -> Option<&str> {
        self.path().and_then(CanonicalPath::rewritten)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<'a>(method: &str, path: &'a str) -> Result<RequestTarget<'a>, Ambiguity> {
        RequestTarget::parse(method.as_bytes(), path.as_bytes(), OnAmbiguous::Reject)
    }

    #[test]
    fn only_options_may_have_an_asterisk() {
        assert_eq!(parse("OPTIONS", "*"), Ok(RequestTarget::Asterisk));
        assert_eq!(parse("GET", "*"), Err(Ambiguity::NotAbsolute));
        assert_eq!(parse("options", "*"), Err(Ambiguity::NotAbsolute));
        assert_eq!(parse("OPTIONS", "*/x"), Err(Ambiguity::NotAbsolute));
    }

    #[test]
    fn only_connect_may_have_no_path() {
        assert_eq!(parse("CONNECT", ""), Ok(RequestTarget::Authority));
        assert_eq!(parse("GET", ""), Err(Ambiguity::NotAbsolute));
        assert_eq!(parse("CONNECT", "example.com:443"), Err(Ambiguity::NotAbsolute));
    }

    #[test]
    fn an_extended_connect_is_judged_by_its_path() {
        assert_eq!(parse("CONNECT", "/chat").unwrap().path().unwrap().as_str(), "/chat");
        assert_eq!(parse("CONNECT", "/a/../b"), Err(Ambiguity::DotSegment));
    }

    #[test]
    fn refuses_a_whole_url() {
        assert_eq!(parse("GET", "http://example.com/x"), Err(Ambiguity::NotAbsolute));
    }
}
