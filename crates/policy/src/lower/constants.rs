//! What is worked out when the expression is compiled.

use std::collections::HashSet;

use cel::Value as CelValue;
use cel::common::ast::{Expr, IdedExpr, LiteralValue};

use super::{Lowering, Slot};
use crate::engine;
use crate::values::constant::Strings;

/// From so many strings on a set is faster than a list.
const SET_MIN: usize = 8;

impl Lowering<'_> {
    /// The value of `expr`, which names nothing; `expr` itself where that is an error, which then comes when it is evaluated.
    pub(super) fn folded(&mut self, expr: IdedExpr) -> IdedExpr {
        let constant = CelValue::resolve_val(&expr, engine::root()).map(|value| value.into_owned());
        match constant {
            Ok(constant) => self.slot(expr.id, Slot::Constant(constant)),
            Err(_) => expr,
        }
    }

    /// The strings of a long list literal.
    pub(super) fn strings(&self, expr: &IdedExpr) -> Option<Strings> {
        let Expr::List(list) = &expr.expr else { return None };
        if list.elements.len() < SET_MIN || !list.optional_indices.is_empty() {
            return None;
        }
        let strings = list.elements.iter().map(|element| match &element.expr {
            Expr::Literal(LiteralValue::String(string)) => Some(string.inner().to_owned()),
            _ => None,
        });
        strings.collect::<Option<HashSet<_>>>().map(Strings)
    }
}
