//! Path templates: `{*}` is one segment, `{**}` any number of them.

use super::super::cel::Cel;
use super::super::pattern::{escaped, found, literal};
use super::spelling;

/// A path with wildcards. INVARIANT: at most one `{**}`, and no `{*}` after it, as Envoy has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal {
        raw: String,
        decoded: String,
    },
    /// `{*}`, and what follows it in the last segment.
    One {
        ending: String,
    },
    /// `{**}`, likewise.
    Rest {
        ending: String,
    },
}

/// A path that a template matches because its `{**}` may be empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Empty {
    /// As the client sends it.
    pub(super) received: String,
    /// As the upstream gets it.
    pub(super) forwarded: String,
}

const RAW_PATH: &str = "request.url_path";

impl Template {
    /// What `text` says.
    ///
    /// # Errors
    /// When Istio would not take it, or no path can be like it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix('/') else { return Err("a path begins with a slash".to_owned()) };
        let parts: Vec<&str> = rest.split('/').collect();
        let last = parts.len() - 1;
        let segments: Vec<Segment> =
            parts.iter().enumerate().map(|(index, part)| segment(part, index == last)).collect::<Result<_, _>>()?;
        let after_rest = segments.iter().skip_while(|segment| !segment.is_rest()).skip(1);
        if after_rest.into_iter().any(|segment| !matches!(segment, Segment::Literal { .. })) {
            return Err("`{**}` is the last wildcard of a template".to_owned());
        }
        Ok(Self { segments })
    }

    /// `/a/{**}` is what begins with `/a/`.
    pub(super) fn as_prefix(&self) -> Option<String> {
        let (Segment::Rest { ending }, before) = self.segments.split_last()? else { return None };
        let literals = before.iter().map(|segment| match segment {
            Segment::Literal { decoded, .. } => Some(format!("/{decoded}")),
            _ => None,
        });
        let start: String = literals.collect::<Option<_>>()?;
        ending.is_empty().then(|| format!("{start}/"))
    }

    /// The same in our templates, where every wildcard is a whole segment.
    pub(super) fn as_match(&self) -> Option<String> {
        let one = |(number, segment): (usize, &Segment)| match segment {
            Segment::Literal { decoded, .. } => Some(format!("/{decoded}")).filter(|text| !text.contains(['{', '}'])),
            Segment::One { ending } => ending.is_empty().then(|| format!("/{{segment{}}}", number + 1)),
            Segment::Rest { .. } => None,
        };
        self.segments.iter().enumerate().map(one).collect()
    }

    /// The path that it matches although nothing stands for its `{**}`, where that has a duplicate slash.
    pub(super) fn empty_rest(&self) -> Option<Empty> {
        let at = self.segments.iter().position(Segment::is_rest).filter(|at| at + 1 < self.segments.len())?;
        let shown = |segment: &Segment| match segment {
            Segment::Literal { raw, .. } => format!("/{raw}"),
            Segment::One { ending } => format!("/x{ending}"),
            Segment::Rest { .. } => "/".to_owned(),
        };
        let forwarded = self.segments.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, segment)| shown(segment));
        Some(Empty { received: self.segments.iter().map(shown).collect(), forwarded: forwarded.collect() })
    }

    /// That `path`, the canonical one, is like it.
    pub(super) fn condition(&self, path: &str) -> Cel {
        let whole = found(path, &format!("^{}$", self.regex()));
        let Some(at) = self.segments.iter().position(Segment::is_rest).filter(|at| at + 1 < self.segments.len()) else {
            return whole;
        };
        // The slashes have been merged: only the raw path tells that there were two.
        let judged = self.segments.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, segment)| segment);
        let empty = [is(path, judged, false), is(RAW_PATH, self.segments.iter(), true)];
        Cel::any([whole, Cel::all(empty)])
    }

    fn regex(&self) -> String {
        let last = self.segments.len() - 1;
        let one = |(index, segment): (usize, &Segment)| match segment {
            Segment::Literal { decoded, .. } => format!("/{}", escaped(decoded)),
            Segment::One { ending } => format!("/[^/]+{}", escaped(ending)),
            Segment::Rest { ending } if index == last => format!("/.*{}", escaped(ending)),
            Segment::Rest { .. } => "/.+".to_owned(),
        };
        self.segments.iter().enumerate().map(one).collect()
    }
}

/// That `subject` consists of these segments, of which a `{**}` is empty.
fn is<'s>(subject: &str, segments: impl Iterator<Item = &'s Segment> + Clone, raw: bool) -> Cel {
    let text = |segment: &'s Segment| match segment {
        Segment::Literal { raw: text, .. } if raw => Some(text.as_str()),
        Segment::Literal { decoded, .. } => Some(decoded.as_str()),
        Segment::Rest { .. } => Some(""),
        Segment::One { .. } => None,
    };
    if let Some(texts) = segments.clone().map(text).collect::<Option<Vec<_>>>() {
        return Cel::Equals(subject.to_owned(), literal(&format!("/{}", texts.join("/"))));
    }
    let one = |segment| text(segment).map_or_else(|| "/[^/]+".to_owned(), |text| format!("/{}", escaped(text)));
    found(subject, &format!("^{}$", segments.map(one).collect::<String>()))
}

fn segment(part: &str, last: bool) -> Result<Segment, String> {
    let wildcard =
        part.strip_prefix("{**}").map(|ending| (ending, true)).or(part.strip_prefix("{*}").map(|ending| (ending, false)));
    let ending = wildcard.map_or(part, |(ending, _)| ending);
    if ending.contains(['{', '}', '*']) {
        return Err("`{*}` and `{**}` are whole segments, and there are no other wildcards in a template".to_owned());
    }
    match wildcard {
        None => Ok(Segment::Literal { raw: part.to_owned(), decoded: decoded(part, last)? }),
        Some((ending, _)) if !ending.is_empty() && !last => Err("only the last wildcard may have more in its segment".to_owned()),
        Some((ending, rest)) => {
            let ending = spelling::suffix(ending)?;
            Ok(if rest { Segment::Rest { ending } } else { Segment::One { ending } })
        }
    }
}

/// Only the last segment may be empty.
fn decoded(part: &str, last: bool) -> Result<String, String> {
    match part {
        "" if last => Ok(String::new()),
        "" => Err("no request that passes has such a path: a duplicate slash".to_owned()),
        part => spelling::segment(part),
    }
}

impl Segment {
    const fn is_rest(&self) -> bool {
        matches!(self, Self::Rest { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(text: &str) -> String {
        Template::parse(text).unwrap().condition("p").to_string()
    }

    #[test]
    fn a_template_is_a_regular_expression() {
        assert_eq!(condition("/a/{*}"), "p.matches(r\"^/a/[^/]+$\")");
        assert_eq!(condition("/a.b/{*}/c/{**}"), "p.matches(r\"^/a\\.b/[^/]+/c/.*$\")");
        assert_eq!(condition("/a/{*}.txt"), "p.matches(r\"^/a/[^/]+\\.txt$\")");
        assert_eq!(condition("/a/{**}.txt"), "p.matches(r\"^/a/.*\\.txt$\")");
    }

    #[test]
    fn an_empty_rest_is_seen_in_the_raw_path_alone() {
        let raw = "request.url_path";
        assert_eq!(condition("/a/{**}/b"), format!("p.matches(r\"^/a/.+/b$\") || (p == \"/a/b\" && {raw} == \"/a//b\")"));
        assert_eq!(
            condition("/{*}/a/{**}/b"),
            format!("p.matches(r\"^/[^/]+/a/.+/b$\") || (p.matches(r\"^/[^/]+/a/b$\") && {raw}.matches(r\"^/[^/]+/a//b$\"))")
        );
        assert_eq!(condition("/{**}/"), format!("p.matches(r\"^/.+/$\") || (p == \"/\" && {raw} == \"//\")"));
    }

    #[test]
    fn a_template_of_whole_segments_is_one_of_ours() {
        let as_match = |text| Template::parse(text).unwrap().as_match();
        assert_eq!(as_match("/a/{*}/b/{*}").as_deref(), Some("/a/{segment2}/b/{segment4}"));
        assert_eq!(as_match("/a/{*}/").as_deref(), Some("/a/{segment2}/"));
        assert_eq!(as_match("/a/{*}.txt"), None);
        assert_eq!(as_match("/a/{**}"), None);
        assert_eq!(Template::parse("/a/b/{**}").unwrap().as_prefix().as_deref(), Some("/a/b/"));
        assert_eq!(Template::parse("/{*}/{**}").unwrap().as_prefix(), None);
    }

    #[test]
    fn what_envoy_does_not_take_is_refused() {
        for text in
            ["a/{*}", "/{**}/{*}", "/{**}/{**}", "/a{*}", "/{*}b/c", "/{*}/b*", "/{a}/{*}", "/{*}//b", "/a/../{*}", "/{*}/a%2fb"]
        {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
