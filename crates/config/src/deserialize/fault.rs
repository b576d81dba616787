//! Errors of deserialising, in the words of somebody who writes JSON.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};

use crate::ConfigError;
use crate::error::join;
use crate::nearest::nearest;
use crate::scalar::one_line;

/// What is wrong below the value that is being read.
#[derive(Debug)]
pub(crate) struct Fault {
    path: String,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    UnknownField { found: String, valid: &'static [&'static str] },
    Other(String),
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { path: String::new(), problem: Problem::Other(message.into()) }
    }

    pub(super) fn within(mut self, segment: &str) -> Self {
        self.path = join(segment, &self.path);
        self
    }

    /// The error for people; `more` names the fields that are valid at the top besides those of the type that was read.
    pub(crate) fn into_config_error(self, more: &[&'static str]) -> ConfigError {
        let message = match self.problem {
            Problem::UnknownField { found, valid } => {
                let more = if self.path.is_empty() { more } else { &[] };
                unknown_field(&found, &[valid, more].concat())
            }
            Problem::Other(message) => message,
        };
        ConfigError::at(self.path, message)
    }
}

fn unknown_field(found: &str, valid: &[&'static str]) -> String {
    let hint = match nearest(found, valid.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None if valid.is_empty() => "no field is expected here".to_owned(),
        None => format!("expected {}", one_of(valid)),
    };
    format!("unknown field `{}`; {hint}", one_line(found))
}

/// `a`, `b` or `c`
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.path, self.problem)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}, found {}", in_json(expected), kind_of_unexpected(&found)))
    }

    /// Says nothing of the value: it may be secret.
    fn invalid_value(_found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}", in_json(expected)))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {}, found {length} of them", in_json(expected)))
    }

    /// Repeats only a word that is nearly right: any other may be a secret in the wrong place.
    fn unknown_variant(found: &str, valid: &'static [&'static str]) -> Self {
        Self::new(match nearest(found, valid.iter().copied()) {
            Some(word) => format!("unknown word `{}`; did you mean `{word}`?", one_line(found)),
            None => format!("expected {}", one_of(valid)),
        })
    }

    fn unknown_field(found: &str, valid: &'static [&'static str]) -> Self {
        Self { path: String::new(), problem: Problem::UnknownField { found: found.to_owned(), valid } }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("missing field `{field}`"))
    }
}

/// The phrases of serde's own visitors, in words that a reader of JSON knows.
fn in_json(expected: &dyn Expected) -> String {
    let phrase = expected.to_string();
    match phrase.as_str() {
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        "unit" => "null".to_owned(),
        "a character" => "a single character".to_owned(),
        _ if phrase.starts_with("a nonzero ") => "a whole number of at least 1".to_owned(),
        _ => phrase,
    }
}

fn kind_of_unexpected(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(true) => "true",
        Unexpected::Bool(false) => "false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) | Unexpected::Bytes(_) => "a string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        _ => "an object",
    }
}
