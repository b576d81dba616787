//! Calls that are done otherwise than they are written.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, ListExpr, LiteralValue, operators};

use super::{Lowering, Origin, Path, Reading, Slot, global};
use crate::Attribute;
use crate::functions::pattern;
use crate::values::view::Lookup;

/// The variable that `sortBy` binds its list to.
const SORT_INPUT: &str = "@sort";

impl Lowering<'_> {
    pub(super) fn call(&mut self, id: u64, call: CallExpr) -> IdedExpr {
        let receiver = call.target.as_deref().map(|target| &target.expr);
        let namespace = match receiver {
            Some(Expr::Ident(name)) if !self.bound.contains(name) => name.clone(),
            _ => String::new(),
        };
        match (namespace.as_str(), call.func_name.as_str(), call.args.len()) {
            ("math", "greatest", 1..) => self.extreme(id, "math.@max", call.args),
            ("math", "least", 1..) => self.extreme(id, "math.@min", call.args),
            ("lists", "range", 1) => self.function(id, "@range", call.args),
            ("base64" | "strings", _, 1) => self.with_sized_args(id, call),
            (_, "sortBy", 2) if call.target.is_some() => self.sort_by(id, call),
            (_, name, _) if call.target.is_some() => match bounded_method(name) {
                Some(name) => self.method(id, name, call),
                None => self.other_call(id, call),
            },
            _ => self.other_call(id, call),
        }
    }

    fn other_call(&mut self, id: u64, mut call: CallExpr) -> IdedExpr {
        match (call.func_name.as_str(), call.args.len() + usize::from(call.target.is_some())) {
            ("hasRole", 1) => self.in_attribute(id, call.args, Attribute::Roles),
            ("hasPermission", 1) => self.in_attribute(id, call.args, Attribute::Permissions),
            ("hasScope", 1) => self.in_attribute(id, call.args, Attribute::Scopes),
            ("header_values", 1) => self.fields(id, call.args, Attribute::RequestHeaders, Lookup::Values),
            ("header_tokens", 1) => self.fields(id, call.args, Attribute::RequestHeaders, Lookup::Tokens),
            ("query_values", 1) => self.fields(id, call.args, Attribute::Query, Lookup::Values),
            ("matches", 2) => self.pattern_call(id, "@matches", call),
            ("find", 2) => self.pattern_call(id, "@find", call),
            ("findAll", 2..=3) => self.pattern_call(id, "@findAll", call),
            (operators::LOGICAL_NOT, 1) => self.negation(id, call.args),
            (operators::ADD, 2) => self.function(id, "@add", call.args),
            (operators::OPT_INDEX | operators::OPT_SELECT, 2) => self.look_up(id, "@opt", call.args),
            (operators::INDEX, 2) => self.look_up(id, operators::INDEX, call.args),
            (operators::IN, 2) => self.membership(id, call.args),
            ("size", 1) => self.size(id, call),
            ("format", 2) if call.target.is_some() => {
                call.args = call.args.into_iter().map(|arg| global(arg.id, "@sized", vec![arg])).collect();
                self.as_written(id, call)
            }
            _ => {
                let constant = call.target.is_none() && folds(&call);
                let lowered = self.as_written(id, call);
                if constant { self.folded(lowered) } else { lowered }
            }
        }
    }

    fn as_written(&mut self, id: u64, call: CallExpr) -> IdedExpr {
        let target = call.target.map(|target| Box::new(self.expr(*target)));
        let args = self.args(call.args);
        IdedExpr { id, expr: Expr::Call(CallExpr { func_name: call.func_name, target, args }) }
    }

    fn args(&mut self, args: Vec<IdedExpr>) -> Vec<IdedExpr> {
        args.into_iter().map(|arg| self.expr(arg)).collect()
    }

    fn function(&mut self, id: u64, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
        let args = self.args(args);
        global(id, name, args)
    }

    fn method(&mut self, id: u64, name: &str, call: CallExpr) -> IdedExpr {
        self.as_written(id, CallExpr { func_name: name.to_owned(), ..call })
    }

    fn with_sized_args(&mut self, id: u64, call: CallExpr) -> IdedExpr {
        let args = call.args.into_iter().map(|arg| global(arg.id, "@sized", vec![arg])).collect();
        self.as_written(id, CallExpr { args, ..call })
    }

    /// cel makes the text of an error for each `!` before it looks whether it is one; `x ? false : true` is the same without.
    fn negation(&mut self, id: u64, args: Vec<IdedExpr>) -> IdedExpr {
        let literal = |bool: bool| IdedExpr { id, expr: Expr::Literal(LiteralValue::Boolean(bool.into())) };
        let mut args = self.args(args);
        args.extend([literal(false), literal(true)]);
        global(id, operators::CONDITIONAL, args)
    }

    /// `math.greatest(a, b, c)` is cel's `math.@max([a, b, c])`.
    fn extreme(&mut self, id: u64, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
        let mut args = self.args(args);
        if args.len() > 2 {
            args = vec![IdedExpr { id, expr: Expr::List(ListExpr::new(args)) }];
        }
        global(id, name, args)
    }

    fn in_attribute(&mut self, id: u64, args: Vec<IdedExpr>, attribute: Attribute) -> IdedExpr {
        let mut args = self.args(args);
        args.push(self.slot(id, whole(attribute, Reading::Members)));
        global(id, operators::IN, args)
    }

    fn fields(&mut self, id: u64, args: Vec<IdedExpr>, attribute: Attribute, lookup: Lookup) -> IdedExpr {
        let mut operands = vec![self.slot(id, whole(attribute, Reading::Fields(lookup)))];
        operands.extend(self.args(args));
        global(id, operators::INDEX, operands)
    }

    /// A literal pattern is compiled now.
    fn pattern_call(&mut self, id: u64, name: &str, call: CallExpr) -> IdedExpr {
        let operands = call.target.map(|target| *target).into_iter().chain(call.args);
        let args = operands.enumerate().map(|(index, arg)| match (index, &arg.expr) {
            (1, Expr::Literal(LiteralValue::String(literal))) => match pattern(literal.inner()) {
                Some(pattern) => self.slot(arg.id, Slot::Constant(Box::new(pattern))),
                None => arg,
            },
            _ => self.expr(arg),
        });
        let args = args.collect();
        global(id, name, args)
    }

    fn look_up(&mut self, id: u64, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
        let mut args = args.into_iter();
        let operand = args.next().map(|operand| self.looked_into(operand, Reading::Map));
        let args = operand.into_iter().chain(args.map(|arg| self.expr(arg))).collect();
        global(id, name, args)
    }

    fn membership(&mut self, id: u64, args: Vec<IdedExpr>) -> IdedExpr {
        let mut args = args.into_iter();
        let element = args.next().map(|element| self.expr(element));
        let container = args.next().map(|container| match self.strings(&container) {
            Some(strings) => self.slot(container.id, Slot::Constant(Box::new(strings))),
            None => self.looked_into(container, Reading::Members),
        });
        global(id, operators::IN, element.into_iter().chain(container).collect())
    }

    fn size(&mut self, id: u64, call: CallExpr) -> IdedExpr {
        let target = call.target.map(|target| Box::new(self.looked_into(*target, Reading::View)));
        let args = call.args.into_iter().map(|arg| self.looked_into(arg, Reading::View)).collect();
        IdedExpr { id, expr: Expr::Call(CallExpr { func_name: call.func_name, target, args }) }
    }

    /// `list.sortBy(x, key)` sorts the list, bound to a name so that it is evaluated once, by its keys.
    fn sort_by(&mut self, id: u64, call: CallExpr) -> IdedExpr {
        let mut args = call.args.into_iter();
        let (Some(target), Some(variable), Some(key)) = (call.target, args.next(), args.next()) else {
            return IdedExpr::default();
        };
        let Expr::Ident(variable) = variable.expr else { return global(id, "sortBy", Vec::new()) };
        let node = |expr: Expr| IdedExpr { id, expr };
        let input = || node(Expr::Ident(SORT_INPUT.to_owned()));
        let keys = map_of(id, input(), variable, key);
        let sorted =
            CallExpr { func_name: "@sortByAssociatedKeys".to_owned(), target: Some(Box::new(input())), args: vec![keys] };
        let bind = ComprehensionExpr {
            iter_range: node(Expr::List(ListExpr::default())),
            iter_var: "#unused".to_owned(),
            iter_var2: None,
            accu_var: SORT_INPUT.to_owned(),
            accu_init: *target,
            loop_cond: node(Expr::Literal(LiteralValue::Boolean(false.into()))),
            loop_step: input(),
            result: node(Expr::Call(sorted)),
        };
        node(Expr::Comprehension(Box::new(self.comprehension(bind))))
    }
}

/// What `list.map(variable, value)` is.
fn map_of(id: u64, list: IdedExpr, variable: String, value: IdedExpr) -> IdedExpr {
    const RESULT: &str = "@keys";
    let node = |expr: Expr| IdedExpr { id, expr };
    let result = || node(Expr::Ident(RESULT.to_owned()));
    let appended = node(Expr::List(ListExpr::new(vec![value])));
    node(Expr::Comprehension(Box::new(ComprehensionExpr {
        iter_range: list,
        iter_var: variable,
        iter_var2: None,
        accu_var: RESULT.to_owned(),
        accu_init: node(Expr::List(ListExpr::default())),
        loop_cond: node(Expr::Literal(LiteralValue::Boolean(true.into()))),
        loop_step: global(id, operators::ADD, vec![result(), appended]),
        result: result(),
    })))
}

fn whole(attribute: Attribute, reading: Reading) -> Slot {
    Slot::Path(Path { origin: Origin::Attribute(attribute), names: Vec::new(), optional_from: None, reading })
}

/// The function that does what the method of this name does, within bounds.
fn bounded_method(name: &str) -> Option<&'static str> {
    Some(match name {
        "indexOf" => "@indexOf",
        "lastIndexOf" => "@lastIndexOf",
        "replace" => "@replace",
        "split" => "@split",
        "join" => "@join",
        "distinct" => "@distinct",
        _ => return None,
    })
}

/// Whether a call of it with a literal is a constant.
fn folds(call: &CallExpr) -> bool {
    matches!(call.func_name.as_str(), "ip" | "cidr" | "url" | "duration" | "timestamp")
        && matches!(call.args.as_slice(), [IdedExpr { expr: Expr::Literal(_), .. }])
}
