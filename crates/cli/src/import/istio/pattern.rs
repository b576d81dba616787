//! Istio's string matches: `abc`, `abc*`, `*abc` and `*`.

use super::cel::Cel;
use super::resource::At;

/// One of them. A further `*` is a character like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern<'v> {
    /// `*`: whatever is there.
    Present,
    Suffix(&'v str),
    Prefix(&'v str),
    Exact(&'v str),
}

impl<'v> From<&'v str> for Pattern<'v> {
    fn from(text: &'v str) -> Self {
        match (text, text.strip_prefix('*'), text.strip_suffix('*')) {
            ("*", ..) => Self::Present,
            (_, Some(suffix), _) => Self::Suffix(suffix),
            (_, None, Some(prefix)) => Self::Prefix(prefix),
            _ => Self::Exact(text),
        }
    }
}

impl<'v> Pattern<'v> {
    /// The pattern, and a word where it is not what people take it for.
    pub(super) fn of(text: &'v str, at: &At<'_>) -> Self {
        let pattern = Self::from(text);
        if pattern.literal().contains('*') {
            at.note(
                "only one `*`, at the start or at the end, is a wildcard to Istio; another one is a character like any other",
            );
        }
        pattern
    }

    /// What stands beside the wildcard.
    pub(super) const fn literal(self) -> &'v str {
        match self {
            Self::Present => "",
            Self::Suffix(text) | Self::Prefix(text) | Self::Exact(text) => text,
        }
    }
}

/// That the text `subject` is one of `patterns`; `present` is what is asked for `*`.
pub(super) fn matching(subject: &str, patterns: &[Pattern<'_>], present: &Cel) -> Cel {
    let exact = patterns.iter().filter_map(|pattern| match pattern {
        Pattern::Exact(text) => Some(literal(text)),
        _ => None,
    });
    let others = patterns.iter().filter_map(|pattern| match pattern {
        Pattern::Exact(_) => None,
        Pattern::Present => Some(present.clone()),
        Pattern::Prefix(text) => Some(Cel::Call(format!("{subject}.startsWith({})", literal(text)))),
        Pattern::Suffix(text) => Some(Cel::Call(format!("{subject}.endsWith({})", literal(text)))),
    });
    Cel::any([Cel::one_of(subject, exact.collect())].into_iter().chain(others))
}

/// That `subject` is not empty.
pub(super) fn not_empty(subject: &str) -> Cel {
    Cel::Equals(subject.to_owned(), "\"\"".to_owned()).not()
}

/// `text` as a literal.
pub(super) fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// That `regex` is found in `subject`.
pub(super) fn found(subject: &str, regex: &str) -> Cel {
    let pattern = if regex.contains(['"', '\n']) { literal(regex) } else { format!("r\"{regex}\"") };
    Cel::Call(format!("{subject}.matches({pattern})"))
}

/// `text` as it stands in a regular expression.
pub(super) fn escaped(text: &str) -> String {
    let special = |c: char| {
        c.is_ascii_punctuation()
            && !matches!(c, '/' | '-' | '_' | '"' | '\'' | ',' | ':' | ';' | '=' | '@' | '<' | '>' | '!' | '%' | '`')
    };
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wildcard_counts() {
        assert_eq!(Pattern::from("*"), Pattern::Present);
        assert_eq!(Pattern::from("*a"), Pattern::Suffix("a"));
        assert_eq!(Pattern::from("a*"), Pattern::Prefix("a"));
        assert_eq!(Pattern::from("*a*"), Pattern::Suffix("a*"));
        assert_eq!(Pattern::from("a*b"), Pattern::Exact("a*b"));
        assert_eq!(Pattern::from("**"), Pattern::Suffix("*"));
    }

    #[test]
    fn what_means_something_in_a_regular_expression_is_escaped() {
        assert_eq!(escaped("a.b-c_d/e+(f)[g]{h}|^$*?\\"), r"a\.b-c_d/e\+\(f\)\[g\]\{h\}\|\^\$\*\?\\");
    }
}
