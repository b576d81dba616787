//! Headers that make some servers take another method or another path for the one in the request.

use portcullis_filter::HeaderBlock;

/// Rails, Express, Spring, ASP.NET and others read one of these.
const METHOD: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];

/// Symfony, Zend, IIS's rewriting and others have read one of these.
const PATH: [&str; 3] = ["x-original-url", "x-original-uri", "x-rewrite-url"];

/// Whether the request names a second method, in any spelling that a CGI-like server reads as the same header.
#[must_use]
pub fn overrides_method(headers: &HeaderBlock) -> bool {
    has_any(headers, &METHOD)
}

/// Whether the request names a second path, in any such spelling.
#[must_use]
pub fn overrides_path(headers: &HeaderBlock) -> bool {
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
