//! Whether a value of one type fits where another is wanted. `dyn` fits everywhere: it is looked at when the expression runs.

use crate::Type;
use crate::signature::Shape;

/// What the letters of a signature stand for in one call.
#[derive(Debug, Default, Clone)]
pub(super) struct Bindings(Vec<(char, Type)>);

impl Bindings {
    /// Whether `actual` fits `shape`; a letter that is met twice with different types stands for `dyn`.
    pub(super) fn fit(&mut self, actual: &Type, shape: &Shape) -> bool {
        match (actual, shape) {
            (Type::Dyn, _) | (_, Shape::Is(Type::Dyn)) => true,
            (_, Shape::Any('N')) if !actual.is_number() => false,
            (_, Shape::Any(letter)) => {
                self.bind(*letter, actual);
                true
            }
            (_, Shape::Is(wanted)) => actual == wanted,
            (Type::List(element), Shape::List(shape)) | (Type::Optional(element), Shape::Optional(shape)) => {
                self.fit(element, shape)
            }
            (Type::Map(key, value), Shape::Map(key_shape, value_shape)) => {
                self.fit(key, key_shape) && self.fit(value, value_shape)
            }
            _ => false,
        }
    }

    fn bind(&mut self, letter: char, actual: &Type) {
        match self.0.iter_mut().find(|(known, _)| *known == letter) {
            Some((_, bound)) => *bound = join(bound, actual),
            None => self.0.push((letter, actual.clone())),
        }
    }

    /// `shape` with its letters replaced; `dyn` for one that was not met.
    pub(super) fn apply(&self, shape: &Shape) -> Type {
        match shape {
            Shape::Is(simple) => simple.clone(),
            Shape::Any(letter) => self.0.iter().find(|(known, _)| known == letter).map_or(Type::Dyn, |(_, bound)| bound.clone()),
            Shape::List(element) => Type::List(Box::new(self.apply(element))),
            Shape::Map(key, value) => Type::Map(Box::new(self.apply(key)), Box::new(self.apply(value))),
            Shape::Optional(value) => Type::Optional(Box::new(self.apply(value))),
        }
    }
}

/// The type of what may be either.
pub(super) fn join(left: &Type, right: &Type) -> Type {
    match (left, right) {
        _ if left == right => left.clone(),
        (Type::List(left), Type::List(right)) => Type::List(Box::new(join(left, right))),
        (Type::Map(left_key, left), Type::Map(right_key, right)) => {
            Type::Map(Box::new(join(left_key, right_key)), Box::new(join(left, right)))
        }
        (Type::Optional(left), Type::Optional(right)) => Type::Optional(Box::new(join(left, right))),
        _ => Type::Dyn,
    }
}

/// Whether a value of the type `actual` may be one of the type `wanted`, as far as is known before it runs.
pub(super) fn fits(actual: &Type, wanted: &Type) -> bool {
    match (actual, wanted) {
        (Type::Dyn, _) | (_, Type::Dyn) => true,
        (Type::List(actual), Type::List(wanted)) | (Type::Optional(actual), Type::Optional(wanted)) => fits(actual, wanted),
        (Type::Map(actual_key, actual), Type::Map(wanted_key, wanted)) => fits(actual_key, wanted_key) && fits(actual, wanted),
        _ => actual == wanted,
    }
}

/// Whether values of the two types can ever be equal.
pub(super) fn comparable(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Dyn, _) | (_, Type::Dyn) => true,
        (Type::List(left), Type::List(right)) | (Type::Optional(left), Type::Optional(right)) => comparable(left, right),
        (Type::Map(left_key, left), Type::Map(right_key, right)) => comparable(left_key, right_key) && comparable(left, right),
        _ => left == right || (left.is_number() && right.is_number()),
    }
}
