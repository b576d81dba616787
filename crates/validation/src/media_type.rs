//! Media types (RFC 9110 section 8.3.1), read strictly: what two parties could read differently is none.

use std::fmt;

/// So many parameters are read; more are refused.
const PARAMETERS_MAX: usize = 8;

/// A media type and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// `application/json`, in lower case.
    essence: String,
    /// Names in lower case, values as they read.
    parameters: Vec<(String, String)>,
}

/// The text is no media type, or one that has two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAMediaType;

impl fmt::Display for NotAMediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no media type")
    }
}

impl std::error::Error for NotAMediaType {}

impl MediaType {
    /// Reads a `content-type`.
    ///
    /// # Errors
    /// When it is none, repeats a parameter, or has more than eight.
    pub fn parse(text: &[u8]) -> Result<Self, NotAMediaType> {
        let mut rest = text.trim_ascii();
        let kind = token(&mut rest)?;
        let [b'/', tail @ ..] = rest else { return Err(NotAMediaType) };
        rest = tail;
        let essence = format!("{kind}/{}", token(&mut rest)?).to_ascii_lowercase();
        let mut parameters: Vec<(String, String)> = Vec::new();
        while let Some((name, value)) = parameter(&mut rest)? {
            let name = name.to_ascii_lowercase();
            if parameters.iter().any(|(earlier, _)| *earlier == name) || parameters.len() >= PARAMETERS_MAX {
                return Err(NotAMediaType);
            }
            parameters.push((name, value));
        }
        Ok(Self { essence, parameters })
    }

    /// Type and subtype: `application/json`.
    #[must_use]
    pub fn essence(&self) -> &str {
        &self.essence
    }

    /// The parameter of this name, which is in lower case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether its text is UTF-8: it says so, or says nothing.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        self.parameter("charset")
            .is_none_or(|charset| ["utf-8", "us-ascii"].iter().any(|utf8| charset.eq_ignore_ascii_case(utf8)))
    }
}

/// Which media types are meant: `application/json`, `image/*`, `*/*`, `application/*+json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRange {
    kind: String,
    subtype: Subtype,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Subtype {
    Any,
    Exact(String),
    Suffix(String),
}

impl MediaRange {
    /// Reads a range; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, subtype) = text.split_once('/')?;
        let named = |name: &str| {
            !name.is_empty()
                && name.bytes().all(is_token)
                && !name.contains('*')
                && !name.bytes().any(|byte| byte.is_ascii_uppercase())
        };
        let subtype = match (subtype, subtype.strip_prefix("*+")) {
            ("*", _) => Subtype::Any,
            (_, Some(suffix)) if named(suffix) => Subtype::Suffix(format!("+{suffix}")),
            (exact, None) if named(exact) => Subtype::Exact(exact.to_owned()),
            _ => return None,
        };
        let any = kind == "*" && subtype == Subtype::Any;
        (any || named(kind)).then(|| Self { kind: kind.to_owned(), subtype })
    }

    /// Whether `essence`, which is in lower case, is meant.
    #[must_use]
    pub fn covers(&self, essence: &str) -> bool {
        let Some((kind, subtype)) = essence.split_once('/') else { return false };
        let same_kind = self.kind == "*" || self.kind == kind;
        same_kind
            && match &self.subtype {
                Subtype::Any => true,
                Subtype::Exact(exact) => exact == subtype,
                Subtype::Suffix(suffix) => subtype.len() > suffix.len() && subtype.ends_with(suffix.as_str()),
            }
    }
}

/// `; name=value`, or `; name="value"`; `None` at the end. Blanks around the semicolon are allowed, around the equals sign not.
fn parameter(rest: &mut &[u8]) -> Result<Option<(String, String)>, NotAMediaType> {
    *rest = rest.trim_ascii_start();
    let tail = match rest {
        [] => return Ok(None),
        [b';', tail @ ..] => tail.trim_ascii_start(),
        _ => return Err(NotAMediaType),
    };
    *rest = tail;
    let name = token(rest)?;
    let [b'=', tail @ ..] = rest else { return Err(NotAMediaType) };
    *rest = tail;
    let value = if tail.starts_with(b"\"") { quoted(rest)? } else { token(rest)?.to_owned() };
    Ok(Some((name.to_owned(), value)))
}

/// A token at the beginning, taken off `rest`.
fn token<'a>(rest: &mut &'a [u8]) -> Result<&'a str, NotAMediaType> {
    let end = rest.iter().position(|byte| !is_token(*byte)).unwrap_or(rest.len());
    let (token, tail) = rest.split_at_checked(end).filter(|(token, _)| !token.is_empty()).ok_or(NotAMediaType)?;
    *rest = tail;
    str::from_utf8(token).map_err(|_| NotAMediaType)
}

/// A quoted string, taken off `rest`. One with a backslash is read in two ways.
fn quoted(rest: &mut &[u8]) -> Result<String, NotAMediaType> {
    let [b'"', inner @ ..] = rest else { return Err(NotAMediaType) };
    let end = inner.iter().position(|byte| *byte == b'"').ok_or(NotAMediaType)?;
    let (value, tail) = inner.split_at_checked(end).ok_or(NotAMediaType)?;
    if value.iter().any(|byte| *byte == b'\\' || !(byte.is_ascii_graphic() || *byte == b' ')) {
        return Err(NotAMediaType);
    }
    *rest = tail.get(1..).unwrap_or_default();
    String::from_utf8(value.to_vec()).map_err(|_| NotAMediaType)
}

/// RFC 9110 section 5.6.2.
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_type_and_parameters() {
        let parsed = MediaType::parse(b" Application/JSON ; Charset=UTF-8;x=\"a b\" ").unwrap();
        assert_eq!(parsed.essence(), "application/json");
        assert_eq!(
            (parsed.parameter("charset"), parsed.parameter("x"), parsed.parameter("y")),
            (Some("UTF-8"), Some("a b"), None)
        );
        assert!(parsed.is_utf8());
        assert!(!MediaType::parse(b"text/plain; charset=utf-16").unwrap().is_utf8());
    }

    #[test]
    fn refuses_what_is_none_or_has_two_readings() {
        for text in [
            "",
            "json",
            "application/",
            "/json",
            "application/json,text/plain",
            "application/json; charset",
            "a/b; =x",
            "a/b; c =d",
            "a/b; c= d",
            "a/b; c=\"",
            "a/b; c=\"x\\\"\"",
            "a/b; c=d; C=e",
            "a/b c/d",
            "a /b",
            "a/b;",
            "a/b; c=\"\u{1}\"",
            "ä/b",
        ] {
            assert_eq!(MediaType::parse(text.as_bytes()), Err(NotAMediaType), "{text}");
        }
        assert!(MediaType::parse(format!("a/b{}", (0..8).map(|n| format!(";p{n}=1")).collect::<String>()).as_bytes()).is_ok());
        assert!(MediaType::parse(format!("a/b{}", (0..9).map(|n| format!(";p{n}=1")).collect::<String>()).as_bytes()).is_err());
    }

    #[test]
    fn a_range_covers_what_it_says() {
        let covers = |range: &str, essence: &str| MediaRange::parse(range).unwrap().covers(essence);
        assert!(covers("application/json", "application/json") && !covers("application/json", "application/json5"));
        assert!(covers("image/*", "image/png") && !covers("image/*", "text/png"));
        assert!(covers("*/*", "a/b"));
        assert!(covers("application/*+json", "application/problem+json") && !covers("application/*+json", "application/json"));
        for range in ["", "*", "*/json", "a/", "a/*x", "A/b", "a/b; c=d", "a/*+"] {
            assert_eq!(MediaRange::parse(range), None, "{range}");
        }
    }
}
