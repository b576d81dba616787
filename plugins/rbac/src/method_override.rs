//! Headers that make some servers take another method for the one in the request.

use portcullis_filter::HeaderBlock;

/// Rails, Express, Spring, ASP.NET and others read one of these.
const NAMES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];

/// Whether the request names a second method, in any spelling that a CGI-like server reads as the same header.
pub(crate) fn is_overridden(headers: &HeaderBlock) -> bool {
    headers.iter().any(|(name, _)| name.starts_with(b"x") && NAMES.iter().any(|known| folds_to(name, known)))
}

fn folds_to(name: &[u8], known: &str) -> bool {
    let folded = |byte: u8| if matches!(byte, b'_' | b'.') { b'-' } else { byte.to_ascii_lowercase() };
    name.len() == known.len() && name.iter().zip(known.bytes()).all(|(byte, wanted)| folded(*byte) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overridden(name: &str) -> bool {
        is_overridden(&HeaderBlock::from_pairs([("accept", "*/*"), (name, "DELETE")]))
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
