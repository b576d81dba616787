//! Headers that make some servers take another method or another path for the one in the request.

use portcullis_filter::HeaderBlock;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Unfit;

/// Rails, Express, Spring, ASP.NET and others read one of these.
const METHOD: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];

/// Symfony, Zend, IIS's rewriting and others have read one of these.
const PATH: [&str; 3] = ["x-original-url", "x-original-uri", "x-rewrite-url"];

/// What becomes of a request that names a second method, or a second path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Override {
    /// It is refused with 400: the upstream may do what nobody has judged.
    #[default]
    Refuse,
    /// The header counts for nothing: no upstream reads it.
    Ignore,
}

/// What requests may not name twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once {
    /// Their method.
    pub method: bool,
    /// Their path.
    pub path: bool,
}

impl Once {
    /// Whether the request names each once.
    ///
    /// # Errors
    /// When it names one of them twice: it must be refused.
    pub fn check(self, headers: &HeaderBlock) -> Result<(), Unfit> {
        if self.method && overrides_method(headers) {
            return Err(Unfit::MethodOverride);
        }
        if self.path && overrides_path(headers) {
            return Err(Unfit::PathOverride);
        }
        Ok(())
    }
}

/// Whether the request names a second method, in any spelling that a CGI-like server reads as the same header.
fn overrides_method(headers: &HeaderBlock) -> bool {
    has_any(headers, &METHOD)
}

/// Whether the request names a second path, in any such spelling.
fn overrides_path(headers: &HeaderBlock) -> bool {
    has_any(headers, &PATH)
}

fn has_any(headers: &HeaderBlock, names: &[&str]) -> bool {
    headers.iter().any(|(name, _)| name.starts_with(b"x") && names.iter().any(|known| folds_to(name, known)))
}

fn folds_to(name: &[u8], known: &str) -> bool {
    let folded = |byte: u8| if matches!(byte, b'_' | b'.') { b'-' } else { byte.to_ascii_lowercase() };
    name.len() == known.len() && name.iter().zip(known.bytes()).all(|(byte, wanted)| folded(*byte) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overridden(name: &str) -> bool {
        overrides_method(&HeaderBlock::from_pairs([("accept", "*/*"), (name, "DELETE")]))
    }

    #[test]
    fn a_second_path_is_no_second_method() {
        for name in ["x-original-url", "X_Rewrite_URL", "x.original.uri"] {
            let headers = HeaderBlock::from_pairs([("accept", "*/*"), (name.to_lowercase().as_str(), "/admin")]);
            assert!(overrides_path(&headers) && !overrides_method(&headers), "{name}");
        }
    }

    #[test]
    fn only_what_counts_is_refused() {
        let headers = HeaderBlock::from_pairs([("x-original-url", "/admin"), ("x-method-override", "DELETE")]);
        let check = |method, path| Once { method, path }.check(&headers);
        assert_eq!(check(true, true), Err(Unfit::MethodOverride));
        assert_eq!(check(false, true), Err(Unfit::PathOverride));
        assert_eq!(check(false, false), Ok(()));
    }

    #[test]
    fn every_spelling_is_found() {
        for name in
            ["x-http-method-override", "x_http_method_override", "x-http.method_override", "x-http-method", "x-method-override"]
        {
            assert!(overridden(name), "{name}");
        }
        for name in ["x-http-methods", "http-method-override", "x-http-method-overrides", "x"] {
            assert!(!overridden(name), "{name}");
        }
    }
}
