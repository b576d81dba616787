//! Evaluation, and the place of what failed.

use cel::common::ast::{Expr, IdedExpr, operators};
use cel::common::types::CelBool;
use cel::common::value::CowVal;
use cel::{Context, ExecutionError, Value as CelValue};

use crate::engine::{self, Resolver};
use crate::facts::{Facts, Params};
use crate::failure::Cause;
use crate::lower::Lowered;

/// So many parts are evaluated again to find the one that failed; then the part at hand is named.
const SEARCH_MAX: usize = 32;

/// What failed, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The node of the checked tree.
    pub(crate) node: u64,
    pub(crate) cause: Cause,
}

/// Evaluates `lowered` and gives its value to `answer`.
pub(crate) fn evaluate<T>(
    lowered: &Lowered,
    facts: &Facts<'_>,
    params: Params<'_>,
    answer: impl FnOnce(CowVal<'_, '_>) -> Result<T, Cause>,
) -> Result<T, Fault> {
    let resolver = Resolver::new(lowered, facts, params);
    let mut context = engine::root().new_inner_scope();
    context.set_variable_resolver(&resolver);
    match CelValue::resolve_val(&lowered.expr, &context) {
        Ok(value) => answer(value).map_err(|cause| Fault { node: lowered.expr.id, cause }),
        Err(error) => Err(Search { context: &context, resolver: &resolver, left: SEARCH_MAX }.fault(&lowered.expr, &error)),
    }
}

/// The value of a condition.
pub(crate) fn truth(value: CowVal<'_, '_>) -> Result<bool, Cause> {
    value.downcast_ref::<CelBool>().map(|bool| *bool.inner()).ok_or(Cause::Type)
}

struct Search<'s, 'p, 'v, 'x, 'r> {
    context: &'s Context<'p, 'v>,
    resolver: &'s Resolver<'x, 'r>,
    left: usize,
}

impl Search<'_, '_, '_, '_, '_> {
    /// The smallest part of `expr`, which failed with `error`, that fails by itself.
    fn fault(&mut self, expr: &IdedExpr, error: &ExecutionError) -> Fault {
        if let Expr::Ident(name) = &expr.expr
            && let Some(cause) = self.resolver.cause(name)
        {
            return Fault { node: expr.id, cause };
        }
        for part in parts(expr) {
            if let Some(fault) = self.try_part(part) {
                return fault;
            }
        }
        self.chosen(expr).unwrap_or_else(|| Fault { node: expr.id, cause: self.cause(error) })
    }

    fn try_part(&mut self, part: &IdedExpr) -> Option<Fault> {
        if matches!(part.expr, Expr::Literal(_)) {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        let error = CelValue::resolve_val(part, self.context).err()?;
        Some(self.fault(part, &error))
    }

    /// The branch of a conditional that was taken.
    fn chosen(&mut self, expr: &IdedExpr) -> Option<Fault> {
        let Expr::Call(call) = &expr.expr else { return None };
        let [condition, then, otherwise] = call.args.as_slice() else { return None };
        if call.func_name != operators::CONDITIONAL {
            return None;
        }
        let condition = CelValue::resolve_val(condition, self.context).ok()?;
        self.try_part(if truth(condition).ok()? { then } else { otherwise })
    }

    /// Inside a comprehension the slot is known by its name alone.
    fn cause(&self, error: &ExecutionError) -> Cause {
        match error {
            ExecutionError::UndeclaredReference(name) => self.resolver.cause(name).unwrap_or(Cause::Other),
            error => Cause::of(error),
        }
    }
}

/// The parts that are always evaluated, outside of what a comprehension binds.
fn parts(expr: &IdedExpr) -> Vec<&IdedExpr> {
    match &expr.expr {
        Expr::Call(call) if call.func_name == operators::CONDITIONAL => call.args.iter().take(1).collect(),
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Comprehension(comprehension) => vec![&comprehension.iter_range, &comprehension.accu_init],
        _ => Vec::new(),
    }
}
