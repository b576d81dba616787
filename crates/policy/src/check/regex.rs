//! Regular expressions in literals.

use regex::{Error, Regex, RegexBuilder};

use crate::bounds::PATTERN_SIZE_MAX;

/// How deep its groups may be.
const NESTING_MAX: u32 = 32;

/// Compiles `text`.
///
/// # Errors
/// Why it is no pattern, in a few words.
pub(crate) fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .size_limit(PATTERN_SIZE_MAX)
        .dfa_size_limit(PATTERN_SIZE_MAX)
        .nest_limit(NESTING_MAX)
        .build()
        .map_err(reason)
}

/// The regex crate draws a picture of the pattern and says what is wrong on the last line.
fn reason(error: Error) -> String {
    match error {
        Error::CompiledTooBig(_) => "it is too large when compiled; repeat less".to_owned(),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default().trim();
            last.strip_prefix("error: ").unwrap_or(last).to_owned()
        }
    }
}
