//! The context that every evaluation shares, and what resolves its names.

use std::cell::OnceCell;
use std::sync::{Arc, LazyLock};

use cel::Context;
use cel::common::ast::Expr;
use cel::common::types::{CelBool, CelOptional};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use send_wrapper::SendWrapper;

use crate::facts::{Facts, Params};
use crate::failure::Cause;
use crate::functions;
use crate::lower::{Lowered, Origin, Path, Reading, Slot};
use crate::values::view::{Lookup, Node, Part};
use crate::values::{View, to_cel};

/// The functions, without any variable. Building it costs more than a hundred evaluations: it is kept.
static ROOT: LazyLock<Context<'static, 'static>> =
    LazyLock::new(|| Context::with_env(Arc::new(functions::environment().unwrap_or_default())));

/// The context below all others.
pub(crate) fn root() -> &'static Context<'static, 'static> {
    &ROOT
}

/// A value that a slot was found to have.
type Found<'v> = Result<CowVal<'v, 'v>, Cause>;

/// Resolves the names of slots. cel demands that it may be shared between threads, which nothing here is: the wrapper sees to it
/// that it is not.
pub(crate) struct Resolver<'x, 'r>(SendWrapper<Reader<'x, 'r>>);

pub(crate) struct Reader<'x, 'r> {
    lowered: &'x Lowered,
    facts: &'x Facts<'r>,
    params: Params<'x>,
    /// What each slot was found to be, where the expression may ask several times.
    known: Vec<OnceCell<Option<to_cel::Boxed<'x>>>>,
}

impl<'x, 'r> Resolver<'x, 'r> {
    pub(crate) fn new(lowered: &'x Lowered, facts: &'x Facts<'r>, params: Params<'x>) -> Self {
        let known = if lowered.loops { lowered.slots.len() } else { 0 };
        let known = std::iter::repeat_with(OnceCell::new).take(known).collect();
        Self(SendWrapper::new(Reader { lowered, facts, params, known }))
    }

    /// What the expression comes to, where it is nothing but something of the request: most keys of limits are.
    pub(crate) fn alone(&self) -> Option<Found<'_>> {
        let Expr::Ident(name) = &self.0.lowered.expr.expr else { return None };
        match self.0.lowered.slots.get(index(name)?)? {
            Slot::Constant(_) => None,
            Slot::Path(path) => Some(self.0.find(path)),
        }
    }

    /// Why the slot of this name has no value; `None` for another name, and where it has one.
    pub(crate) fn cause(&self, name: &str) -> Option<Cause> {
        match self.0.lowered.slots.get(index(name)?)? {
            Slot::Constant(_) => None,
            Slot::Path(path) => self.0.find(path).err(),
        }
    }
}

impl VariableResolver for Resolver<'_, '_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let reader: &'b Reader<'_, '_> = &self.0;
        reader.slot(index(name)?)
    }
}

/// The number in `@12`.
fn index(name: &str) -> Option<usize> {
    name.strip_prefix('@')?.parse().ok()
}

impl<'x> Reader<'x, '_> {
    fn slot<'b>(&'b self, index: usize) -> Option<CowVal<'b, 'b>> {
        let path = match self.lowered.slots.get(index)? {
            Slot::Constant(value) => return Some(CowVal::Borrowed(value.as_ref())),
            Slot::Path(path) => path,
        };
        match self.known.get(index) {
            Some(known) => {
                let value = known.get_or_init(|| self.find(path).ok().map(CowVal::into_owned));
                value.as_ref().map(|value| CowVal::Borrowed(value.as_ref()))
            }
            None => self.find(path).ok(),
        }
    }

    fn find(&self, path: &'x Path) -> Found<'x> {
        match path.reading {
            Reading::Has => self.has(path),
            reading => match path.optional_from {
                Some(first) => self.optional(path, first),
                None => present(self.walk(path).map_err(|(_, cause)| cause)?, reading),
            },
        }
    }

    /// Absence of the last step is an answer, and so is any after the first optional one.
    fn has(&self, path: &'x Path) -> Found<'x> {
        let last = path.names.len();
        let first = path.optional_from.unwrap_or(last).min(last);
        match self.walk(path) {
            Ok(_) => Ok(truth(true)),
            Err((step, Cause::Absent)) if step >= first => Ok(truth(false)),
            Err((_, cause)) => Err(cause),
        }
    }

    fn optional(&self, path: &'x Path, first: usize) -> Found<'x> {
        match self.walk(path) {
            Ok(part) => Ok(CowVal::owned(CelOptional::of(present(part, Reading::Value)?.into_owned()))),
            Err((step, Cause::Absent)) if step >= first => Ok(CowVal::owned(CelOptional::none())),
            Err((_, cause)) => Err(cause),
        }
    }

    /// What the path leads to, or the step that failed and why: its start is step 0.
    fn walk(&self, path: &'x Path) -> Result<Part<'x>, (usize, Cause)> {
        let mut part = Part::Node(self.start(&path.origin).map_err(|cause| (0, cause))?);
        for (step, name) in path.names.iter().enumerate() {
            part = match part {
                Part::Node(node) => node.part(name).map_err(|cause| (step + 1, cause))?,
                Part::Leaf(_) => return Err((step + 1, Cause::Type)),
            };
        }
        Ok(part)
    }

    fn start(&self, origin: &Origin) -> Result<Node<'x>, Cause> {
        match origin {
            Origin::Params => Ok(Node::Params(self.params)),
            Origin::Variable(name) => self.facts.variable(name).map(Node::Value).ok_or(Cause::Absent),
            Origin::Attribute(attribute) => match self.facts.read(*attribute) {
                Ok(value) => value.map(Node::Value).ok_or(Cause::Absent),
                Err(unreadable) => Err(Cause::Unreadable(unreadable.0)),
            },
        }
    }
}

fn present(part: Part<'_>, reading: Reading) -> Found<'_> {
    let node = match part {
        Part::Leaf(value) => return Ok(CowVal::Owned(value)),
        Part::Node(node) => node,
    };
    Ok(match reading {
        Reading::View if node.is_map() || node.is_list() => {
            node.room()?;
            CowVal::owned(View::new(node, Lookup::One))
        }
        Reading::Members if node.is_map() || node.is_list() => CowVal::owned(View::new(node, Lookup::One)),
        Reading::Map if node.is_map() => CowVal::owned(View::new(node, Lookup::One)),
        Reading::Fields(lookup) => CowVal::owned(View::new(node, lookup)),
        _ => CowVal::Owned(node.whole()?),
    })
}

fn truth(answer: bool) -> CowVal<'static, 'static> {
    CowVal::Borrowed(if answer { &CelBool::TRUE } else { &CelBool::FALSE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_can_be_registered() {
        assert_eq!(functions::environment().err(), None);
    }
}
