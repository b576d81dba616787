//! What a literal becomes once, when the expression is compiled.

use std::any::Any;
use std::collections::HashSet;

use cel::ExecutionError;
use cel::common::traits::Container;
use cel::common::types::{CelString, Type};
use cel::common::value::{StaticVal, Val};
use regex::Regex;

/// Implements [`Val`] for a type of our own that owns what it holds.
macro_rules! own_val {
    ($name:ident, $type:ident $(, $item:item)*) => {
        impl Val for $name {
            fn get_type(&self) -> &Type {
                &$type
            }

            fn cel_type() -> &'static Type {
                &$type
            }

            fn equals(&self, other: &dyn Val) -> bool {
                other.downcast_ref::<Self>().is_some_and(|other| self == other)
            }

            fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
            where
                Self: 'v,
            {
                Box::new(self.clone())
            }

            fn as_any(&self) -> Option<&dyn Any> {
                Some(self)
            }

            $($item)*
        }

        impl StaticVal for $name {}
    };
}

pub(crate) use own_val;

/// The type of [`Pattern`].
pub(crate) static PATTERN: Type = Type::new_unspecified_type("@pattern");

/// A compiled regular expression.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(pub(crate) Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

own_val!(Pattern, PATTERN);

static STRINGS: Type = Type::new_unspecified_type("@strings");

/// The strings of a list literal, for `in`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Strings(pub(crate) HashSet<String>);

own_val!(
    Strings,
    STRINGS,
    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }
);

impl Container for Strings {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(value.downcast_ref::<CelString>().is_some_and(|string| self.0.contains(string.inner())))
    }
}
