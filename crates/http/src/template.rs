//! Path templates: `/orders/{id}`, `/static/{*rest}`.

use std::fmt;

use portcullis_config::{OnAmbiguous, Scalar, impl_scalar, quote};

use crate::{CanonicalPath, Captures, canonical};

/// The most segments of a template; it bounds how deep the rule index is.
const SEGMENTS_MAX: usize = 64;

/// A pattern of canonical paths.
///
/// `{name}` is one segment that is not empty. `{*name}`, at the end, is all that follows: `/api/{*rest}` covers `/api`, `/api/`
/// and all below. Everything else is literal, and written decoded (`/café`, not `/caf%C3%A9`). A trailing slash counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PathTemplate {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Segment {
    /// This text.
    Literal(String),
    /// One segment.
    Capture(String),
    /// All segments from here on. INVARIANT: the last of its template.
    Rest(String),
}

impl PathTemplate {
    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of its captures, in order.
    pub fn capture_names(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(Segment::capture_name)
    }

    /// Whether it covers `path`.
    #[must_use]
    pub fn matches(&self, path: &CanonicalPath<'_>) -> bool {
        self.walk(path.as_str(), |_, _| ()).is_some()
    }

    /// What its captures catch of `path`; `None` when it does not cover it.
    #[must_use]
    pub fn captures<'a>(&'a self, path: &'a CanonicalPath<'_>) -> Option<Captures<'a>> {
        let mut captures = Captures::default();
        self.walk(path.as_str(), |name, value| captures.push(name, value))?;
        Some(captures)
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    fn walk<'a>(&'a self, path: &'a str, mut capture: impl FnMut(&'a str, &'a str)) -> Option<()> {
        let mut rest = Some(path.strip_prefix('/')?);
        for segment in &self.segments {
            if let Segment::Rest(name) = segment {
                capture(name, rest.unwrap_or_default());
                return Some(());
            }
            let (found, after) = next_segment(rest?);
            match segment {
                Segment::Literal(text) if text == found => {}
                Segment::Capture(name) if !found.is_empty() => capture(name, found),
                _ => return None,
            }
            rest = after;
        }
        rest.is_none().then_some(())
    }
}

/// The first of the segments in `rest`, and those after it; `None` when it was the last.
pub(crate) fn next_segment(rest: &str) -> (&str, Option<&str>) {
    let end = rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len());
    let (segment, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
    (segment, after.strip_prefix('/'))
}

impl Segment {
    fn capture_name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Capture(name) | Self::Rest(name) => Some(name),
        }
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Scalar for PathTemplate {
    const EXPECTED: &'static str = "a path template such as \"/orders/{id}\" or \"/static/{*rest}\"";
    const PATTERN: &'static str = "^/";
    const NAME: &'static str = "PathTemplate";

    fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix('/') else { return Err(portcullis_config::expected::<Self>(text)) };
        let segments = segments(rest).map_err(|reason| format!("{reason} in {}", quote(text)))?;
        Ok(Self { text: text.to_owned(), segments })
    }
}

impl_scalar!(PathTemplate);

fn segments(text: &str) -> Result<Vec<Segment>, String> {
    let parts: Vec<&str> = text.split('/').collect();
    if parts.len() > SEGMENTS_MAX {
        return Err(format!("more than {SEGMENTS_MAX} segments"));
    }
    let mut segments: Vec<Segment> = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        let last = index + 1 == parts.len();
        let segment = segment(part, last)?;
        if let Some(name) = segment.capture_name()
            && segments.iter().any(|earlier| earlier.capture_name() == Some(name))
        {
            return Err(format!("duplicate capture `{name}`"));
        }
        segments.push(segment);
    }
    Ok(segments)
}

fn segment(part: &str, last: bool) -> Result<Segment, String> {
    let Some(inner) = part.strip_prefix('{') else { return literal(part, last).map(Segment::Literal) };
    let Some((name, after)) = inner.split_once('}') else { return Err("unclosed `{`".to_owned()) };
    if !after.is_empty() {
        return Err("a capture is a whole segment, found more after `}`".to_owned());
    }
    match name.strip_prefix('*') {
        Some(_) if !last => Err(format!("`{{{}}}` must come last, found more segments after it", name)),
        Some(name) => capture_name(name).map(Segment::Rest),
        None => capture_name(name).map(Segment::Capture),
    }
}

fn capture_name(name: &str) -> Result<String, String> {
    let first = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    match name.as_bytes() {
        [] => Err("a capture without a name".to_owned()),
        [head, tail @ ..] if first(*head) && tail.iter().all(|byte| first(*byte) || byte.is_ascii_digit()) => Ok(name.to_owned()),
        _ => Err("the name of a capture must be lower-case letters, digits and underscores".to_owned()),
    }
}

/// A literal must be able to occur in a canonical path: otherwise the rule would silently match nothing.
fn literal(part: &str, last: bool) -> Result<String, String> {
    let wrong = |reason: &str| Err(reason.to_owned());
    match part {
        "" if last => return Ok(String::new()),
        "" => return wrong("duplicate slash"),
        "." | ".." => return wrong("dot segment"),
        _ => {}
    }
    match part.chars().find(|c| c.is_control() || matches!(c, '{' | '}' | '*' | '?' | '#' | ';' | '\\')) {
        None => {}
        Some('{' | '}') => return wrong("a capture is a whole segment, found a brace within one"),
        Some('*') => return wrong("`*` is no wildcard; use `{name}` for one segment or `{*name}` for the rest,"),
        Some('?' | '#') => return wrong("a template has no query and no fragment, found `?` or `#`"),
        Some(';') => return wrong("no path has parameters, found `;`"),
        Some('\\') => return wrong("no path has a backslash, found one"),
        Some(_) => return wrong("control character"),
    }
    decoded_only(part)?;
    Ok(part.to_owned())
}

/// Refuses `%XX`, and says how to write what it means.
fn decoded_only(part: &str) -> Result<(), String> {
    let escaped =
        part.as_bytes().windows(3).any(|w| matches!(w, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()));
    if !escaped {
        return Ok(());
    }
    let raw = format!("/{}", part.replace(' ', "%20"));
    Err(match canonical(raw.as_bytes(), OnAmbiguous::Rewrite) {
        Ok(path) => format!("templates are matched on the decoded path; write {}, found an escape", quote(path.as_str())),
        Err(doubt) => format!("no path has this: {doubt}, found"),
    })
}

#[cfg(test)]
mod tests;
