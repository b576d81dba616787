//! What a condition tells about presence: inside `has(x.y) && …` a reader knows that `x.y` is there.

use cel::common::ast::{Expr, IdedExpr, operators};

use super::describe::string;

/// Adds what is there wherever `condition` is `truth`.
pub(super) fn implied(condition: &IdedExpr, truth: bool, there: &mut Vec<String>) {
    match &condition.expr {
        Expr::Select(select) if select.test && truth => {
            there.extend(path(&select.operand).map(|path| member(&path, &select.field)))
        }
        Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_AND, sides) if truth => sides.iter().for_each(|side| implied(side, truth, there)),
            (operators::LOGICAL_OR, sides) if !truth => sides.iter().for_each(|side| implied(side, truth, there)),
            (operators::LOGICAL_NOT, [operand]) => implied(operand, !truth, there),
            (operators::IN, [key, map]) if truth => {
                let entry = string(key).and_then(|key| path(map).map(|path| member(&path, key)));
                there.extend(entry);
            }
            _ => {}
        },
        _ => {}
    }
}

/// `a.b["c"].d` as one text, whichever way its parts were written; `None` where a part is worked out.
pub(super) fn path(node: &IdedExpr) -> Option<String> {
    match &node.expr {
        Expr::Ident(name) => Some(name.trim_start_matches('.').to_owned()),
        Expr::Select(select) if !select.test => path(&select.operand).map(|path| member(&path, &select.field)),
        Expr::Call(call) if call.func_name == operators::INDEX => match call.args.as_slice() {
            [map, key] => path(map).and_then(|path| string(key).map(|key| member(&path, key))),
            _ => None,
        },
        _ => None,
    }
}

/// A byte that no expression has between a path and its member.
fn member(path: &str, name: &str) -> String {
    format!("{path}\0{name}")
}
