//! Patterns of the operator's.

use std::fmt;

use regex::bytes::{Regex, RegexBuilder};

/// How large a pattern may become when it is compiled.
const SIZE_MAX: usize = 1 << 20;

/// How far what it matches may reach at most.
const REACH_MAX: usize = 1 << 10;

/// A pattern, and how long at most what it matches is.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
    reach: usize,
}

/// It is no pattern that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAPattern(String);

impl fmt::Display for NotAPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAPattern {}

impl Pattern {
    /// Compiles `text`, whose matches are at most `reach` bytes long.
    ///
    /// # Errors
    /// When it is no regular expression, is too large, or matches nothing at all.
    pub fn new(text: &str, reach: usize) -> Result<Self, NotAPattern> {
        if !(1..=REACH_MAX).contains(&reach) {
            return Err(NotAPattern(format!("expected 1 to {REACH_MAX}")));
        }
        let compiled = RegexBuilder::new(text).size_limit(SIZE_MAX).dfa_size_limit(SIZE_MAX).build();
        let regex = compiled.map_err(|_| NotAPattern("no regular expression, or too large".to_owned()))?;
        if regex.is_match(b"") {
            return Err(NotAPattern("it matches nothing at all".to_owned()));
        }
        Ok(Self { regex, reach })
    }

    pub(crate) const fn reach(&self) -> usize {
        self.reach
    }

    /// The first match from `from` on.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let found = self.regex.find_at(text, from)?;
        Some((found.start(), found.end()))
    }
}
