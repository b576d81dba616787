//! What a name stands for: a macro's element, a variable, an attribute, a type.

use cel::common::ast::{Expr, IdedExpr, SelectExpr};

use super::walk::Walk;
use super::{describe, guard};
use crate::{Attribute, Place, Type, signature, suggest};

/// Names that are types: `type(x) == list`.
const TYPES: &[&str] = &[
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "list",
    "map",
    "null_type",
    "type",
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
    "optional_type",
];

/// `a.b.c` as one text, root first; `None` for anything but plain selections on a name.
pub(crate) fn dotted(node: &IdedExpr) -> Option<String> {
    match &node.expr {
        Expr::Ident(name) => Some(name.trim_start_matches('.').to_owned()),
        Expr::Select(select) if !select.test => dotted(&select.operand).map(|operand| format!("{operand}.{}", select.field)),
        _ => None,
    }
}

impl<'a> Walk<'a, '_> {
    pub(super) fn ident(&mut self, node: u64, name: &str) -> Type {
        if let Some(local) = self.local(name) {
            return local;
        }
        let name = name.trim_start_matches('.');
        self.named(node, name).unwrap_or_else(|| {
            if suggest::is_group(name) {
                let message =
                    format!("`{name}` is a group of attributes; name one of them, such as `{}`", suggest::member_of(name));
                self.findings.error(node, message);
            } else {
                self.unknown(node, "name", name);
            }
            Type::Dyn
        })
    }

    pub(super) fn selection(&mut self, node: &'a IdedExpr, select: &'a SelectExpr) -> Type {
        if !self.on_local(&select.operand) {
            if let Some(known) = dotted(node).and_then(|name| self.named(node.id, &name)) {
                return known;
            }
            if let Some(group) = self.group(&select.operand) {
                self.unknown(node.id, "field", &format!("{group}.{}", select.field));
                return Type::Dyn;
            }
        }
        let operand = self.expr(&select.operand);
        self.entry(&select.operand, &select.field, node.id);
        let field = self.field(node.id, &select.operand, &operand, &select.field);
        self.presence_unknown(node, &select.operand, &field);
        field
    }

    /// `has(x.field)`
    pub(super) fn presence(&mut self, node: u64, select: &'a SelectExpr) -> Type {
        if let Some(group) = self.group(&select.operand).filter(|_| !self.on_local(&select.operand)) {
            let name = format!("{group}.{}", select.field);
            match Attribute::named(&name) {
                Some(attribute) => {
                    self.read(node, attribute);
                    if super::reading::is_always_there(attribute) {
                        self.findings.warn(node, format!("`has({name})` is always true: every request has it"));
                    }
                }
                None => self.unknown(node, "field", &name),
            }
            return Type::Bool;
        }
        let operand = self.expr(&select.operand);
        self.entry(&select.operand, &select.field, node);
        self.field(node, &select.operand, &operand, &select.field);
        Type::Bool
    }

    /// The type of a field of `operand`.
    pub(super) fn field(&mut self, node: u64, operand: &'a IdedExpr, actual: &Type, field: &str) -> Type {
        match actual {
            Type::Dyn => Type::Dyn,
            Type::Map(key, value) if matches!(**key, Type::String | Type::Dyn) => (**value).clone(),
            Type::Optional(value) => Type::Optional(Box::new(self.field(node, operand, &(**value).clone(), field))),
            other => {
                let what = describe(operand);
                let known = signature::entry(field).map(|entry| entry.function.name);
                let hint = known.map_or_else(String::new, |name| format!("; to call the function write `{what}.{name}()`"));
                self.findings.error(node, format!("`{what}` is {other}, which has no field `{field}`{hint}"));
                Type::Dyn
            }
        }
    }

    /// What `name` stands for, read; `None` where nothing has the name.
    fn named(&mut self, node: u64, name: &str) -> Option<Type> {
        if let Some((_, known)) = self.scope.variables.iter().find(|(variable, _)| variable == name) {
            return Some(known.clone());
        }
        if let Some(attribute) = Attribute::named(name).filter(|attribute| attribute.place() != Place::Hidden) {
            self.read(node, attribute);
            return Some(attribute.value_type());
        }
        TYPES.contains(&name).then_some(Type::Type)
    }

    /// Notes a read of what may be absent and was not asked for.
    pub(super) fn presence_unknown(&mut self, node: &'a IdedExpr, operand: &'a IdedExpr, value: &Type) {
        let dynamic = *value == Type::Dyn || self.is_open(operand);
        let Some(path) = guard::path(node).filter(|_| dynamic) else { return };
        if self.guards.contains(&path) {
            return;
        }
        let text = describe(node);
        let ask = match &node.expr {
            Expr::Select(_) => format!("has({text})"),
            _ => guard_of_index(node),
        };
        self.findings.unguarded(node.id, format!("`{text}` may be absent, which is an error; ask `{ask}` first"));
    }

    /// Whether it is a map whose keys the client chooses.
    fn is_open(&self, operand: &IdedExpr) -> bool {
        let open = [
            Attribute::RequestHeaders,
            Attribute::Query,
            Attribute::Cookies,
            Attribute::JwtClaims,
            Attribute::JwtHeader,
            Attribute::Claims,
            Attribute::ResponseHeaders,
        ];
        self.attribute(operand).is_some_and(|attribute| open.contains(&attribute))
    }

    /// The attribute that `node` names.
    pub(super) fn attribute(&self, node: &IdedExpr) -> Option<Attribute> {
        if self.on_local(node) {
            return None;
        }
        dotted(node).and_then(|name| Attribute::named(&name))
    }

    /// The group of attributes that `node` names.
    fn group(&self, node: &'a IdedExpr) -> Option<&'a str> {
        match &node.expr {
            Expr::Ident(name) => Some(name.trim_start_matches('.')).filter(|name| suggest::is_group(name)),
            _ => None,
        }
    }

    fn unknown(&mut self, node: u64, what: &str, name: &str) {
        if self.findings.is_full() {
            return;
        }
        let locals = self.locals.iter().map(|(local, _)| *local);
        let variables = self.scope.variables.iter().map(|(variable, _)| variable.as_str());
        let known = locals.chain(variables);
        match suggest::remark(name) {
            Some(remark) => self.findings.error(node, format!("unknown {what} `{name}`; {remark}")),
            None => {
                let suggestion = suggest::attribute(name, self.scope, known);
                self.findings.misnamed(node, format!("unknown {what} `{name}`"), suggestion);
            }
        }
    }

    fn local(&self, name: &str) -> Option<Type> {
        self.locals.iter().rev().find(|(local, _)| *local == name).map(|(_, known)| known.clone())
    }

    /// Whether the name that `node` begins with is a macro's element or a variable, which hide attributes.
    pub(super) fn on_local(&self, node: &IdedExpr) -> bool {
        match &node.expr {
            Expr::Ident(name) => {
                self.locals.iter().any(|(local, _)| local == name)
                    || self.scope.variables.iter().any(|(variable, _)| variable == name.trim_start_matches('.'))
            }
            Expr::Select(select) => self.on_local(&select.operand),
            _ => false,
        }
    }
}

/// `"key" in map` for `map["key"]`.
fn guard_of_index(node: &IdedExpr) -> String {
    match &node.expr {
        Expr::Call(call) => match call.args.as_slice() {
            [map, key] => format!("{} in {}", describe(key), describe(map)),
            _ => describe(node),
        },
        _ => describe(node),
    }
}
