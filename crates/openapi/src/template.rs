//! Path templates (OpenAPI 3.1 section 4.8.2) in our syntax, and how they are told apart.

use std::collections::BTreeMap;

use portcullis_http::PathTemplate;

use crate::node::{Node, Unreadable};

/// A path template.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// In our syntax, without a base path.
    pub(crate) text: String,
    /// Our name of each capture that is a whole segment, by the name in the document.
    pub(crate) captures: BTreeMap<String, String>,
    /// Segments of which captures are a part only.
    pub(crate) mixed: Vec<Mixed>,
    segments: Vec<Segment>,
}

/// A segment such as `{name}.{format}`.
#[derive(Debug, Clone)]
pub(crate) struct Mixed {
    /// Our name of the segment.
    pub(crate) capture: String,
    /// What it looks like, as a regular expression.
    pub(crate) pattern: String,
    /// The names in the document.
    pub(crate) names: Vec<String>,
}

/// From the most to the least specific.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Mixed,
    Capture,
}

impl Template {
    /// Reads the key of a path item, which stands at `node`.
    pub(crate) fn read(key: &str, node: &Node<'_>) -> Result<Self, Unreadable> {
        let wrong = |message: String| node.unreadable(format!("not a path template that can be matched: {message}"));
        let rest = key.strip_prefix('/').ok_or_else(|| wrong("expected `/` at its beginning".to_owned()))?;
        let mut template = Self { text: String::new(), captures: BTreeMap::new(), mixed: Vec::new(), segments: Vec::new() };
        for part in rest.split('/') {
            template.text.push('/');
            template.segment(part).ok_or_else(|| wrong("unmatched braces, or a broken escape".to_owned()))?;
        }
        template.text.parse::<PathTemplate>().map_err(|error| wrong(error.to_string()))?;
        Ok(template)
    }

    fn segment(&mut self, part: &str) -> Option<()> {
        let pieces = pieces(part)?;
        match pieces.as_slice() {
            [] => self.segments.push(Segment::Literal(String::new())),
            [Piece::Text(text)] => {
                let text = decoded(text).filter(|text| !text.contains('/'))?;
                self.text.push_str(&text);
                self.segments.push(Segment::Literal(text));
            }
            [Piece::Name(name)] => {
                let capture = self.capture(name);
                self.captures.insert((*name).to_owned(), capture);
                self.segments.push(Segment::Capture);
            }
            pieces => {
                let names: Vec<&str> = pieces.iter().filter_map(Piece::name).collect();
                let capture = self.capture(&names.join("_"));
                let pattern = pieces.iter().map(Piece::pattern).collect::<Option<String>>()?;
                let names = names.into_iter().map(str::to_owned).collect();
                self.mixed.push(Mixed { capture, pattern: format!("^{pattern}$"), names });
                self.segments.push(Segment::Mixed);
            }
        }
        Some(())
    }

    /// A capture's name is lower-case letters, digits and `_`: `petId` becomes `pet_id`.
    fn capture(&mut self, name: &str) -> String {
        let base = snake(name);
        let taken = |name: &str| {
            self.captures.values().any(|other| other == name) || self.mixed.iter().any(|mixed| mixed.capture == name)
        };
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let capture = std::iter::once(base.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(base);
        self.text.push_str(&format!("{{{capture}}}"));
        capture
    }

    /// Whether it matches what it says and no more: a segment that is not only a capture is matched as one.
    pub(crate) fn is_exact(&self) -> bool {
        self.mixed.is_empty()
    }

    /// Concrete segments come first (OpenAPI 3.1 section 4.8.8.2).
    pub(crate) fn order(&self) -> Vec<u8> {
        let rank = |segment: &Segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Mixed => 1,
            Segment::Capture => 2,
        };
        self.segments.iter().map(rank).collect()
    }

    /// Whether some path is for both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let fits = |(a, b): (&Segment, &Segment)| match (a, b) {
            (Segment::Literal(a), Segment::Literal(b)) => a == b,
            (Segment::Literal(text), _) | (_, Segment::Literal(text)) => !text.is_empty(),
            _ => true,
        };
        self.segments.len() == other.segments.len() && self.segments.iter().zip(&other.segments).all(fits)
    }
}

/// Text or a name in braces.
enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
}

impl<'t> Piece<'t> {
    fn name(&self) -> Option<&'t str> {
        match self {
            Self::Text(_) => None,
            Self::Name(name) => Some(name),
        }
    }

    fn pattern(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(literal(&decoded(text)?)),
            Self::Name(_) => Some(".+".to_owned()),
        }
    }
}

fn pieces(part: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = part;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('{') {
            let (name, after) = inner.split_once('}')?;
            (!name.is_empty() && !name.contains('{')).then(|| pieces.push(Piece::Name(name)))?;
            rest = after;
        } else {
            let (text, after) = rest.split_at_checked(rest.find('{').unwrap_or(rest.len()))?;
            (!text.contains('}')).then(|| pieces.push(Piece::Text(text)))?;
            rest = after;
        }
    }
    Some(pieces)
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && lower {
            snake.push('_');
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        snake.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    if snake.starts_with(|c: char| c.is_ascii_digit()) { format!("_{snake}") } else { snake }
}

/// A text as a regular expression of JSON Schema.
pub(crate) fn literal(text: &str) -> String {
    let special = |c: char| r"\.+*?()|[]{}^$/".contains(c);
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// Templates are matched on decoded paths.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                u8::try_from(digit(bytes.next())? * 16 + digit(bytes.next())?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn template(key: &str) -> Result<Template, Unreadable> {
        Template::read(key, &Node::root(&Value::Null))
    }

    #[test]
    fn templates_are_written_as_ours() {
        for (key, text) in [
            ("/", "/"),
            ("/users/{id}", "/users/{id}"),
            ("/users/{userId}/pets/{user-id}", "/users/{user_id}/pets/{user_id_2}"),
            ("/a%20b/{2nd}/", "/a b/{_2nd}/"),
            ("/{HTTPName}", "/{httpname}"),
            ("/files/{name}.{ext}", "/files/{name_ext}"),
        ] {
            assert_eq!(template(key).unwrap().text, text);
        }
        let mixed = template("/v{major}/{id}:activate").unwrap().mixed;
        let patterns: Vec<&str> = mixed.iter().map(|mixed| mixed.pattern.as_str()).collect();
        assert_eq!(patterns, ["^v.+$", "^.+:activate$"]);
    }

    #[test]
    fn what_no_path_matches_is_refused() {
        for key in ["users", "", "/{}", "/{a", "/a}", "/a//b", "/../a", "/a?b", "/a%2Fb", "/a%2", "/{a{b}}", "/a;b"] {
            assert!(template(key).is_err(), "{key}");
        }
    }

    #[test]
    fn concrete_ones_come_first() {
        let mut keys = ["/{a}/{b}", "/users/{id}", "/{a}/me", "/users/me", "/users/u-{id}"];
        keys.sort_by_key(|key| template(key).unwrap().order());
        assert_eq!(keys, ["/users/me", "/users/u-{id}", "/users/{id}", "/{a}/me", "/{a}/{b}"]);
    }

    #[test]
    fn templates_overlap_where_a_path_is_for_both() {
        for (a, b, overlaps) in [
            ("/users/me", "/users/{id}", true),
            ("/users/me", "/users/you", false),
            ("/users/", "/users/{id}", false),
            ("/users", "/users/{id}", false),
            ("/{a}/b", "/a/{b}", true),
        ] {
            assert_eq!(template(a).unwrap().overlaps(&template(b).unwrap()), overlaps, "{a} {b}");
        }
    }
}
