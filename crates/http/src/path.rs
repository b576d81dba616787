//! The one canonical path: what rules judge, and what the upstream must read as the same.

use std::borrow::Cow;
use std::fmt;

use portcullis_config::OnAmbiguous;

use self::rebuild::Rebuild;

mod rebuild;

/// Why two parties could read a path differently.
///
/// Out of scope, because the upstream alone knows: names that differ in case, and Unicode normal forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ambiguity {
    /// `\`, which many servers take for `/`; or `%5C`.
    Backslash,
    /// `%` without two hexadecimal digits.
    BadEscape,
    /// A control character, NUL included, raw or escaped.
    Control,
    /// `.` or `..`, raw or escaped.
    DotSegment,
    /// What is decoded would decode again: `%252e`.
    DoubleEncoding,
    /// An empty segment before the last one.
    DuplicateSlash,
    /// `%2F`: part of a name to one party, a separator to another.
    EncodedSlash,
    /// `#`, which no request target has.
    Fragment,
    /// No `/` at the start: empty, a whole URL, or an asterisk where none belongs.
    NotAbsolute,
    /// Not UTF-8 once decoded, overlong forms included.
    NotUtf8,
    /// `;`, after which some servers read on and others do not; or `%3B`, which some decode first.
    Parameters,
    /// A blank or a byte beyond ASCII that is not escaped: no URI has one (RFC 3986), and servers disagree about its charset.
    Unescaped,
}

impl Ambiguity {
    /// The stable name, for records and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backslash => "backslash",
            Self::BadEscape => "bad_escape",
            Self::Control => "control",
            Self::DotSegment => "dot_segment",
            Self::DoubleEncoding => "double_encoding",
            Self::DuplicateSlash => "duplicate_slash",
            Self::EncodedSlash => "encoded_slash",
            Self::Fragment => "fragment",
            Self::NotAbsolute => "not_absolute",
            Self::NotUtf8 => "not_utf8",
            Self::Parameters => "parameters",
            Self::Unescaped => "unescaped",
        }
    }
}

impl fmt::Display for Ambiguity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Backslash => "a backslash",
            Self::BadEscape => "a percent sign without two hexadecimal digits",
            Self::Control => "a control character",
            Self::DotSegment => "a dot segment",
            Self::DoubleEncoding => "an escape within an escape",
            Self::DuplicateSlash => "a duplicate slash",
            Self::EncodedSlash => "an escaped slash",
            Self::Fragment => "a fragment",
            Self::NotAbsolute => "no slash at the start",
            Self::NotUtf8 => "bytes that are not UTF-8",
            Self::Parameters => "path parameters",
            Self::Unescaped => "a character that must be escaped",
        })
    }
}

impl std::error::Error for Ambiguity {}

/// A path with one reading: it begins with a slash, is decoded once, and holds no query, no dot or empty segment (but for the
/// one after a trailing slash), no control character, no backslash, no semicolon and no `%XX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalPath<'a> {
    // INVARIANT: as the type's description says; only `canonical` makes one.
    decoded: Cow<'a, str>,
    rewritten: Option<String>,
}

impl CanonicalPath<'_> {
    /// The decoded path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.decoded
    }

    /// The names between the slashes; the last one is empty after a trailing slash.
    pub fn segments(&self) -> std::str::Split<'_, char> {
        self.decoded.strip_prefix('/').unwrap_or_default().split('/')
    }

    /// The `:path`, query included, that the upstream must get in place of the client's; `None` to leave it alone.
    #[must_use]
    pub fn rewritten(&self) -> Option<&str> {
        self.rewritten.as_deref()
    }
}

/// The canonical form of the `:path` in `raw`: query and fragment off, percent-decoded once.
///
/// With [`OnAmbiguous::Rewrite`], dot segments are resolved, duplicate slashes merged, backslashes turned (in this order, as Envoy
/// does), parameters and a fragment dropped, and raw blanks and non-ASCII escaped; [`CanonicalPath::rewritten`] is then what to
/// forward. No normal form is safe for the others, nor for `..` above the root: they are refused either way.
///
/// # Errors
/// When two parties could read the path differently.
pub fn canonical(raw: &[u8], on_ambiguous: OnAmbiguous) -> Result<CanonicalPath<'_>, Ambiguity> {
    let (target, fragment) = split_before(raw, b'#');
    let (path, query) = split_before(target, b'?');
    if fragment.is_empty() && is_plain(path) {
        let decoded = str::from_utf8(path).map_err(|_| Ambiguity::NotUtf8)?;
        return Ok(CanonicalPath { decoded: Cow::Borrowed(decoded), rewritten: None });
    }
    let mut rebuild = Rebuild::new(on_ambiguous, path.len());
    if !fragment.is_empty() {
        rebuild.mend(Ambiguity::Fragment)?;
    }
    rebuild.path(path)?;
    let (decoded, rewritten) = rebuild.finish(query)?;
    Ok(CanonicalPath { decoded: Cow::Owned(decoded), rewritten })
}

/// What is before the first `separator`, and the rest with it.
fn split_before(bytes: &[u8], separator: u8) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|byte| *byte == separator).unwrap_or(bytes.len());
    bytes.split_at_checked(at).unwrap_or((bytes, &[]))
}

/// Whether there is nothing to decode and nothing to doubt.
fn is_plain(path: &[u8]) -> bool {
    enum Segment {
        Empty,
        Dot,
        DotDot,
        Name,
    }
    let Some((b'/', rest)) = path.split_first() else { return false };
    let mut segment = Segment::Empty;
    for &byte in rest {
        segment = match (byte, segment) {
            (b'/', Segment::Name) => Segment::Empty,
            (b'/', _) => return false,
            (b'.', Segment::Empty) => Segment::Dot,
            (b'.', Segment::Dot) => Segment::DotDot,
            _ if is_harmless(byte) => Segment::Name,
            _ => return false,
        };
    }
    matches!(segment, Segment::Empty | Segment::Name)
}

const fn is_harmless(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'%' | b';' | b'\\' | b'#' | b'?')
}

#[cfg(test)]
mod tests;
