//! An expression that was compiled, and what it answers.

mod text;

use std::cell::RefCell;
use std::collections::BTreeMap;

use cel::common::ast::{Expr, IdedExpr, LiteralValue};

use crate::engine;
use crate::evaluate::{self, Fault};
use crate::facts::{Facts, Params};
use crate::failure::{Failure, Outcome};
use crate::lower::{self, Lowered};
use crate::problem::Problems;
use crate::values::from_cel;
use crate::{Attribute, Position, Problem, Scope, Trace, Type, Value, check, parse, trace};

pub(crate) use text::{children, of as text_of};

/// An expression that was parsed, checked and prepared. Compiled when the configuration arrives, evaluated for each request.
#[derive(Debug)]
pub struct Expression {
    source: String,
    checked: check::Checked,
    lowered: Lowered,
    /// The text and the place of each part that failed so far: to find them costs a parse, which no client may cause twice.
    told: RefCell<BTreeMap<u64, (String, Option<Position>)>>,
}

/// Compiles `source`, which stands where `scope` says.
///
/// # Errors
/// Everything that is wrong with it.
pub fn compile(source: &str, scope: &Scope<'_>) -> Result<Expression, Problems> {
    let checked = check::check(parse::parse(source)?, scope)?;
    // Made when the first policy is loaded, not when the first request comes.
    engine::root();
    let lowered = lower::lower(checked.parsed.expr.clone(), scope.variables);
    Ok(Expression { source: source.to_owned(), checked, lowered, told: RefCell::default() })
}

impl Expression {
    /// Its text.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The type of what it answers, as far as it can be told before.
    #[must_use]
    pub fn result(&self) -> &Type {
        &self.checked.result
    }

    /// What it reads, each once; the hidden ones that functions read included.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.checked.attributes
    }

    /// The most that it can cost, in the units of `docs/reference/cost.md`.
    #[must_use]
    pub fn cost(&self) -> u64 {
        self.checked.cost
    }

    /// What is right and yet suspicious.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.checked.warnings
    }

    /// Where it reads what may be absent without asking first: an error, which denies in a rule that denies.
    #[must_use]
    pub fn unguarded(&self) -> &[Problem] {
        &self.checked.unguarded
    }

    /// The literal texts that `function` is called with, each with its place.
    #[must_use]
    pub fn literal_arguments(&self, function: &str) -> Vec<(&str, Option<Position>)> {
        let mut found = Vec::new();
        literal_arguments(&self.checked.parsed.expr, function, &mut found);
        found.into_iter().map(|(node, text)| (text, self.checked.parsed.position(node))).collect()
    }

    /// Whether the condition holds.
    #[must_use]
    pub fn holds(&self, facts: &Facts<'_>, params: Params<'_>) -> Outcome {
        match evaluate::evaluate(&self.lowered, facts, params, evaluate::truth) {
            Ok(true) => Outcome::True,
            Ok(false) => Outcome::False,
            Err(fault) => Outcome::Error(self.failure(fault)),
        }
    }

    /// What it answers: a string, a list of strings, a number.
    ///
    /// # Errors
    /// Where it cannot be evaluated, or answers what is no [`Value`].
    pub fn evaluate(&self, facts: &Facts<'_>, params: Params<'_>) -> Result<Value<'static>, Failure> {
        let answer = evaluate::evaluate(&self.lowered, facts, params, |value| from_cel(value.as_ref()));
        answer.map_err(|fault| self.failure(fault))
    }

    /// What each part of it comes to; the whole first. For people who ask why: it costs many evaluations.
    #[must_use]
    pub fn trace(&self, facts: &Facts<'_>, params: Params<'_>) -> Trace {
        trace::trace(&self.checked.parsed, facts, params)
    }

    fn failure(&self, Fault { node, cause }: Fault) -> Failure {
        let mut told = self.told.borrow_mut();
        let (expression, position) = told.entry(node).or_insert_with(|| {
            let part = find(&self.checked.parsed.expr, node);
            (part.map_or_else(|| self.source.clone(), text::of), self.checked.parsed.position(node))
        });
        Failure { expression: expression.clone(), position: *position, cause }
    }
}

/// The node of this number.
pub(crate) fn find(expr: &IdedExpr, node: u64) -> Option<&IdedExpr> {
    if expr.id == node {
        return Some(expr);
    }
    text::children(expr).into_iter().find_map(|part| find(part, node))
}

/// Each literal text among the arguments of `function`, with its node.
fn literal_arguments<'e>(expr: &'e IdedExpr, function: &str, found: &mut Vec<(u64, &'e str)>) {
    if let Expr::Call(call) = &expr.expr
        && call.func_name == function
    {
        found.extend(call.args.iter().filter_map(|argument| match &argument.expr {
            Expr::Literal(LiteralValue::String(text)) => Some((argument.id, text.inner())),
            _ => None,
        }));
    }
    text::children(expr).into_iter().for_each(|part| literal_arguments(part, function, found));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_literal_argument_is_found_wherever_it_stands() {
        let source = "hasRole(\"a\") ? !hasPermission(\"b\") : [\"x\"].exists(x, hasPermission(\"c\") && hasPermission(x))";
        let expression = compile(source, &Scope::condition()).unwrap();
        let texts: Vec<&str> = expression.literal_arguments("hasPermission").into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, ["b", "c"]);
        let place = expression.literal_arguments("hasRole").first().and_then(|(_, place)| *place).unwrap();
        assert_eq!((place.line, place.column), (1, 9));
    }
}
