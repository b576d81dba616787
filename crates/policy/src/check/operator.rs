//! Operators that have rules of their own; the others are in the table of functions.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use super::describe::{string, symbol};
use super::fit::{comparable, join};
use super::walk::Walk;
use super::{describe, fit};
use crate::Type;

impl<'a> Walk<'a, '_> {
    /// The type of an operator's result; `None` where the table of functions knows it.
    pub(super) fn operator(&mut self, node: &'a IdedExpr, call: &'a CallExpr) -> Option<Type> {
        match (call.func_name.as_str(), call.args.as_slice()) {
            (operator @ (operators::LOGICAL_AND | operators::LOGICAL_OR), [left, right]) => {
                let truth = operator == operators::LOGICAL_AND;
                let what = format!("each side of `{}`", symbol(operator));
                self.guarded(right, truth, |walk| walk.boolean(left, &what));
                self.guarded(left, truth, |walk| walk.boolean(right, &what));
                Some(Type::Bool)
            }
            (operators::LOGICAL_NOT, [operand]) => {
                self.boolean(operand, "what `!` negates");
                Some(Type::Bool)
            }
            (operators::CONDITIONAL, [condition, one, other]) => Some(self.conditional(condition, one, other)),
            (operator @ (operators::EQUALS | operators::NOT_EQUALS), [left, right]) => {
                self.equality(node.id, operator, left, right);
                Some(Type::Bool)
            }
            (operators::IN, [item, collection]) => {
                self.membership(node.id, item, collection);
                Some(Type::Bool)
            }
            (operators::INDEX, [map, key]) => Some(self.index(node, map, key)),
            (operators::OPT_INDEX, [map, key]) => {
                let value = self.lookup(node.id, map, key);
                Some(optional(value))
            }
            (operators::OPT_SELECT, [map, field]) => {
                let actual = self.expr(map);
                let field = string(field).unwrap_or_default();
                self.entry(map, field, node.id);
                let value = self.field(node.id, map, &actual, field);
                Some(optional(value))
            }
            _ => None,
        }
    }

    fn conditional(&mut self, condition: &'a IdedExpr, one: &'a IdedExpr, other: &'a IdedExpr) -> Type {
        self.boolean(condition, "what stands before `?`");
        let (mut left, mut right) = (Type::Dyn, Type::Dyn);
        self.guarded(condition, true, |walk| left = walk.expr(one));
        self.guarded(condition, false, |walk| right = walk.expr(other));
        join(&left, &right)
    }

    fn equality(&mut self, node: u64, operator: &str, left: &'a IdedExpr, right: &'a IdedExpr) {
        let (left_type, right_type) = (self.expr(left), self.expr(right));
        if !comparable(&left_type, &right_type) {
            let remedy = remedy(left, &left_type, right, &right_type).or_else(|| remedy(right, &right_type, left, &left_type));
            let symbol = symbol(operator);
            let message = remedy.unwrap_or_else(|| {
                let (left, right) = (describe(left), describe(right));
                format!("`{symbol}` never finds these equal: `{left}` is {left_type}, `{right}` is {right_type}")
            });
            self.findings.error(node, message);
        }
        self.compared(left, right);
        self.compared(right, left);
    }

    fn membership(&mut self, node: u64, item: &'a IdedExpr, collection: &'a IdedExpr) {
        let (item_type, collection_type) = (self.expr(item), self.expr(collection));
        let element = match &collection_type {
            Type::List(element) => element,
            Type::Map(key, _) => key,
            Type::Dyn => return,
            other => {
                let message = not_a_collection(item, &item_type, collection, other);
                return self.findings.error(node, message);
            }
        };
        if !comparable(&item_type, element) {
            let elements = match &collection.expr {
                Expr::List(list) => list.elements.first(),
                _ => None,
            };
            let remedy = elements.and_then(|first| remedy(item, &item_type, first, element));
            let message = remedy.unwrap_or_else(|| {
                format!(
                    "`in` never finds it: `{}` is {item_type}, `{}` is {collection_type}",
                    describe(item),
                    describe(collection)
                )
            });
            self.findings.error(node, message);
        }
        if let Some(key) = string(item) {
            self.entry(collection, key, item.id);
        }
        if let Expr::List(list) = &collection.expr {
            list.elements.iter().for_each(|element| self.compared(item, element));
        }
    }

    fn index(&mut self, node: &'a IdedExpr, map: &'a IdedExpr, key: &'a IdedExpr) -> Type {
        let before = self.findings.errors.len();
        let value = self.lookup(node.id, map, key);
        if string(key).is_some() && self.findings.errors.len() == before {
            self.presence_unknown(node, map, &value);
        }
        value
    }

    fn lookup(&mut self, node: u64, map: &'a IdedExpr, key: &'a IdedExpr) -> Type {
        let (map_type, key_type) = (self.expr(map), self.expr(key));
        if let Some(key) = string(key) {
            self.entry(map, key, node);
        }
        self.element_at(node, map, &map_type, key, &key_type)
    }

    fn element_at(&mut self, node: u64, map: &'a IdedExpr, map_type: &Type, key: &'a IdedExpr, key_type: &Type) -> Type {
        let (wanted, value) = match map_type {
            Type::Dyn => return Type::Dyn,
            Type::Optional(value) => return optional(self.element_at(node, map, &value.clone(), key, key_type)),
            Type::List(element) => (&Type::Int, element),
            Type::Map(wanted, value) => (&**wanted, value),
            other => {
                let message = format!("`{}` is {other}, which has no elements", describe(map));
                self.findings.error(node, message);
                return Type::Dyn;
            }
        };
        if !comparable(wanted, key_type) {
            let what = if matches!(map_type, Type::List(_)) { "index" } else { "key" };
            self.findings.error(node, format!("the {what} must be {wanted}, but `{}` is {key_type}", describe(key)));
        }
        (**value).clone()
    }

    /// An operator of the table that takes none of these types.
    pub(super) fn no_operator(&mut self, node: u64, operator: &str, operands: &[(&'a IdedExpr, Type)]) {
        let symbol = symbol(operator);
        let message = match operands {
            [(left, left_type), (right, right_type)] => {
                let remedy = remedy(left, left_type, right, right_type).or_else(|| remedy(right, right_type, left, left_type));
                remedy.unwrap_or_else(|| {
                    let hint = conversion(operator, left_type, right_type);
                    let (left, right) = (describe(left), describe(right));
                    format!("`{symbol}` does not take these: `{left}` is {left_type}, `{right}` is {right_type}{hint}")
                })
            }
            [(operand, actual), ..] => format!("`{symbol}` does not take `{}`, which is {actual}", describe(operand)),
            [] => format!("`{symbol}` is incomplete"),
        };
        self.findings.error(node, message);
    }
}

fn optional(value: Type) -> Type {
    match value {
        Type::Optional(_) => value,
        other => Type::Optional(Box::new(other)),
    }
}

/// What to write instead of `literal`, so that it compares with `other`.
fn remedy(other: &IdedExpr, other_type: &Type, literal: &IdedExpr, literal_type: &Type) -> Option<String> {
    let what = describe(other);
    let text = describe(literal);
    let is_literal = matches!(literal.expr, Expr::Literal(_));
    match (other_type, literal_type) {
        (Type::Ip, Type::String) if string(literal).is_some_and(|text| text.contains('/')) => {
            Some(format!("`{what}` is an address: write `cidr({text}).containsIP({what})`"))
        }
        (Type::Ip | Type::Cidr | Type::Url | Type::Timestamp | Type::Duration, Type::String) => {
            let article = if *other_type == Type::Ip { "an address" } else { &format!("a {other_type}") };
            Some(format!("`{what}` is {article}, no string: write `{}({text})`", function_of(other_type)))
        }
        (Type::Ip, Type::Cidr) => Some(format!("an address is not a network: write `{text}.containsIP({what})`")),
        (Type::String, Type::Int | Type::Uint | Type::Double) if is_literal => {
            Some(format!("`{what}` is a string: write `\"{text}\"`"))
        }
        (number, Type::String) if number.is_number() => {
            let plain = string(literal).filter(|text| text.parse::<f64>().is_ok())?;
            Some(format!("`{what}` is {number}, no string: write `{plain}`"))
        }
        (Type::Bool, Type::String) if matches!(string(literal), Some("true" | "false")) => {
            Some(format!("`{what}` is bool, no string: write `{}`", string(literal)?))
        }
        (Type::Optional(_), _) => Some(format!("`{what}` is an optional value: end it with `.orValue(…)`")),
        (_, Type::Null) if !matches!(other.expr, Expr::Literal(_)) => {
            Some(format!("`{what}` is {other_type}, never null; whether a field is there is asked with `has(…)`"))
        }
        (Type::List(element), found) if is_literal && fit::comparable(element, found) => {
            Some(format!("`{what}` is a list: write `{text} in {what}`"))
        }
        _ => None,
    }
}

fn function_of(wanted: &Type) -> String {
    wanted.to_string()
}

/// What converts one number into the other's kind.
fn conversion(operator: &str, left: &Type, right: &Type) -> String {
    let arithmetic =
        matches!(operator, operators::ADD | operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::MODULO);
    match (left, right) {
        _ if !arithmetic => String::new(),
        (Type::String, _) if operator == operators::ADD => "; convert with `string(…)`".to_owned(),
        (_, Type::String) if operator == operators::ADD => "; convert with `string(…)`".to_owned(),
        (left, right) if left.is_number() && right.is_number() => {
            let wider = if *left == Type::Double || *right == Type::Double { Type::Double } else { Type::Int };
            format!("; convert with `{wider}(…)`")
        }
        _ => String::new(),
    }
}

fn not_a_collection(item: &IdedExpr, item_type: &Type, collection: &IdedExpr, actual: &Type) -> String {
    let (item, what) = (describe(item), describe(collection));
    match (item_type, actual) {
        (Type::Ip | Type::String, Type::Cidr) => format!("`in` does not look into networks: write `{what}.containsIP({item})`"),
        (_, Type::String) => format!("`in` looks into a list or a map, but `{what}` is string: write `{what}.contains({item})`"),
        _ => format!("`in` looks into a list or a map, but `{what}` is {actual}"),
    }
}

/// A literal zero that an integer is divided by. `1 / 0`, a constant itself, is somebody's way to write an error.
pub(super) fn divides_by_zero(call: &CallExpr) -> bool {
    let [left, right] = call.args.as_slice() else { return false };
    let zero = match &right.expr {
        Expr::Literal(LiteralValue::Int(value)) => *value.inner() == 0,
        Expr::Literal(LiteralValue::UInt(value)) => *value.inner() == 0,
        _ => false,
    };
    zero && !matches!(left.expr, Expr::Literal(_)) && matches!(call.func_name.as_str(), operators::DIVIDE | operators::MODULO)
}
