//! Every function and operator, in tables: the checks, the cost, the reference page and the completion data come from them.

mod conversions;
mod identity;
mod lists;
mod macros;
mod math;
mod network;
mod operators;
mod overload;
mod sets;
mod strings;
mod time;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use overload::{Overload, Shape};

/// A function or an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its name: `contains`, `math.greatest`; an operator as in the tree: `_+_`.
    pub name: &'static str,
    /// What it takes and gives: `string.contains(string) -> bool`. Single capitals stand for any type, `N` for any number.
    pub signatures: &'static [&'static str],
    /// What it does, in one line.
    pub doc: &'static str,
    /// Expressions and what they answer, as expressions; `error` where that is an error.
    pub examples: &'static [(&'static str, &'static str)],
    /// What it costs.
    pub work: Work,
}

/// How the cost of a call grows; the units are those of `docs/reference/cost.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Not at all.
    Fixed,
    /// With the text that it reads or makes.
    Text,
    /// With the text that a regular expression is matched against.
    Regex,
    /// With the elements of its lists, and their text.
    Elements,
    /// With the square of the elements: each is compared with each.
    Pairs,
}

/// Functions that belong together on the reference page.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// What is special about all of them; may be empty.
    pub doc: &'static str,
    /// The functions.
    pub functions: &'static [Function],
}

/// Every function and operator, in the order of the reference page.
pub const GROUPS: &[Group] = &[
    operators::GROUP,
    macros::GROUP,
    identity::GROUP,
    network::GROUP,
    network::URLS,
    strings::GROUP,
    strings::PATTERNS,
    lists::GROUP,
    sets::GROUP,
    math::GROUP,
    time::GROUP,
    conversions::GROUP,
    conversions::OPTIONALS,
    conversions::ENCODERS,
];

/// A function with its signatures, read.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) function: &'static Function,
    pub(crate) overloads: Vec<Overload>,
}

/// The function or operator of this name. Macros are none: the parser has replaced them.
pub(crate) fn entry(name: &str) -> Option<&'static Entry> {
    INDEX.get(name)
}

/// The names of all functions that can be called, macros included.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let all = GROUPS.iter().flat_map(|group| group.functions);
    all.map(|function| function.name).filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// The macro of this name.
pub(crate) fn macro_named(name: &str) -> Option<&'static Function> {
    macros::GROUP.functions.iter().find(|function| function.name == name)
}

static INDEX: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(|| {
    let callable = GROUPS.iter().filter(|group| group.title != macros::GROUP.title);
    callable
        .flat_map(|group| group.functions)
        .map(|function| {
            let overloads = function.signatures.iter().filter_map(|signature| Overload::read(signature)).collect();
            (function.name, Entry { function, overloads })
        })
        .collect()
});

/// A table of functions: `"name" Work: [signatures], "doc", [example => result];`.
macro_rules! functions {
    ($($name:literal $work:ident: [$($signature:literal),*], $doc:literal, [$($example:literal => $result:literal),*];)*) => {
        &[$($crate::signature::Function {
            name: $name,
            signatures: &[$($signature),*],
            doc: $doc,
            examples: &[$(($example, $result)),*],
            work: $crate::signature::Work::$work,
        }),*]
    };
}
use functions;

#[cfg(test)]
mod tests;
