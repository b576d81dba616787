//! The checked tree, rewritten once for evaluation: what is read of a request becomes one lookup, what is constant is worked out
//! now, and what cel does without a bound is done by functions that have one.

mod calls;
mod constants;
mod paths;
mod slot;

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, MapExpr, SelectExpr, operators};

use crate::Type;
pub(crate) use slot::{Origin, Path, Reading, Slot};

/// A tree that evaluates against its slots.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// Names of the form `@0` stand for slots.
    pub(crate) expr: IdedExpr,
    /// What those names stand for.
    pub(crate) slots: Vec<Slot>,
    /// Whether parts of it are evaluated several times.
    pub(crate) loops: bool,
}

/// Rewrites `expr`; `variables` are the names beside the attributes.
pub(crate) fn lower(expr: IdedExpr, variables: &[(String, Type)]) -> Lowered {
    let mut lowering = Lowering { slots: Vec::new(), bound: Vec::new(), variables, looping: 0, loops: false };
    let expr = lowering.expr(expr);
    Lowered { expr, slots: lowering.slots, loops: lowering.loops }
}

struct Lowering<'a> {
    slots: Vec<Slot>,
    /// The names that comprehensions around bind.
    bound: Vec<String>,
    variables: &'a [(String, Type)],
    /// How many comprehensions are around.
    looping: usize,
    loops: bool,
}

impl Lowering<'_> {
    fn expr(&mut self, expr: IdedExpr) -> IdedExpr {
        if let Some(path) = self.path(&expr, Reading::Value) {
            return self.slot(expr.id, Slot::Path(path));
        }
        self.parts(expr)
    }

    /// An expression that is only looked into.
    fn looked_into(&mut self, expr: IdedExpr, reading: Reading) -> IdedExpr {
        match self.path(&expr, reading) {
            Some(path) => self.slot(expr.id, Slot::Path(path)),
            None => self.parts(expr),
        }
    }

    fn parts(&mut self, expr: IdedExpr) -> IdedExpr {
        let id = expr.id;
        let expr = match expr.expr {
            Expr::Call(call) => return self.call(id, call),
            Expr::Comprehension(comprehension) => Expr::Comprehension(Box::new(self.comprehension(*comprehension))),
            Expr::Select(select) => {
                let operand = Box::new(self.looked_into(*select.operand, Reading::Map));
                Expr::Select(SelectExpr { operand, ..select })
            }
            Expr::List(list) => return self.list(id, list),
            Expr::Map(map) => return self.map(id, map),
            expr @ (Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_) | Expr::Unspecified) => expr,
        };
        IdedExpr { id, expr }
    }

    fn list(&mut self, id: u64, list: ListExpr) -> IdedExpr {
        let constant = list.elements.iter().all(|element| matches!(element.expr, Expr::Literal(_)));
        let several = list.elements.len() > 1;
        let elements = list.elements.into_iter().map(|element| self.expr(element)).collect();
        let expr = IdedExpr { id, expr: Expr::List(ListExpr { elements, ..list }) };
        match constant {
            true => self.folded(expr),
            false if several && self.looping > 0 => self.sized(expr),
            false => expr,
        }
    }

    fn map(&mut self, id: u64, map: MapExpr) -> IdedExpr {
        let literal = |expr: &IdedExpr| matches!(expr.expr, Expr::Literal(_));
        let constant = map
            .entries
            .iter()
            .all(|entry| matches!(&entry.expr, EntryExpr::MapEntry(entry) if literal(&entry.key) && literal(&entry.value)));
        let several = map.entries.len() > 1;
        let mut entries = map.entries;
        for entry in &mut entries {
            if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                entry.key = self.expr(std::mem::take(&mut entry.key));
                entry.value = self.expr(std::mem::take(&mut entry.value));
            }
        }
        let expr = IdedExpr { id, expr: Expr::Map(MapExpr { entries }) };
        match constant {
            true => self.folded(expr),
            false if several && self.looping > 0 => self.sized(expr),
            false => expr,
        }
    }

    fn comprehension(&mut self, comprehension: ComprehensionExpr) -> ComprehensionExpr {
        self.loops = true;
        let iter_range = self.looked_into(comprehension.iter_range, Reading::View);
        let accu_init = self.plain_list(comprehension.accu_init);
        let outside = self.bound.len();
        self.bound.push(comprehension.accu_var.clone());
        self.bound.push(comprehension.iter_var.clone());
        self.bound.extend(comprehension.iter_var2.clone());
        self.looping += 1;
        let loop_cond = self.expr(comprehension.loop_cond);
        let loop_step = self.step(comprehension.loop_step, &comprehension.accu_var);
        let result = self.expr(comprehension.result);
        self.looping -= 1;
        self.bound.truncate(outside);
        ComprehensionExpr { iter_range, accu_init, loop_cond, loop_step, result, ..comprehension }
    }

    /// cel appends in place where a step is `accumulator + [x]`, under a condition or not: that shape is kept.
    fn step(&mut self, step: IdedExpr, accumulator: &str) -> IdedExpr {
        let id = step.id;
        match step.expr {
            Expr::Call(call) if call.func_name == operators::CONDITIONAL && call.args.len() == 3 => {
                let mut args = call.args.into_iter();
                let (guard, then, otherwise) = (args.next(), args.next(), args.next());
                let guard = guard.map(|guard| self.expr(guard));
                let then = then.map(|then| self.step(then, accumulator));
                let args = [guard, then, otherwise].into_iter().flatten().collect();
                IdedExpr { id, expr: Expr::Call(CallExpr { func_name: call.func_name, target: None, args }) }
            }
            Expr::Call(call) if call.func_name == operators::ADD && appends(&call, accumulator) => {
                let args = call.args.into_iter().map(|arg| self.plain_list(arg)).collect();
                IdedExpr { id, expr: Expr::Call(CallExpr { args, ..call }) }
            }
            expr => self.expr(IdedExpr { id, expr }),
        }
    }

    /// Lowers the elements of a list literal and leaves it a literal.
    fn plain_list(&mut self, expr: IdedExpr) -> IdedExpr {
        let id = expr.id;
        match expr.expr {
            Expr::List(list) => {
                let elements = list.elements.into_iter().map(|element| self.expr(element)).collect();
                IdedExpr { id, expr: Expr::List(ListExpr { elements, ..list }) }
            }
            expr => self.expr(IdedExpr { id, expr }),
        }
    }

    /// The name of a new slot.
    fn slot(&mut self, id: u64, slot: Slot) -> IdedExpr {
        let name = format!("@{}", self.slots.len());
        self.slots.push(slot);
        IdedExpr { id, expr: Expr::Ident(name) }
    }

    fn sized(&mut self, expr: IdedExpr) -> IdedExpr {
        global(expr.id, "@sized", vec![expr])
    }
}

fn appends(call: &CallExpr, accumulator: &str) -> bool {
    matches!(call.args.as_slice(), [IdedExpr { expr: Expr::Ident(name), .. }, IdedExpr { expr: Expr::List(_), .. }] if name == accumulator)
}

/// A call of a function.
fn global(id: u64, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
    IdedExpr { id, expr: Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }) }
}

#[cfg(test)]
mod tests;
