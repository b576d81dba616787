//! What is wrong with a form, and where.

use std::fmt;

/// Why a form was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused<R> {
    /// It is none, or more of one than the limits allow.
    Form(MultipartFault),
    /// A part is not what it may be.
    Part(R),
}

/// What is wrong, and after how many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MultipartFault {
    /// What is wrong.
    pub problem: MultipartProblem,
    /// The bytes before the place.
    pub at: u64,
}

/// What can be wrong with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultipartProblem {
    /// No boundary, or none that everybody reads alike.
    Boundary,
    /// Something before the first delimiter.
    Preamble,
    /// Something after a boundary that is neither a line end nor two hyphens.
    AfterBoundary,
    /// A boundary that is not at the beginning of a line.
    BareBoundary,
    /// Something after the last delimiter.
    Epilogue,
    /// The end before the last delimiter.
    Truncated,
    /// A header of a part that is none, is folded, or is one that forms do not have.
    Header,
    /// A `content-disposition` that is missing, repeated, or has two readings.
    Disposition,
    /// A name of a file with a path, or with a control character.
    FileName,
    /// A `content-type` of a part that is none.
    MediaType,
    /// A head of more bytes than allowed.
    HeadTooLong,
    /// More parts than allowed.
    TooManyParts,
    /// A part was refused before.
    Part,
}

impl MultipartProblem {
    /// Whether it may be a form, and is more of it than the limits allow.
    #[must_use]
    pub const fn is_limit(self) -> bool {
        matches!(self, Self::HeadTooLong | Self::TooManyParts)
    }
}

impl fmt::Display for MultipartProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boundary => "no boundary",
            Self::Preamble => "something before the first part",
            Self::AfterBoundary => "something after a boundary in its line",
            Self::BareBoundary => "a boundary within a line",
            Self::Epilogue => "something after the last part",
            Self::Truncated => "the end before the last boundary",
            Self::Header => "a header that no part of a form has",
            Self::Disposition => "a `content-disposition` with no one reading",
            Self::FileName => "a file name with a path or a control character",
            Self::MediaType => "a part whose `content-type` is none",
            Self::HeadTooLong => "a head that is too long",
            Self::TooManyParts => "too many parts",
            Self::Part => "a part that was refused",
        })
    }
}

impl fmt::Display for MultipartFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.problem, self.at)
    }
}

impl std::error::Error for MultipartFault {}
