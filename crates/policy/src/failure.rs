//! What a condition answers, and why an evaluation failed, without any value of the request.

use std::fmt::{self, Display};

use cel::ExecutionError;

use crate::Position;

/// What a condition answers of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It could not be told: that never allows, and never frees.
    Error(Failure),
}

/// Why an evaluation failed. Holds the policy's own text and no value of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The text of the smallest part of the expression that failed.
    pub expression: String,
    /// Where that part stands in the expression.
    pub position: Option<Position>,
    /// Why it failed.
    pub cause: Cause,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It names what the request does not have: an attribute, a header, a claim, a key.
    Absent,
    /// A header, query parameter or cookie came several times.
    Several,
    /// An attribute could not be read, and why.
    Unreadable(&'static str),
    /// A value has another type than the operator or function takes.
    Type,
    /// A list has no element of this index.
    OutOfRange,
    /// A number, a time or a duration is outside what its type can hold.
    Overflow,
    /// A division by zero.
    DivisionByZero,
    /// An argument that the function does not take: a string that is no number, no address, no expression.
    Argument,
    /// A value from the request, or one that was made of it, is larger than the bounds of `docs/reference/cost.md`.
    TooLarge,
    /// Anything else.
    Other,
}

impl Failure {
    /// Whether it failed for want of something that the request does not have, and for no other reason.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        self.cause == Cause::Absent
    }
}

impl Cause {
    /// The name that carries it through cel's errors, whose texts hold values.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Several => "@several",
            Self::Unreadable(_) => "@unreadable",
            Self::TooLarge => "@too_large",
            Self::Overflow => "@overflow",
            Self::OutOfRange => "@out_of_range",
            Self::Absent | Self::Type | Self::DivisionByZero | Self::Argument | Self::Other => "@type",
        }
    }

    /// The kind of one of cel's errors.
    pub(crate) fn of(error: &ExecutionError) -> Self {
        match error {
            ExecutionError::NoSuchKey(_) => Self::Absent,
            ExecutionError::NoSuchOverload(_)
            | ExecutionError::UnexpectedType { .. }
            | ExecutionError::ValuesNotComparable(..)
            | ExecutionError::UnsupportedBinaryOperator(..)
            | ExecutionError::UnsupportedKeyType(_)
            | ExecutionError::UnsupportedIndex(..) => Self::Type,
            ExecutionError::IndexOutOfBounds(_) => Self::OutOfRange,
            ExecutionError::Overflow(..) => Self::Overflow,
            ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => Self::DivisionByZero,
            ExecutionError::FunctionError { function, .. } => Self::of_function(function),
            _ => Self::Other,
        }
    }

    fn of_function(function: &str) -> Self {
        match function {
            "@several" => Self::Several,
            "@unreadable" => Self::Unreadable("not UTF-8"),
            "@too_large" => Self::TooLarge,
            "@overflow" => Self::Overflow,
            "@out_of_range" => Self::OutOfRange,
            "@type" => Self::Type,
            _ => Self::Argument,
        }
    }
}

impl Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("absent"),
            Self::Several => f.write_str("came several times"),
            Self::Unreadable(why) => write!(f, "unreadable: {why}"),
            Self::Type => f.write_str("wrong type"),
            Self::OutOfRange => f.write_str("index out of range"),
            Self::Overflow => f.write_str("out of the range of its type"),
            Self::DivisionByZero => f.write_str("division by zero"),
            Self::Argument => f.write_str("an argument that the function does not take"),
            Self::TooLarge => f.write_str("too large"),
            Self::Other => f.write_str("evaluation failed"),
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(at) => write!(f, "`{}` ({}:{}): {}", self.expression, at.line, at.column, self.cause),
            None => write!(f, "`{}`: {}", self.expression, self.cause),
        }
    }
}

impl std::error::Error for Failure {}
