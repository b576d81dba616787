//! A map or list of the request as it lies there: what is looked up is converted, the rest is not.
//!
//! A view stands only where it is looked into (`x[k]`, `k in x`, `size(x)`, a comprehension's range): equality is between
//! built-in values, which [`to_cel`] makes.

use std::sync::OnceLock;

use cel::ExecutionError;
use cel::common::traits::{self, Container, Indexer, Iterable, Sizer};
use cel::common::types::{CelInt, CelString, LIST_TYPE, MAP_TYPE, Type};
use cel::common::value::{CowVal, Val};
use serde_json::Value as Json;

use crate::Value;
use crate::bounds::{JSON_TEXT_MAX, TEXT_MAX};
use crate::facts::Params;
use crate::failure::Cause;
use crate::values::to_cel::{self, Boxed, Miss, to_cel};

/// What a view is of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Node<'v> {
    /// A value of ours.
    Value(&'v Value<'v>),
    /// A part of a JSON document.
    Json(&'v Json),
    /// The captures of a path template.
    Params(Params<'v>),
}

/// What looking up a name gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The value; of a field, the only one.
    One,
    /// Every value of a field, as a list.
    Values,
    /// Every value of a field, split at commas, as a list.
    Tokens,
}

/// A map or list, and how names are looked up in it.
#[derive(Debug)]
pub(crate) struct View<'v> {
    node: Node<'v>,
    lookup: Lookup,
    elements: OnceLock<Result<Vec<Boxed<'v>>, Miss>>,
}

impl<'v> Node<'v> {
    /// The part named `key`.
    pub(crate) fn part(self, key: &str) -> Result<Part<'v>, Miss> {
        match self {
            Self::Value(Value::Json(value)) => Node::Json(value).part(key),
            Self::Json(Json::Object(fields)) => fields.get(key).map(|value| Part::Node(Node::Json(value))).ok_or(Cause::Absent),
            Self::Value(Value::Fields(fields)) => to_cel::single_field(fields, key).map(Part::Leaf),
            Self::Value(Value::Map(entries)) => entries
                .iter()
                .find(|(name, _)| matches!(name, Value::String(name) if name == key))
                .map(|(_, value)| Part::Node(Node::Value(value)))
                .ok_or(Cause::Absent),
            Self::Params(params) => {
                let value = params.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
                to_cel::text(value.ok_or(Cause::Absent)?, TEXT_MAX).map(Part::Leaf)
            }
            Self::Value(_) | Self::Json(_) => Err(Cause::Type),
        }
    }

    /// The whole, as a built-in value.
    pub(crate) fn whole(self) -> Result<Boxed<'v>, Miss> {
        match self {
            Self::Value(value) => to_cel(value),
            Self::Json(value) => to_cel::json(value),
            Self::Params(params) => to_cel::params(params),
        }
    }

    /// Whether names can be looked up in it without converting the whole.
    pub(crate) fn is_map(self) -> bool {
        matches!(
            self,
            Self::Value(Value::Fields(_) | Value::Json(Json::Object(_))) | Self::Json(Json::Object(_)) | Self::Params(_)
        )
    }

    /// Whether it is a list.
    pub(crate) fn is_list(self) -> bool {
        matches!(self, Self::Value(Value::List(_) | Value::Json(Json::Array(_))) | Self::Json(Json::Array(_)))
    }

    fn len(self) -> usize {
        match self {
            Self::Value(Value::Json(value)) => Node::Json(value).len(),
            Self::Json(Json::Object(fields)) => fields.len(),
            Self::Json(Json::Array(elements)) => elements.len(),
            Self::Value(Value::List(elements)) => elements.len(),
            Self::Value(Value::Fields(fields)) => names(fields).count(),
            Self::Params(params) => params.len(),
            Self::Value(_) | Self::Json(_) => 0,
        }
    }

    /// Whether it is small enough to be counted and gone through.
    pub(crate) fn room(self) -> Result<(), Miss> {
        match self {
            Self::Value(Value::Fields(fields)) => to_cel::fields_room(fields.len()),
            node => to_cel::room(node.len()),
        }
    }

    /// The elements of a list, the names of a map.
    fn elements(self) -> Result<Vec<Boxed<'v>>, Miss> {
        self.room()?;
        match self {
            Self::Value(Value::Json(value)) => Node::Json(value).elements(),
            Self::Json(Json::Object(fields)) => fields.keys().map(|name| to_cel::text(name, JSON_TEXT_MAX)).collect(),
            Self::Json(Json::Array(elements)) => elements.iter().map(to_cel::json).collect(),
            Self::Value(Value::List(elements)) => elements.iter().map(to_cel).collect(),
            Self::Value(Value::Fields(fields)) => names(fields).map(|name| to_cel::text(name, TEXT_MAX)).collect(),
            Self::Params(params) => params.iter().map(|(name, _)| to_cel::text(name, TEXT_MAX)).collect(),
            Self::Value(_) | Self::Json(_) => Err(Cause::Type),
        }
    }

    fn holds_string(self, string: &str) -> Option<bool> {
        match self {
            Self::Value(Value::Json(value)) => Node::Json(value).holds_string(string),
            Self::Json(Json::Array(elements)) => Some(elements.iter().any(|element| element.as_str() == Some(string))),
            Self::Value(Value::List(elements)) => {
                Some(elements.iter().any(|element| matches!(element, Value::String(text) if text == string)))
            }
            Self::Value(Value::Fields(fields)) => Some(fields.iter().any(|(name, _)| name == string)),
            Self::Json(Json::Object(fields)) => Some(fields.contains_key(string)),
            Self::Params(params) => Some(params.iter().any(|(name, _)| *name == string)),
            Self::Value(_) | Self::Json(_) => None,
        }
    }
}

/// What a name leads to.
pub(crate) enum Part<'v> {
    /// Something that may have parts.
    Node(Node<'v>),
    /// A string.
    Leaf(Boxed<'v>),
}

type Field<'v> = (std::borrow::Cow<'v, str>, std::borrow::Cow<'v, [u8]>);

/// Each name once.
fn names<'f>(fields: &'f [Field<'_>]) -> impl Iterator<Item = &'f str> {
    let earlier = |index: usize, name: &str| fields.iter().take(index).any(|(other, _)| other == name);
    fields.iter().enumerate().filter(move |(index, (name, _))| !earlier(*index, name)).map(|(_, (name, _))| name.as_ref())
}

impl<'v> View<'v> {
    pub(crate) fn new(node: Node<'v>, lookup: Lookup) -> Self {
        Self { node, lookup, elements: OnceLock::new() }
    }

    fn get_name(&self, name: &str) -> Result<Boxed<'v>, Miss> {
        if self.lookup == Lookup::One {
            return match self.node.part(name)? {
                Part::Node(node) => node.whole(),
                Part::Leaf(value) => Ok(value),
            };
        }
        let Node::Value(Value::Fields(fields)) = self.node else { return Err(Cause::Type) };
        to_cel::field_values(fields, name, self.lookup == Lookup::Tokens)
    }

    fn element(&self, index: &dyn Val) -> Result<Boxed<'v>, ExecutionError> {
        let whole = self.node.whole().map_err(failed)?;
        let indexer = whole.as_indexer().ok_or_else(|| failed(Cause::Type))?;
        indexer.get(index).map(CowVal::into_owned)
    }

    fn all(&self) -> Result<&[Boxed<'v>], Miss> {
        match self.elements.get_or_init(|| self.node.elements()) {
            Ok(elements) => Ok(elements),
            Err(cause) => Err(*cause),
        }
    }
}

/// The error that an evaluation stops with; its cause is worked out afterwards.
pub(crate) fn failed(cause: Cause) -> ExecutionError {
    match cause {
        Cause::Absent => ExecutionError::no_such_key(""),
        cause => ExecutionError::function_error(cause.code(), ""),
    }
}

impl<'x> Val for View<'x> {
    fn get_type(&self) -> &Type {
        if self.node.is_list() { &LIST_TYPE } else { &MAP_TYPE }
    }

    fn cel_type() -> &'static Type {
        &MAP_TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        // What is no text cannot be gone through: an error, where no elements would be an answer.
        if self.all().is_ok() { Some(self) } else { None }
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(View::new(self.node, self.lookup))
    }
}

impl Indexer for View<'_> {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        match index.downcast_ref::<CelString>() {
            Some(name) if !self.node.is_list() => self.get_name(name.inner()).map(CowVal::Owned).map_err(failed),
            _ => self.element(index).map(CowVal::Owned),
        }
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

impl Container for View<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        if let Some(holds) = value.downcast_ref::<CelString>().and_then(|string| self.node.holds_string(string.inner())) {
            return Ok(holds);
        }
        let whole = self.node.whole().map_err(failed)?;
        whole.as_container().ok_or_else(|| failed(Cause::Type))?.contains(value)
    }
}

impl Sizer for View<'_> {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.node.len()).unwrap_or(i64::MAX))
    }
}

impl<'x> Iterable for View<'x> {
    fn iter<'b, 'v>(&'b self) -> Box<dyn traits::Iterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Elements(self.all().unwrap_or_default().iter()))
    }
}

struct Elements<'b, 'x>(std::slice::Iter<'b, Boxed<'x>>);

impl<'b, 'x: 'v, 'v> traits::Iterator<'b, 'v> for Elements<'b, 'x> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|element| element.as_ref() as &(dyn Val + 'v))
    }
}
