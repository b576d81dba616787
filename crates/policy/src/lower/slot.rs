//! What a name of the form `@0` stands for.

use cel::common::value::Val;

use crate::Attribute;
use crate::values::view::Lookup;

/// What is looked up, or known already.
#[derive(Debug)]
pub(crate) enum Slot {
    /// Worked out when the expression was compiled.
    Constant(Box<dyn Val>),
    /// Read of the request.
    Path(Path),
}

/// Something of the request: where it starts, and the names that lead on from there.
#[derive(Debug)]
pub(crate) struct Path {
    /// Where it starts.
    pub(crate) origin: Origin,
    /// The names that lead on.
    pub(crate) names: Vec<String>,
    /// From which step on absence is `optional.none()`: 0 is the start, 1 the first name.
    pub(crate) optional_from: Option<usize>,
    /// What is wanted.
    pub(crate) reading: Reading,
}

/// Where a path starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// At what the path template of the rule captured.
    Params,
    /// At another attribute.
    Attribute(Attribute),
    /// At a name beside the attributes.
    Variable(String),
}

/// What is wanted of the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The value, as a built-in one.
    Value,
    /// Whether it is there.
    Has,
    /// Something to go through or to count.
    View,
    /// Something to ask whether it has an element or a name.
    Members,
    /// Something to look up a name in: maps as they lie, anything else as a built-in value.
    Map,
    /// The same, with other values for a name than its only one.
    Fields(Lookup),
}
