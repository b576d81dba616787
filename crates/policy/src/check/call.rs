//! Calls: which function is meant, and whether it takes these arguments.

use cel::common::ast::{CallExpr, Expr, IdedExpr};

use super::describe::is_operator;
use super::fit::{Bindings, join};
use super::operator::divides_by_zero;
use super::walk::Walk;
use super::{describe, dotted};
use crate::signature::{self, Entry, Overload, Shape};
use crate::{Attribute, Type, suggest};

type Typed<'a> = (&'a IdedExpr, Type);

impl<'a> Walk<'a, '_> {
    pub(super) fn call(&mut self, node: &'a IdedExpr, call: &'a CallExpr) -> Type {
        if let Some(result) = self.operator(node, call) {
            return result;
        }
        if is_operator(&call.func_name) {
            return self.table_operator(node, call);
        }
        let (name, receiver) = self.target(call);
        match signature::entry(name.trim_start_matches('.')) {
            Some(entry) if entry.function.name == "sortBy" => self.sort_by(node, receiver, &call.args),
            Some(entry) => self.function(node, entry, receiver, &call.args),
            None => {
                self.unknown_function(node, call, &name, receiver);
                Type::Dyn
            }
        }
    }

    /// `math.greatest(…)` is a function with a dot in its name, `x.contains(…)` one that is called on `x`.
    fn target(&self, call: &'a CallExpr) -> (String, Option<&'a IdedExpr>) {
        let Some(target) = call.target.as_deref() else { return (call.func_name.clone(), None) };
        let qualified = dotted(target).filter(|_| !self.on_local(target)).map(|space| format!("{space}.{}", call.func_name));
        match qualified {
            Some(name) if signature::entry(&name).is_some() => (name, None),
            Some(name) if !self.is_known(target) => (name, None),
            _ => (call.func_name.clone(), Some(target)),
        }
    }

    /// Whether the first part of a dotted name stands for something, or for something misspelt.
    fn is_known(&self, target: &IdedExpr) -> bool {
        match &target.expr {
            Expr::Select(select) => self.is_known(&select.operand),
            Expr::Ident(name) => {
                let name = name.trim_start_matches('.');
                let misspelt = || !self.findings.is_full() && suggest::attribute(name, self.scope, std::iter::empty()).is_some();
                suggest::is_group(name) || Attribute::named(name).is_some() || misspelt()
            }
            _ => true,
        }
    }

    fn table_operator(&mut self, node: &'a IdedExpr, call: &'a CallExpr) -> Type {
        if self.subtracts_from_header(node.id, &call.args) {
            return Type::Dyn;
        }
        let operands: Vec<Typed<'a>> = call.args.iter().map(|operand| (operand, self.expr(operand))).collect();
        if divides_by_zero(call) {
            self.findings.error(node.id, format!("`{}` divides by zero", describe(node)));
        }
        let Some(entry) = signature::entry(&call.func_name) else { return Type::Dyn };
        let overloads: Vec<&Overload> = entry.overloads.iter().collect();
        result(&overloads, None, &operands).unwrap_or_else(|| {
            self.no_operator(node.id, &call.func_name, &operands);
            Type::Dyn
        })
    }

    /// `request.headers.x-user` is a subtraction.
    fn subtracts_from_header(&mut self, node: u64, operands: &[IdedExpr]) -> bool {
        let [left, right] = operands else { return false };
        let (Expr::Select(select), Expr::Ident(rest)) = (&left.expr, &right.expr) else { return false };
        let headers = self.attribute(&select.operand) == Some(Attribute::RequestHeaders) && !self.on_local(right);
        if headers {
            self.findings
                .error(node, format!("this subtracts `{rest}`; a header is `request.headers[\"{}-{rest}\"]`", select.field));
        }
        headers
    }

    fn function(
        &mut self,
        node: &'a IdedExpr,
        entry: &'static Entry,
        receiver: Option<&'a IdedExpr>,
        arguments: &'a [IdedExpr],
    ) -> Type {
        let receiver: Option<Typed<'a>> = receiver.map(|receiver| (receiver, self.expr(receiver)));
        let arguments: Vec<Typed<'a>> = arguments.iter().map(|argument| (argument, self.expr(argument))).collect();
        self.reads_of_function(node.id, entry.function.name, &arguments);
        match chosen(entry, receiver.as_ref(), &arguments) {
            Ok(result) => {
                self.literals(node.id, entry.function.name, receiver.as_ref().map(|(receiver, _)| *receiver), &arguments);
                result
            }
            Err(message) => {
                self.findings.error(node.id, message);
                Type::Dyn
            }
        }
    }

    /// What our own functions read, which is never written down.
    fn reads_of_function(&mut self, node: u64, name: &str, arguments: &[Typed<'a>]) {
        let attribute = match name {
            "hasRole" => Attribute::Roles,
            "hasPermission" => Attribute::Permissions,
            "hasScope" => Attribute::Scopes,
            "query_values" => Attribute::Query,
            "header_values" | "header_tokens" => Attribute::RequestHeaders,
            _ => return,
        };
        self.read(node, attribute);
        if let (Attribute::RequestHeaders, Some(name)) =
            (attribute, arguments.first().and_then(|(name, _)| super::describe::string(name)))
        {
            self.header(name, node);
        }
    }

    /// `list.sortBy(x, key)`: a macro that the parser leaves as a call.
    fn sort_by(&mut self, node: &'a IdedExpr, receiver: Option<&'a IdedExpr>, arguments: &'a [IdedExpr]) -> Type {
        let (Some(list), [IdedExpr { expr: Expr::Ident(name), .. }, key]) = (receiver, arguments) else {
            self.findings.error(node.id, "`sortBy` needs a name and a key: `list.sortBy(x, x.name)`");
            return Type::Dyn;
        };
        let actual = self.expr(list);
        let element = self.element(list, &actual, "sortBy");
        self.inside(node.id, name, element.clone(), |walk| walk.expr(key));
        Type::List(Box::new(element))
    }

    fn unknown_function(&mut self, node: &'a IdedExpr, call: &'a CallExpr, name: &str, receiver: Option<&'a IdedExpr>) {
        if let Some(known) = signature::macro_named(&call.func_name) {
            let usage = known.signatures.first().copied().unwrap_or_default().replace("list(A)", "list");
            let usage = usage.split(" -> ").next().unwrap_or_default();
            self.findings.error(node.id, format!("`{}` is written `{usage}`", known.name));
            return;
        }
        let near = || suggest::function(name).or_else(|| suggest::function(&call.func_name));
        let suggestion = if self.findings.is_full() { None } else { near() };
        self.findings.misnamed(node.id, format!("unknown function `{name}`"), suggestion.map(str::to_owned));
        receiver.into_iter().chain(&call.args).for_each(|part| {
            self.expr(part);
        });
    }
}

/// The result, or why no overload takes these arguments.
fn chosen(entry: &'static Entry, receiver: Option<&Typed<'_>>, arguments: &[Typed<'_>]) -> Result<Type, String> {
    let name = entry.function.name;
    let styled: Vec<&Overload> =
        entry.overloads.iter().filter(|overload| overload.receiver.is_some() == receiver.is_some()).collect();
    if styled.is_empty() {
        return Err(style(name, receiver));
    }
    let on: Vec<&Overload> = styled.iter().copied().filter(|overload| fits_receiver(overload, receiver)).collect();
    if let (true, Some((receiver, actual))) = (on.is_empty(), receiver) {
        let alone = entry.overloads.iter().any(|overload| overload.receiver.is_none() && fits_first(overload, actual));
        return Err(wrong_receiver(name, &styled, describe(receiver), actual)
            + &if alone { format!("; or write `{name}({})`", describe(receiver)) } else { String::new() });
    }
    let counted: Vec<&Overload> = on.iter().copied().filter(|overload| takes(overload, arguments.len())).collect();
    if counted.is_empty() {
        return Err(format!("`{name}` takes {}, not {}", counts(&on), arguments.len()));
    }
    result(&counted, receiver, arguments).ok_or_else(|| wrong_argument(name, &counted, arguments))
}

fn style(name: &str, receiver: Option<&Typed<'_>>) -> String {
    match receiver {
        Some((receiver, _)) => format!("`{name}` is called without a value before it: `{name}({})`", describe(receiver)),
        None if matches!(name, "min" | "max") => {
            let other = if name == "min" { "math.least" } else { "math.greatest" };
            format!("`{name}` is called on a list: `list.{name}()`; of several numbers `{other}(…)`")
        }
        None => format!("`{name}` is called on a value: `x.{name}(…)`"),
    }
}

fn fits_receiver(overload: &Overload, receiver: Option<&Typed<'_>>) -> bool {
    match (&overload.receiver, receiver) {
        (Some(shape), Some((_, actual))) => Bindings::default().fit(actual, shape),
        _ => true,
    }
}

fn fits_first(overload: &Overload, actual: &Type) -> bool {
    overload.arguments.first().is_some_and(|shape| Bindings::default().fit(actual, shape))
}

fn wrong_receiver(name: &str, styled: &[&Overload], what: String, actual: &Type) -> String {
    let wanted = alternatives(styled.iter().filter_map(|overload| overload.receiver.as_ref()));
    let hint = match actual {
        Type::Ip if matches!(name, "startsWith" | "matches" | "contains") => {
            format!("; write `cidr(\"10.0.0.0/8\").containsIP({what})`")
        }
        Type::List(_) if name == "contains" => format!("; write `x in {what}`"),
        Type::Optional(_) => "; get at the value with `.orValue(…)`".to_owned(),
        _ if wanted == "string" && !matches!(actual, Type::List(_) | Type::Map(..) | Type::Null) => {
            format!("; convert with `string({what})`")
        }
        _ => String::new(),
    };
    format!("`{name}` is called on {wanted}, but `{what}` is {actual}{hint}")
}

fn takes(overload: &Overload, count: usize) -> bool {
    overload.arguments.len() == count || (overload.variadic && count >= overload.arguments.len())
}

fn counts(overloads: &[&Overload]) -> String {
    let mut counts: Vec<usize> = overloads.iter().map(|overload| overload.arguments.len()).collect();
    counts.sort_unstable();
    counts.dedup();
    let plural = if counts == [1] { "" } else { "s" };
    let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
    format!("{} argument{plural}", counts.join(" or "))
}

/// The result of the overloads that take these types; `None` where none does.
fn result(overloads: &[&Overload], receiver: Option<&Typed<'_>>, arguments: &[Typed<'_>]) -> Option<Type> {
    let mut result: Option<Type> = None;
    for overload in overloads.iter().filter(|overload| takes(overload, arguments.len())) {
        let mut bindings = Bindings::default();
        let on = match (&overload.receiver, receiver) {
            (Some(shape), Some((_, actual))) => bindings.fit(actual, shape),
            _ => true,
        };
        if on
            && arguments
                .iter()
                .enumerate()
                .all(|(index, (_, actual))| argument(overload, index).is_some_and(|shape| bindings.fit(actual, shape)))
        {
            let this = bindings.apply(&overload.result);
            result = Some(result.map_or(this.clone(), |before| join(&before, &this)));
        }
    }
    result
}

fn argument(overload: &Overload, index: usize) -> Option<&Shape> {
    overload.arguments.get(index).or_else(|| overload.arguments.last().filter(|_| overload.variadic))
}

/// The first argument that no overload takes.
fn wrong_argument(name: &str, overloads: &[&Overload], arguments: &[Typed<'_>]) -> String {
    for (index, (node, actual)) in arguments.iter().enumerate() {
        let shapes = || overloads.iter().filter_map(|overload| argument(overload, index));
        if !shapes().any(|shape| Bindings::default().fit(actual, shape)) {
            let wanted = alternatives(shapes());
            let position = if arguments.len() == 1 { "the argument".to_owned() } else { format!("argument {}", index + 1) };
            return format!("{position} of `{name}` must be {wanted}, but `{}` is {actual}", describe(node));
        }
    }
    let types: Vec<String> = arguments.iter().map(|(_, actual)| actual.to_string()).collect();
    let forms: Vec<String> = overloads.iter().map(|overload| format!("`{}`", overload.text)).collect();
    format!("`{name}` does not take ({}) together; its forms are {}", types.join(", "), forms.join(", "))
}

fn alternatives<'s>(shapes: impl Iterator<Item = &'s Shape>) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in shapes.map(|shape| shape.to_string().replace("(A)", "").replace("(A, B)", "")) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" or ")
}
