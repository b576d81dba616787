//! What is wrong with a JSON text, and where.

use std::fmt;

/// What is wrong, and after how many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonFault {
    /// What is wrong.
    pub problem: JsonProblem,
    /// The bytes before the place.
    pub at: u64,
}

/// What can be wrong with a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonProblem {
    /// A byte that cannot stand where it does.
    Unexpected,
    /// Something after the one value.
    Trailing,
    /// The text ends before its value does.
    Truncated,
    /// A byte order mark.
    ByteOrderMark,
    /// A control character within a string.
    ControlCharacter,
    /// A backslash before what is no escape.
    Escape,
    /// Half a surrogate pair.
    LoneSurrogate,
    /// A string that is not UTF-8.
    Utf8,
    /// A number that is none.
    Number,
    /// The same key twice in one object.
    RepeatedKey,
    /// Nested more deeply than allowed.
    TooDeep,
    /// An object of more entries than allowed.
    TooManyEntries,
    /// An array of more elements than allowed.
    TooManyElements,
    /// More values than allowed.
    TooManyValues,
    /// A key of more bytes than allowed.
    KeyTooLong,
    /// A string of more bytes than allowed.
    StringTooLong,
    /// A number of more bytes than allowed.
    NumberTooLong,
}

impl JsonProblem {
    /// Whether the text may be JSON, and is more of it than the limits allow.
    #[must_use]
    pub const fn is_limit(self) -> bool {
        matches!(
            self,
            Self::TooDeep
                | Self::TooManyEntries
                | Self::TooManyElements
                | Self::TooManyValues
                | Self::KeyTooLong
                | Self::StringTooLong
                | Self::NumberTooLong
        )
    }

    /// In words that hold nothing of the text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Unexpected => "a byte that cannot stand there",
            Self::Trailing => "something after the value",
            Self::Truncated => "the end before the value's",
            Self::ByteOrderMark => "a byte order mark",
            Self::ControlCharacter => "a control character in a string",
            Self::Escape => "an escape that is none",
            Self::LoneSurrogate => "half a surrogate pair",
            Self::Utf8 => "a string that is not UTF-8",
            Self::Number => "a number that is none",
            Self::RepeatedKey => "a repeated key",
            Self::TooDeep => "nested too deeply",
            Self::TooManyEntries => "too many entries in an object",
            Self::TooManyElements => "too many elements in an array",
            Self::TooManyValues => "too many values",
            Self::KeyTooLong => "a key that is too long",
            Self::StringTooLong => "a string that is too long",
            Self::NumberTooLong => "a number that is too long",
        }
    }
}

impl fmt::Display for JsonProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.problem, self.at)
    }
}

impl std::error::Error for JsonFault {}
