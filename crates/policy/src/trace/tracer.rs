//! The walk over a checked tree: each part that says something of the request is evaluated by itself.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, ListExpr, LiteralValue, operators};

use super::{Answer, Element, Trace};
use crate::check::{Macro, Replaced};
use crate::evaluate::{self, Fault};
use crate::expression::{children, find, text_of};
use crate::facts::{Facts, Params};
use crate::lower::{self, Lowered, Slot};
use crate::parse::Places;
use crate::values::from_cel;
use crate::{Attribute, Type, Value};

/// Evaluates parts for the facts of one request.
pub(super) struct Tracer<'t, 'r> {
    facts: &'t Facts<'r>,
    params: Params<'t>,
    places: &'t Places<'t>,
    /// The names beside the attributes: those that macros around bind among them.
    names: Vec<(String, Type)>,
}

impl<'t, 'r> Tracer<'t, 'r> {
    pub(super) fn new(facts: &'t Facts<'r>, params: Params<'t>, places: &'t Places<'t>) -> Self {
        let names = facts.variables().iter().map(|(name, _)| (name.clone(), Type::Dyn)).collect();
        Self { facts, params, places, names }
    }

    /// What `expr` and its parts come to.
    pub(super) fn part(&self, expr: &IdedExpr) -> Trace {
        let lowered = self.lowered(expr);
        let answer = self.answer(expr, &lowered);
        let parts = if is_read(&lowered) { Vec::new() } else { self.parts(expr, &answer) };
        Trace { parts, ..self.told(expr, answer) }
    }

    fn told(&self, expr: &IdedExpr, answer: Answer) -> Trace {
        Trace { expression: text_of(expr), at: self.places.position(expr.id), element: None, answer, parts: Vec::new() }
    }

    fn lowered(&self, expr: &IdedExpr) -> Lowered {
        lower::lower(expr.clone(), &self.names)
    }

    fn answer(&self, expr: &IdedExpr, lowered: &Lowered) -> Answer {
        // What is no value of ours, a URL for one, is not shown.
        let shown = |value: Option<Value<'static>>| value.map_or_else(|| "…".to_owned(), |value| value.to_text());
        match evaluate::evaluate(lowered, self.facts, self.params, |value| Ok(from_cel(value.as_ref()).ok())) {
            Ok(value) => Answer::Value(shown(value)),
            Err(Fault { node, cause }) => Answer::Error(match find(expr, node).filter(|_| node != expr.id) {
                Some(part) => format!("`{}`: {cause}", text_of(part)),
                None => cause.to_string(),
            }),
        }
    }

    fn parts(&self, expr: &IdedExpr, answer: &Answer) -> Vec<Trace> {
        match &expr.expr {
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                (operator @ (operators::LOGICAL_AND | operators::LOGICAL_OR), _) => self.logic(expr, operator),
                (operators::CONDITIONAL, [condition, then, otherwise]) => self.conditional(condition, then, otherwise),
                // What follows is about an element.
                ("sortBy", _) => self.operands(call.target.as_deref(), answer),
                _ => self.operands(children(expr), answer),
            },
            Expr::Comprehension(comprehension) => self.comprehension(comprehension, answer),
            _ => self.operands(children(expr), answer),
        }
    }

    /// Parts that are always evaluated. One that fails where the whole does not is not looked at as a whole: the headers among which
    /// one is looked up.
    fn operands<'e>(&self, operands: impl IntoIterator<Item = &'e IdedExpr>, answer: &Answer) -> Vec<Trace> {
        let parts = operands.into_iter().filter_map(|operand| self.unless_constant(operand));
        parts.filter(|part| answer.is_error() || !part.answer.is_error()).collect()
    }

    fn unless_constant(&self, expr: &IdedExpr) -> Option<Trace> {
        (!self.is_constant(expr)).then(|| self.part(expr))
    }

    fn is_constant(&self, expr: &IdedExpr) -> bool {
        self.lowered(expr).slots.iter().all(|slot| matches!(slot, Slot::Constant(_)))
    }

    /// Each side in turn, until one decides.
    fn logic(&self, expr: &IdedExpr, operator: &str) -> Vec<Trace> {
        let decisive = if operator == operators::LOGICAL_OR { "true" } else { "false" };
        let mut sides = Vec::new();
        flatten(expr, operator, &mut sides);
        let mut decided = false;
        let trace = |side: &IdedExpr| {
            let part = if decided { self.told(side, Answer::NotNeeded) } else { self.part(side) };
            decided |= part.answer.is(decisive);
            part
        };
        sides.into_iter().map(trace).collect()
    }

    fn conditional(&self, condition: &IdedExpr, then: &IdedExpr, otherwise: &IdedExpr) -> Vec<Trace> {
        let condition = self.part(condition);
        let branch = |expr: &IdedExpr, taken: &str| match condition.answer.is(taken) {
            true => self.unless_constant(expr),
            false => (!self.is_constant(expr)).then(|| self.told(expr, Answer::NotNeeded)),
        };
        let branches: Vec<Trace> = [branch(then, "true"), branch(otherwise, "false")].into_iter().flatten().collect();
        std::iter::once(condition).chain(branches).collect()
    }

    /// What is gone through, and the element that decided.
    fn comprehension(&self, comprehension: &ComprehensionExpr, answer: &Answer) -> Vec<Trace> {
        let mut parts = self.operands([&comprehension.iter_range], answer);
        let replaced = Replaced::by(comprehension);
        let decisive = match replaced.by {
            Macro::Exists => "true",
            Macro::All => "false",
            _ => return parts,
        };
        if let Some(condition) = replaced.condition.filter(|_| answer.is(decisive) || answer.is_error()) {
            parts.extend(self.deciding(comprehension, condition, answer));
        }
        parts
    }

    /// What the macro asks, of the first element that gives this answer.
    fn deciding(&self, comprehension: &ComprehensionExpr, condition: &IdedExpr, answer: &Answer) -> Option<Trace> {
        let name = &comprehension.iter_var;
        // Such a name is read as the attribute's where it stands alone.
        if Attribute::ALL.iter().any(|attribute| attribute.name().split('.').next() == Some(name)) {
            return None;
        }
        let elements = self.elements(comprehension)?;
        elements.into_iter().find_map(|element| {
            let value = element.to_text();
            let around = self.facts.variables().iter().cloned();
            let variables: Vec<(String, Value<'_>)> = std::iter::once((name.clone(), element)).chain(around).collect();
            let facts = self.facts.again(&variables);
            let inside = Tracer::new(&facts, self.params, self.places);
            let found = inside.answer(condition, &inside.lowered(condition));
            let decides = found == *answer || found.is_error() && answer.is_error();
            let part = decides.then(|| inside.part(condition))?;
            let parts = without(name, part.parts);
            Some(Trace { element: Some(Element { name: name.clone(), value }), parts, ..part })
        })
    }

    /// The elements of a list, the keys of a map.
    fn elements(&self, comprehension: &ComprehensionExpr) -> Option<Vec<Value<'static>>> {
        let lowered = self.lowered(&itself(&comprehension.iter_range));
        let elements = evaluate::evaluate(&lowered, self.facts, self.params, |value| from_cel(value.as_ref()));
        match elements {
            Ok(Value::List(elements)) => Some(elements),
            _ => None,
        }
    }
}

/// Without the element itself, whose value is told already.
fn without(name: &str, parts: Vec<Trace>) -> Vec<Trace> {
    let others = parts.into_iter().filter(|part| part.expression != name);
    others.map(|part| Trace { parts: without(name, part.parts), ..part }).collect()
}

/// Whether nothing but a look-up is left: what is read has no parts to ask about.
fn is_read(lowered: &Lowered) -> bool {
    matches!(&lowered.expr.expr, Expr::Ident(name) if name.starts_with('@'))
}

/// The sides of `a && b && c`, from left to right.
fn flatten<'e>(expr: &'e IdedExpr, operator: &str, sides: &mut Vec<&'e IdedExpr>) {
    match &expr.expr {
        Expr::Call(call) if call.func_name == operator => call.args.iter().for_each(|side| flatten(side, operator, sides)),
        _ => sides.push(expr),
    }
}

/// `list.map(x, x)`: what a macro goes through, of a map too.
fn itself(range: &IdedExpr) -> IdedExpr {
    let node = |expr: Expr| IdedExpr { id: range.id, expr };
    let name = |name: &str| node(Expr::Ident(name.to_owned()));
    let (element, result) = ("@element", "@result");
    let appended = node(Expr::List(ListExpr::new(vec![name(element)])));
    let step = CallExpr { func_name: operators::ADD.to_owned(), target: None, args: vec![name(result), appended] };
    node(Expr::Comprehension(Box::new(ComprehensionExpr {
        iter_range: range.clone(),
        iter_var: element.to_owned(),
        iter_var2: None,
        accu_var: result.to_owned(),
        accu_init: node(Expr::List(ListExpr::default())),
        loop_cond: node(Expr::Literal(LiteralValue::Boolean(true.into()))),
        loop_step: node(Expr::Call(step)),
        result: name(result),
    })))
}
