//! What was found, and where.

use portcullis_policy::Position;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// A proxy refuses the configuration.
    Error,
    /// It is accepted, and probably not what was meant.
    Warning,
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// The file is no configuration of any plugin.
    Document,
    /// The plugin refuses the configuration.
    Configuration,
    /// An expression is wrong.
    Expression,
    /// An expression is right and suspicious.
    Suspicious,
    /// An environment variable could not be looked at.
    Environment,
}

/// One thing that was found.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) rule: Rule,
    pub(crate) file: String,
    /// The field, in the file's own terms; empty for the document itself.
    pub(crate) path: String,
    /// Where it stands in the file.
    pub(crate) at: Position,
    /// Where it stands in the expression, if it is one.
    pub(crate) in_expression: Option<Position>,
    /// One line.
    pub(crate) message: String,
    /// The line of the expression and a mark below the place.
    pub(crate) excerpt: Vec<String>,
}

/// What a plugin says of a configuration, without the place in the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    pub(crate) path: String,
    pub(crate) in_expression: Option<Position>,
    pub(crate) message: String,
    pub(crate) excerpt: Vec<String>,
}

impl Rule {
    pub(crate) const ALL: [Self; 5] =
        [Self::Document, Self::Configuration, Self::Expression, Self::Suspicious, Self::Environment];

    /// The stable name.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Configuration => "configuration",
            Self::Expression => "expression",
            Self::Suspicious => "suspicious-expression",
            Self::Environment => "environment-variable",
        }
    }

    /// What it is about.
    pub(crate) const fn about(self) -> &'static str {
        match self {
            Self::Document => "The file is no plugin configuration.",
            Self::Configuration => "The plugin refuses the configuration.",
            Self::Expression => "An expression is wrong: the plugin refuses the configuration.",
            Self::Suspicious => "An expression never holds, or reads what may be absent where that denies.",
            Self::Environment => "An environment variable is not set here, so that what it holds is not checked.",
        }
    }

    pub(crate) const fn level(self) -> Level {
        match self {
            Self::Document | Self::Configuration | Self::Expression => Level::Error,
            Self::Suspicious | Self::Environment => Level::Warning,
        }
    }
}

impl Level {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Finding {
    pub(crate) const fn level(&self) -> Level {
        self.rule.level()
    }
}

impl Remark {
    /// A remark of our own about the field `path`.
    pub(crate) fn about(path: &str, message: String) -> Self {
        Self { path: path.to_owned(), in_expression: None, message, excerpt: Vec::new() }
    }

    /// The remarks of an error: a line each, `path: message`, and what is indented below it.
    pub(crate) fn all(text: &str) -> Vec<Self> {
        let mut remarks: Vec<Self> = Vec::new();
        for line in text.lines() {
            match remarks.last_mut() {
                Some(last) if line.starts_with("  ") => last.excerpt.push(line.to_owned()),
                _ => remarks.push(Self::of(line)),
            }
        }
        remarks
    }

    fn of(line: &str) -> Self {
        let (path, message) = path_length(line).and_then(|length| line.split_at_checked(length)).unwrap_or(("", line));
        let (path, in_expression) = place(path).map_or((path, None), |(path, at)| (path, Some(at)));
        let message = if path.is_empty() { message } else { message.trim_start_matches(": ") };
        Self { path: path.to_owned(), in_expression, message: message.to_owned(), excerpt: Vec::new() }
    }
}

/// How long the path at the start of `line` is, which ends at `: `. Its words are plain; quoted keys may hold anything.
fn path_length(line: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (index, character) in line.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' | '`' => quoted = !quoted,
            _ if quoted => {}
            ':' if line.get(index..)?.starts_with(": ") => return Some(index).filter(|index| *index > 0),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.' | '[' | ']' | ':' => {}
            _ => return None,
        }
    }
    None
}

/// `condition:1:9` as the field and the place.
fn place(path: &str) -> Option<(&str, Position)> {
    let mut parts = path.rsplitn(3, ':');
    let (column, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((parts.next()?, Position { line, column }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_taken_apart_into_remarks() {
        let text = "policies[0].condition:1:9: unknown field\n  | a\n  | ^\nproviders[\"a: b\"].issuer: expected a text\nno object at all";
        let [expression, field, document] = Remark::all(text).try_into().unwrap();
        assert_eq!((expression.path.as_str(), expression.message.as_str()), ("policies[0].condition", "unknown field"));
        assert_eq!(expression.in_expression, Some(Position { line: 1, column: 9 }));
        assert_eq!(expression.excerpt, ["  | a", "  | ^"]);
        assert_eq!((field.path.as_str(), field.message.as_str()), ("providers[\"a: b\"].issuer", "expected a text"));
        assert_eq!((document.path.as_str(), document.message.as_str()), ("", "no object at all"));
    }
}
