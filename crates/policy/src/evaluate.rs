//! Evaluation, and the place of what failed.

use cel::common::ast::{Expr, IdedExpr, operators};
use cel::common::types::CelBool;
use cel::common::value::CowVal;
use cel::{Context, ExecutionError, Value as CelValue};

use crate::engine::{self, Resolver};
use crate::expression::children;
use crate::facts::{Facts, Params};
use crate::failure::Cause;
use crate::lower::Lowered;

/// So many parts are evaluated again to find the one that failed; then the part at hand is named.
const SEARCH_MAX: usize = 32;

/// What is costly in an expression is evaluated again so often at most.
const AGAIN_MAX: usize = 2;

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
    let failed = |cause| Fault { node: lowered.expr.id, cause };
    if let Some(found) = resolver.alone() {
        return found.and_then(answer).map_err(failed);
    }
    let mut context = engine::root().new_inner_scope();
    context.set_variable_resolver(&resolver);
    match CelValue::resolve_val(&lowered.expr, &context) {
        Ok(value) => answer(value).map_err(failed),
        Err(error) => Err(Search::new(&context, &resolver, &lowered.expr).cause_of(&lowered.expr, &error)),
    }
}

/// The value of a condition.
pub(crate) fn truth(value: CowVal<'_, '_>) -> Result<bool, Cause> {
    value.downcast_ref::<CelBool>().map(|bool| *bool.inner()).ok_or(Cause::Type)
}

struct Search<'s, 'p, 'v, 'x, 'r> {
    context: &'s Context<'p, 'v>,
    resolver: &'s Resolver<'x, 'r>,
    /// So many parts may still be evaluated.
    parts: usize,
    /// So many loops and searches of text may still be in them.
    costly: usize,
    /// Whether a part was not looked at because it was one too many.
    cut_short: bool,
}

impl<'s, 'p, 'v, 'x, 'r> Search<'s, 'p, 'v, 'x, 'r> {
    fn new(context: &'s Context<'p, 'v>, resolver: &'s Resolver<'x, 'r>, expr: &IdedExpr) -> Self {
        let costly = costly(expr).saturating_mul(AGAIN_MAX);
        Self { context, resolver, parts: SEARCH_MAX, costly, cut_short: false }
    }

    /// What was not looked at may have failed for another reason than absence.
    fn cause_of(&mut self, expr: &IdedExpr, error: &ExecutionError) -> Fault {
        let fault = self.fault(expr, error);
        if self.cut_short && fault.cause == Cause::Absent { Fault { cause: Cause::Other, ..fault } } else { fault }
    }

    /// The smallest part of `expr`, which failed with `error`, that fails by itself.
    fn fault(&mut self, expr: &IdedExpr, error: &ExecutionError) -> Fault {
        if let Expr::Ident(name) = &expr.expr
            && let Some(cause) = self.resolver.cause(name)
        {
            return Fault { node: expr.id, cause };
        }
        let found = self.first(expr).or_else(|| self.chosen(expr));
        found.unwrap_or_else(|| Fault { node: expr.id, cause: self.cause(error) })
    }

    /// The first part that fails. Either side of `&&` and `||` may, and that something is absent is no more than one of the reasons
    /// then.
    fn first(&mut self, expr: &IdedExpr) -> Option<Fault> {
        let mut absence = None;
        for part in parts(expr) {
            match self.try_part(part) {
                Some(fault) if fault.cause == Cause::Absent && is_logic(expr) => absence = absence.or(Some(fault)),
                Some(fault) => return Some(fault),
                None => {}
            }
        }
        absence
    }

    fn try_part(&mut self, part: &IdedExpr) -> Option<Fault> {
        if matches!(part.expr, Expr::Literal(_)) {
            return None;
        }
        self.spend(part)?;
        let error = CelValue::resolve_val(part, self.context).err()?;
        Some(self.fault(part, &error))
    }

    /// Notes that `part` is evaluated again, if it may be.
    fn spend(&mut self, part: &IdedExpr) -> Option<()> {
        let left = self.parts.checked_sub(1).zip(self.costly.checked_sub(costly(part)));
        self.cut_short |= left.is_none();
        (self.parts, self.costly) = left?;
        Some(())
    }

    /// The branch of a conditional that was taken.
    fn chosen(&mut self, expr: &IdedExpr) -> Option<Fault> {
        let Expr::Call(call) = &expr.expr else { return None };
        let [condition, then, otherwise] = call.args.as_slice() else { return None };
        if call.func_name != operators::CONDITIONAL {
            return None;
        }
        self.spend(condition)?;
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
        Expr::Call(call) => call.target.as_deref().filter(|target| !is_namespace(target)).into_iter().chain(&call.args).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Comprehension(comprehension) => vec![&comprehension.iter_range, &comprehension.accu_init],
        _ => Vec::new(),
    }
}

/// `math` of `math.abs(…)`: outside of what a comprehension binds each other name is a slot's.
fn is_namespace(target: &IdedExpr) -> bool {
    matches!(&target.expr, Expr::Ident(name) if !name.starts_with('@'))
}

fn is_logic(expr: &IdedExpr) -> bool {
    matches!(&expr.expr, Expr::Call(call) if [operators::LOGICAL_AND, operators::LOGICAL_OR].contains(&call.func_name.as_str()))
}

/// How many loops, searches for patterns and comparisons of lists are in `expr`.
fn costly(expr: &IdedExpr) -> usize {
    let own = match &expr.expr {
        Expr::Comprehension(_) => true,
        Expr::Call(call) => {
            let qualified = call.target.as_deref().is_some_and(is_namespace);
            qualified || ["@matches", "@find", "@findAll", "distinct", "@distinct"].contains(&call.func_name.as_str())
        }
        _ => false,
    };
    children(expr).into_iter().map(costly).fold(usize::from(own), usize::saturating_add)
}
