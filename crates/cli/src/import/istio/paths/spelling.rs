//! Parts of paths in the spelling that rules judge.

use portcullis_config::OnAmbiguous;
use portcullis_http::canonical;

/// A whole path.
pub(super) fn exact(text: &str) -> Result<String, String> {
    if text.contains('?') {
        return Err("no path has a query: it matches nothing".to_owned());
    }
    let path = canonical(text.as_bytes(), OnAmbiguous::Reject);
    path.map(|path| path.as_str().to_owned()).map_err(|doubt| format!("no request that passes has such a path: {doubt}"))
}

/// The start of one, which may end within a segment.
pub(super) fn prefix(text: &str) -> Result<String, String> {
    let whole = exact(&format!("{text}x"))?;
    Ok(whole.strip_suffix('x').unwrap_or(&whole).to_owned())
}

/// The end of one, which may begin within a segment.
pub(super) fn suffix(text: &str) -> Result<String, String> {
    let whole = exact(&format!("/x{text}"))?;
    Ok(whole.strip_prefix("/x").unwrap_or(&whole).to_owned())
}

/// One segment.
pub(super) fn segment(text: &str) -> Result<String, String> {
    let whole = exact(&format!("/{text}"))?;
    Ok(whole.strip_prefix('/').unwrap_or(&whole).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_what_never_passes_is_told() {
        assert_eq!(exact("/a%20b").as_deref(), Ok("/a b"));
        assert_eq!(prefix("/a%20").as_deref(), Ok("/a "));
        assert_eq!(prefix("/.").as_deref(), Ok("/."));
        assert_eq!(suffix(".php").as_deref(), Ok(".php"));
        assert_eq!(suffix("/cart").as_deref(), Ok("/cart"));
        for text in ["a", "", "/a//b", "/a/../b", "/a%2fb", "/a;b", "/a%2", "/é", "/a?b", "/a#b"] {
            assert!(exact(text).is_err(), "{text}");
        }
        assert!(prefix("/a%2").is_err() && prefix("a").is_err() && prefix("/a//").is_err());
        assert!(suffix("//a").is_err() && suffix("/.").is_err() && suffix("/a/..").is_err());
    }
}
