//! Macros: the parser has replaced them by loops, which are recognised here by their shape.

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, operators};

use super::describe;
use super::walk::Walk;
use crate::Type;

/// The macro that a loop stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Macro {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
    /// No macro makes it; it is not run.
    Unknown,
}

/// What a macro was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replaced<'a> {
    pub(crate) by: Macro,
    /// Which elements count.
    pub(crate) condition: Option<&'a IdedExpr>,
    /// What is made of each.
    pub(crate) value: Option<&'a IdedExpr>,
}

impl<'a> Replaced<'a> {
    /// By the shape of its step: `@result || c`, `@result && c`, `c ? @result + 1 : @result`, `@result + [v]`,
    /// `c ? @result + [v] : @result`.
    pub(crate) fn by(comprehension: &'a ComprehensionExpr) -> Self {
        let unknown = Self { by: Macro::Unknown, condition: None, value: None };
        let Some((operator, arguments)) = call(&comprehension.loop_step) else { return unknown };
        match (operator, arguments) {
            (operators::LOGICAL_OR, [_, condition]) => Self { by: Macro::Exists, condition: Some(condition), value: None },
            (operators::LOGICAL_AND, [_, condition]) => Self { by: Macro::All, condition: Some(condition), value: None },
            (operators::CONDITIONAL, [condition, step, _]) => Self::conditional(comprehension, condition, step),
            (operators::ADD, [_, added]) => Self { by: Macro::Map, condition: None, value: single(added) },
            _ => unknown,
        }
    }

    fn conditional(comprehension: &'a ComprehensionExpr, condition: &'a IdedExpr, step: &'a IdedExpr) -> Self {
        let added = call(step).and_then(|(_, arguments)| arguments.get(1));
        let value = added.and_then(single);
        let by = match value.map(|value| &value.expr) {
            None => Macro::ExistsOne,
            Some(Expr::Ident(name)) if *name == comprehension.iter_var => Macro::Filter,
            Some(_) => Macro::Map,
        };
        Self { by, condition: Some(condition), value: if by == Macro::Map { value } else { None } }
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self.by {
            Macro::All => "all",
            Macro::Exists => "exists",
            Macro::ExistsOne => "exists_one",
            Macro::Filter => "filter",
            Macro::Map | Macro::Unknown => "map",
        }
    }
}

fn call(node: &IdedExpr) -> Option<(&str, &[IdedExpr])> {
    match &node.expr {
        Expr::Call(call) => Some((&call.func_name, &call.args)),
        _ => None,
    }
}

fn single(node: &IdedExpr) -> Option<&IdedExpr> {
    match &node.expr {
        Expr::List(list) => list.elements.first(),
        _ => None,
    }
}

/// Loops inside each other: three would cost the cube of a list's length.
const NESTED_MAX: usize = 2;

impl<'a> Walk<'a, '_> {
    pub(super) fn comprehension(&mut self, node: u64, comprehension: &'a ComprehensionExpr) -> Type {
        let replaced = Replaced::by(comprehension);
        let range = self.expr(&comprehension.iter_range);
        let element = self.element(&comprehension.iter_range, &range, replaced.name());
        let inside = self.inside(node, &comprehension.iter_var, element.clone(), |walk| {
            if let Some(condition) = replaced.condition {
                walk.boolean(condition, &format!("the condition of `{}`", replaced.name()));
            }
            let mut value = Type::Dyn;
            match (replaced.value, replaced.condition) {
                (Some(made), Some(condition)) => walk.guarded(condition, true, |walk| value = walk.expr(made)),
                (Some(made), None) => value = walk.expr(made),
                (None, _) => {}
            }
            value
        });
        match replaced.by {
            Macro::All | Macro::Exists | Macro::ExistsOne => Type::Bool,
            Macro::Filter => Type::List(Box::new(element)),
            Macro::Map => Type::List(Box::new(inside)),
            Macro::Unknown => Type::Dyn,
        }
    }

    /// Checks what stands inside a macro, where `name` is an element.
    pub(super) fn inside(&mut self, node: u64, name: &'a str, element: Type, check: impl FnOnce(&mut Self) -> Type) -> Type {
        if self.locals.len() == NESTED_MAX {
            self.findings
                .error(node, format!("macros are nested at most {NESTED_MAX} deep: a third would multiply the cost once more"));
        }
        self.locals.push((name, element));
        let inside = check(self);
        self.locals.pop();
        inside
    }

    /// What a macro sees of `range`.
    pub(super) fn element(&mut self, node: &'a IdedExpr, range: &Type, name: &str) -> Type {
        match range {
            Type::List(element) => (**element).clone(),
            Type::Map(key, _) => (**key).clone(),
            Type::Dyn => Type::Dyn,
            other => {
                self.findings
                    .error(node.id, format!("`{name}` goes through a list or a map, but `{}` is {other}", describe(node)));
                Type::Dyn
            }
        }
    }
}
