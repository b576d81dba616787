//! A request, as rules see it.

use std::fmt;

use portcullis_config::OnAmbiguous;

use crate::{Ambiguity, CanonicalHost, InvalidHost, RequestTarget};

/// What the `match` block of a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchRequest<'a> {
    /// `:method`, as it stands.
    pub method: &'a [u8],
    /// The host; `None` when the request has none.
    pub host: Option<CanonicalHost<'a>>,
    /// The path, or what is in its place.
    pub target: RequestTarget<'a>,
}

/// The request cannot be judged; it must be refused with 400, whatever the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MalformedRequest {
    /// The `:authority` is no host.
    Host(InvalidHost),
    /// The `:path` has no one reading.
    Path(Ambiguity),
    /// The `:method` is no token, or has a lower-case letter: methods are case-sensitive, and many servers forget it.
    Method,
}

impl<'a> MatchRequest<'a> {
    /// From `:method`, `:authority` and `:path`.
    ///
    /// # Errors
    /// When the method is not in capital letters, the authority is there and is no host, or two parties could read the path
    /// differently.
    pub fn parse(
        method: &'a [u8],
        authority: Option<&'a [u8]>,
        path: Option<&'a [u8]>,
        on_ambiguous: OnAmbiguous,
    ) -> Result<Self, MalformedRequest> {
        if !is_method(method) {
            return Err(MalformedRequest::Method);
        }
        let target = RequestTarget::parse(method, path.unwrap_or_default(), on_ambiguous).map_err(MalformedRequest::Path)?;
        let host = authority.map(CanonicalHost::parse).transpose().map_err(MalformedRequest::Host)?;
        Ok(Self { method, host, target })
    }

    /// The canonical path, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.target.path().map(|path| path.as_str())
    }
}

impl MalformedRequest {
    /// The stable name, for records and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Host(invalid) => invalid.name(),
            Self::Path(ambiguity) => ambiguity.name(),
            Self::Method => "method",
        }
    }
}

impl fmt::Display for MalformedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(invalid) => write!(f, "the authority is {invalid}"),
            Self::Path(ambiguity) => write!(f, "the path has {ambiguity}"),
            Self::Method => f.write_str("the method is not in capital letters"),
        }
    }
}

impl std::error::Error for MalformedRequest {}

/// RFC 9110 section 9.1: a token, in upper case by convention.
fn is_method(method: &[u8]) -> bool {
    !method.is_empty()
        && method.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_method_that_some_servers_read_in_capitals() {
        let parse = |method: &'static str| MatchRequest::parse(method.as_bytes(), None, Some(b"/"), OnAmbiguous::Reject);
        for method in ["GET", "M-SEARCH", "VERSION-CONTROL"] {
            assert!(parse(method).is_ok(), "{method}");
        }
        for method in ["get", "Post", "POSt", "", "GE T", "GET\0"] {
            assert_eq!(parse(method), Err(MalformedRequest::Method), "{method:?}");
        }
    }
}
