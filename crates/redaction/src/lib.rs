//! Takes out of a text what nobody should see: numbers of payment cards, keys, what a pattern matches. The text comes in pieces; what
//! comes out does not depend on how it was cut, and held back is only what may still become something to take out.

mod card;
mod key;
mod pattern;
mod redactor;
mod syntax;

pub use pattern::{NotAPattern, Pattern};
pub use redactor::{Redaction, Redactor};

/// What stands in the place of what was taken out, in text and within strings of JSON.
pub const MARK: &[u8] = b"[redacted]";

/// What stands in the place of a number of JSON.
pub const NUMBER_MARK: &[u8] = b"null";

/// What was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The number of a payment card.
    Card,
    /// A key or a token.
    Key,
    /// What the pattern at this place matches.
    Pattern(usize),
}

/// Something to take out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    start: usize,
    end: usize,
    kind: Kind,
}

#[cfg(test)]
mod tests;
