//! One pass over the tree: the type of every node, and what is wrong with it.

use cel::common::ast::{EntryExpr, Expr, IdedEntryExpr, IdedExpr, ListExpr, LiteralValue};

use super::fit::{fits, join};
use super::{Findings, describe, guard};
use crate::{Attribute, Scope, Type};

/// The pass.
pub(super) struct Walk<'a, 'f> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) findings: &'f mut Findings,
    pub(super) attributes: &'f mut Vec<Attribute>,
    /// The names of macros around, innermost last, each with the type of an element.
    pub(super) locals: Vec<(&'a str, Type)>,
    /// What is known to be there at this place.
    pub(super) guards: Vec<String>,
}

/// The type of the whole; what is wrong goes into `findings`, what is read into `attributes`.
pub(super) fn walk<'a>(
    expr: &'a IdedExpr,
    scope: &'a Scope<'a>,
    findings: &mut Findings,
    attributes: &mut Vec<Attribute>,
) -> Type {
    let mut walk = Walk { scope, findings, attributes, locals: Vec::new(), guards: Vec::new() };
    let result = walk.expr(expr);
    walk.answer(expr, &result);
    result
}

impl<'a> Walk<'a, '_> {
    pub(super) fn expr(&mut self, node: &'a IdedExpr) -> Type {
        match &node.expr {
            Expr::Literal(literal) => literal_type(literal),
            Expr::Ident(name) => self.ident(node.id, name),
            Expr::Select(select) if select.test => self.presence(node.id, select),
            Expr::Select(select) => self.selection(node, select),
            Expr::Call(call) => self.call(node, call),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(&map.entries),
            Expr::Comprehension(comprehension) => self.comprehension(node.id, comprehension),
            Expr::Struct(message) => {
                self.findings.error(
                    node.id,
                    format!(
                        "`{}{{…}}` is a message, which policies do not have; a map is `{{\"key\": value}}`",
                        message.type_name
                    ),
                );
                Type::Dyn
            }
            Expr::Unspecified => Type::Dyn,
        }
    }

    /// What the whole must answer.
    fn answer(&mut self, node: &'a IdedExpr, actual: &Type) {
        let wanted = &self.scope.result;
        if fits(actual, wanted) || !self.findings.errors.is_empty() {
            return;
        }
        let what = describe(node);
        let hint = match actual {
            Type::Optional(_) if *wanted == Type::Bool => "; end it with `.orValue(false)`",
            _ => "",
        };
        let place =
            if *wanted == Type::Bool { "a condition is true or false".to_owned() } else { format!("it must be {wanted}") };
        self.findings.error(node.id, format!("{place}, but `{what}` is {actual}{hint}"));
    }

    /// Whether `actual` may be a bool.
    pub(super) fn boolean(&mut self, node: &'a IdedExpr, what: &str) {
        let actual = self.expr(node);
        if !matches!(actual, Type::Bool | Type::Dyn) {
            self.findings.error(node.id, format!("{what} must be bool, but `{}` is {actual}", describe(node)));
        }
    }

    fn list(&mut self, list: &'a ListExpr) -> Type {
        let mut element = None;
        for (index, item) in list.elements.iter().enumerate() {
            let mut actual = self.expr(item);
            if list.optional_indices.contains(&index) {
                actual = unwrap_optional(actual);
            }
            element = Some(element.map_or(actual.clone(), |before| join(&before, &actual)));
        }
        Type::List(Box::new(element.unwrap_or(Type::Dyn)))
    }

    fn map(&mut self, entries: &'a [IdedEntryExpr]) -> Type {
        let mut parts: Option<(Type, Type)> = None;
        let mut keys = Vec::new();
        for entry in entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
            let key = self.expr(&entry.key);
            let mut value = self.expr(&entry.value);
            if entry.optional {
                value = unwrap_optional(value);
            }
            self.key(&entry.key, &key, &mut keys);
            parts = Some(parts.map_or((key.clone(), value.clone()), |(k, v)| (join(&k, &key), join(&v, &value))));
        }
        let (key, value) = parts.unwrap_or((Type::Dyn, Type::Dyn));
        Type::Map(Box::new(key), Box::new(value))
    }

    /// A key has a type that can be one, and comes once.
    fn key(&mut self, node: &'a IdedExpr, actual: &Type, known: &mut Vec<String>) {
        if !matches!(actual, Type::Dyn | Type::Bool | Type::Int | Type::Uint | Type::String | Type::Double) {
            self.findings.error(
                node.id,
                format!("a key of a map is a string, an integer or a bool, but `{}` is {actual}", describe(node)),
            );
        }
        let Expr::Literal(literal) = &node.expr else { return };
        let text = format!("{literal:?}");
        match known.binary_search(&text) {
            Ok(_) => self.findings.error(node.id, format!("the key `{}` comes twice in this map", describe(node))),
            Err(place) => known.insert(place, text),
        }
    }

    /// Checks `node` where everything that `condition` asks for is there (`truth`), or where it is known to be false.
    pub(super) fn guarded(&mut self, condition: &'a IdedExpr, truth: bool, check: impl FnOnce(&mut Self)) {
        let before = self.guards.len();
        guard::implied(condition, truth, &mut self.guards);
        check(self);
        self.guards.truncate(before);
    }
}

fn unwrap_optional(actual: Type) -> Type {
    match actual {
        Type::Optional(value) => *value,
        other => other,
    }
}

const fn literal_type(literal: &LiteralValue) -> Type {
    match literal {
        LiteralValue::Boolean(_) => Type::Bool,
        LiteralValue::Bytes(_) => Type::Bytes,
        LiteralValue::Double(_) => Type::Double,
        LiteralValue::Int(_) => Type::Int,
        LiteralValue::Null => Type::Null,
        LiteralValue::String(_) => Type::String,
        LiteralValue::UInt(_) => Type::Uint,
    }
}
