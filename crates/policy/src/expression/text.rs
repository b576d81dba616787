//! A part of an expression as text again: what a failure names.

use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};

use crate::check::Replaced;

/// So long a text is cut: it is for people.
const LENGTH_MAX: usize = 200;

/// The text of `expr`, in the form that CEL's own printers give it.
pub(crate) fn of(expr: &IdedExpr) -> String {
    let text = print(expr);
    match text.char_indices().nth(LENGTH_MAX).and_then(|(end, _)| text.get(..end)) {
        Some(start) => format!("{start}…"),
        None => text,
    }
}

/// The nodes below `expr`.
pub(crate) fn children(expr: &IdedExpr) -> Vec<&IdedExpr> {
    match &expr.expr {
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Map(map) => map.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).collect(),
        Expr::Struct(value) => value.entries.iter().flat_map(|entry| entry_parts(&entry.expr)).collect(),
        Expr::Comprehension(it) => vec![&it.iter_range, &it.accu_init, &it.loop_cond, &it.loop_step, &it.result],
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}

fn entry_parts(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

fn print(expr: &IdedExpr) -> String {
    match &expr.expr {
        Expr::Ident(name) => name.clone(),
        Expr::Literal(literal) => print_literal(literal),
        Expr::Select(select) if select.test => format!("has({}.{})", print(&select.operand), select.field),
        Expr::Select(select) => format!("{}.{}", operand(&select.operand), select.field),
        Expr::List(list) => format!("[{}]", separated(&list.elements)),
        Expr::Map(_) => "{…}".to_owned(),
        Expr::Struct(value) => format!("{}{{…}}", value.type_name),
        Expr::Comprehension(comprehension) => print_comprehension(comprehension),
        Expr::Call(call) => print_call(&call.func_name, call.target.as_deref(), &call.args),
        Expr::Unspecified => String::new(),
    }
}

fn print_call(name: &str, target: Option<&IdedExpr>, args: &[IdedExpr]) -> String {
    match (name, target, args) {
        (operators::CONDITIONAL, _, [condition, then, otherwise]) => {
            format!("{} ? {} : {}", operand(condition), operand(then), operand(otherwise))
        }
        (operators::INDEX, _, [of, key]) => format!("{}[{}]", operand(of), print(key)),
        (operators::OPT_INDEX, _, [of, key]) => format!("{}[?{}]", operand(of), print(key)),
        (operators::OPT_SELECT, _, [of, key]) => format!("{}.?{}", operand(of), print(key).trim_matches('"')),
        (operators::LOGICAL_NOT, _, [of]) => format!("!{}", operand(of)),
        (operators::NEGATE, _, [of]) => format!("-{}", operand(of)),
        (_, Some(target), args) => format!("{}.{name}({})", operand(target), separated(args)),
        (_, None, [left, right]) => match infix(name) {
            Some(sign) => format!("{} {sign} {}", operand(left), operand(right)),
            None => format!("{name}({})", separated(args)),
        },
        (_, None, args) => format!("{name}({})", separated(args)),
    }
}

/// The sign of an operator between two operands.
fn infix(name: &str) -> Option<&str> {
    match name {
        operators::IN => Some("in"),
        _ => name.strip_prefix('_')?.strip_suffix('_'),
    }
}

/// In brackets where it would else be read with its neighbours.
fn operand(expr: &IdedExpr) -> String {
    let text = print(expr);
    let binds = match &expr.expr {
        Expr::Call(call) => call.target.is_none() && (call.func_name.starts_with('_') || call.func_name == operators::IN),
        _ => false,
    };
    let indexes = matches!(&expr.expr, Expr::Call(call) if matches!(call.func_name.as_str(), operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT));
    if binds && !indexes { format!("({text})") } else { text }
}

fn separated(exprs: &[IdedExpr]) -> String {
    exprs.iter().map(print).collect::<Vec<_>>().join(", ")
}

fn print_literal(literal: &LiteralValue) -> String {
    match literal {
        LiteralValue::Boolean(bool) => bool.inner().to_string(),
        LiteralValue::Bytes(bytes) => format!("b\"{}\"", bytes.inner().escape_ascii()),
        LiteralValue::Double(double) => format!("{:?}", double.inner()),
        LiteralValue::Int(int) => int.inner().to_string(),
        LiteralValue::Null => "null".to_owned(),
        LiteralValue::String(string) => format!("{:?}", string.inner()),
        LiteralValue::UInt(uint) => format!("{}u", uint.inner()),
    }
}

/// The macro that it was.
fn print_comprehension(comprehension: &ComprehensionExpr) -> String {
    let replaced = Replaced::by(comprehension);
    let arguments = replaced.condition.into_iter().chain(replaced.value).map(print);
    let arguments: Vec<String> = std::iter::once(comprehension.iter_var.clone()).chain(arguments).collect();
    format!("{}.{}({})", operand(&comprehension.iter_range), replaced.name(), arguments.join(", "))
}
