//! What one evaluation may hold. Over a bound is an error, never a shorter value: a shortened one would compare as another.

/// The longest text or bytes that an expression reads of a request's head: a header's value, a path, an address.
pub(crate) const TEXT_MAX: usize = 8 * 1024;

/// The longest text that it reads of a JSON document.
pub(crate) const JSON_TEXT_MAX: usize = 64 * 1024;

/// The most elements or entries of a list or map that it reads.
pub(crate) const LIST_MAX: usize = 1_000;

/// The most header lines, query parameters or cookies that it counts or goes through; one is found among any number.
pub(crate) const FIELDS_MAX: usize = 100;

/// The most elements of a list that it makes.
pub(crate) const MADE_LIST_MAX: usize = 10_000;

/// The largest value that an expression makes, in bytes: by `+`, `replace`, `join`, `format`.
pub(crate) const MADE_MAX: usize = 256 * 1024;

/// The most elements that `lists.range` makes.
pub(crate) const RANGE_MAX: i64 = 1_000;

/// The longest list that the functions take whose cost grows with its square: `distinct`, `sets.*`.
pub(crate) const SQUARE_MAX: usize = 1_000;

/// The most memory that one compiled pattern may take, in bytes.
pub(crate) const PATTERN_SIZE_MAX: usize = 640 << 10;

/// The same for a pattern that is not a literal: it is compiled at each evaluation.
pub(crate) const DYNAMIC_PATTERN_SIZE_MAX: usize = 1 << 16;

/// The largest program of such a pattern, see [`crate::check::program_size`]: its cost is reckoned with that.
pub(crate) const DYNAMIC_PROGRAM_MAX: usize = 1 << 14;
