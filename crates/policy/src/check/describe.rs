//! An expression as text, cut where it is long: what an error calls it.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};

use super::comprehension::Replaced;

/// Longer text is cut.
const TEXT_MAX: usize = 48;

/// The text of `node`, about as it was written.
pub(crate) fn describe(node: &IdedExpr) -> String {
    let mut text = String::new();
    write(node, &mut text);
    if text.chars().count() > TEXT_MAX {
        text = text.chars().take(TEXT_MAX - 1).collect();
        text.push('…');
    }
    text
}

/// The name of an operator as it is written.
pub(super) fn symbol(operator: &str) -> &str {
    match operator {
        operators::IN => "in",
        _ => operator.trim_matches('_'),
    }
}

fn write(node: &IdedExpr, text: &mut String) {
    // What is already too long is cut anyway: a wide tree is not written out.
    if text.len() > 4 * TEXT_MAX {
        return;
    }
    match &node.expr {
        Expr::Ident(name) => text.push_str(name),
        Expr::Literal(value) => literal(value, text),
        Expr::Select(select) if select.test => {
            text.push_str("has(");
            write(&select.operand, text);
            *text += &format!(".{})", select.field);
        }
        Expr::Select(select) => {
            write(&select.operand, text);
            *text += &format!(".{}", select.field);
        }
        Expr::Call(call) => match (call.target.as_deref(), call.args.as_slice()) {
            (None, [map, key]) if call.func_name == operators::INDEX => list(text, map, "[", std::slice::from_ref(key), "]"),
            (None, [map, key]) if call.func_name == operators::OPT_INDEX => list(text, map, "[?", std::slice::from_ref(key), "]"),
            (None, [map, key]) if call.func_name == operators::OPT_SELECT => {
                write(map, text);
                text.push_str(".?");
                text.push_str(string(key).unwrap_or("…"));
            }
            (None, [condition, one, other]) if call.func_name == operators::CONDITIONAL => {
                write(condition, text);
                text.push_str(" ? ");
                write(one, text);
                text.push_str(" : ");
                write(other, text);
            }
            (None, [left, right]) if is_operator(&call.func_name) => {
                write(left, text);
                *text += &format!(" {} ", symbol(&call.func_name));
                write(right, text);
            }
            (None, [operand]) if is_operator(&call.func_name) => {
                text.push_str(symbol(&call.func_name));
                write(operand, text);
            }
            (None, arguments) => {
                text.push_str(&call.func_name);
                separated(text, "(", arguments, ")");
            }
            (Some(target), arguments) => list(text, target, &format!(".{}(", call.func_name), arguments, ")"),
        },
        Expr::List(items) => separated(text, "[", &items.elements, "]"),
        Expr::Map(_) => text.push_str("{…}"),
        Expr::Struct(message) => *text += &format!("{}{{…}}", message.type_name),
        Expr::Comprehension(comprehension) => {
            write(&comprehension.iter_range, text);
            *text += &format!(".{}({}, …)", Replaced::by(comprehension).name(), comprehension.iter_var);
        }
        Expr::Unspecified => text.push('…'),
    }
}

fn list(text: &mut String, before: &IdedExpr, open: &str, items: &[IdedExpr], close: &str) {
    write(before, text);
    separated(text, open, items, close);
}

fn separated(text: &mut String, open: &str, items: &[IdedExpr], close: &str) {
    text.push_str(open);
    for (index, item) in items.iter().take(TEXT_MAX).enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        write(item, text);
    }
    text.push_str(close);
}

pub(super) fn is_operator(name: &str) -> bool {
    name.starts_with(|c: char| !c.is_ascii_alphabetic() && c != '.') && name != operators::NOT_STRICTLY_FALSE
}

/// The text of a string literal.
pub(super) fn string(node: &IdedExpr) -> Option<&str> {
    match &node.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

fn literal(value: &LiteralValue, text: &mut String) {
    match value {
        LiteralValue::Boolean(value) => *text += &value.inner().to_string(),
        LiteralValue::Bytes(_) => text.push_str("b\"…\""),
        LiteralValue::Double(value) => *text += &value.inner().to_string(),
        LiteralValue::Int(value) => *text += &value.inner().to_string(),
        LiteralValue::Null => text.push_str("null"),
        LiteralValue::String(value) => *text += &quoted(value.inner()),
        LiteralValue::UInt(value) => *text += &format!("{}u", value.inner()),
    }
}

/// A string as a literal, cut where it is long, on one line.
pub(super) fn quoted(value: &str) -> String {
    let cut: String = value.chars().take(TEXT_MAX).map(|c| if c.is_control() { '�' } else { c }).collect();
    let more = if cut.len() < value.len() { "…" } else { "" };
    format!("\"{}{more}\"", cut.replace('"', "\\\""))
}
