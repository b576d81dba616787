//! Selections and literal indices on an attribute: `request.headers["x-team"]`, `jwt.claims.realm_access.roles`.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};

use super::{Lowering, Origin, Path, Reading};
use crate::Attribute;

/// A chain of selections, from its root on.
struct Chain<'e> {
    root: &'e str,
    steps: Vec<Step<'e>>,
    test: bool,
}

struct Step<'e> {
    name: &'e str,
    /// `a.b`, which may be a part of a name, and not `a["b"]`.
    selects: bool,
    optional: bool,
}

impl Lowering<'_> {
    /// `expr` as a path, if it is one.
    pub(super) fn path(&self, expr: &IdedExpr, reading: Reading) -> Option<Path> {
        let chain = Chain::of(expr)?;
        let absolute = chain.root.strip_prefix('.');
        if absolute.is_none() && self.bound.iter().any(|name| name == chain.root) {
            return None;
        }
        let (origin, used) = self.origin(absolute.unwrap_or(chain.root), &chain.steps)?;
        if chain.test && used > chain.steps.len().checked_sub(1)? && !matches!(origin, Origin::Attribute(_) | Origin::Params) {
            return None;
        }
        let (name, rest) = chain.steps.split_at_checked(used)?;
        let optional_name = name.iter().any(|step| step.optional).then_some(0);
        Some(Path {
            origin,
            names: rest.iter().map(|step| step.name.to_owned()).collect(),
            optional_from: optional_name.or_else(|| rest.iter().position(|step| step.optional).map(|step| step + 1)),
            reading: if chain.test { Reading::Has } else { reading },
        })
    }

    /// The longest name that the chain starts with, and how many of its steps belong to it.
    fn origin(&self, root: &str, steps: &[Step<'_>]) -> Option<(Origin, usize)> {
        let part_of_name = steps.iter().take_while(|step| step.selects).count();
        (0..=part_of_name).rev().find_map(|used| {
            let mut name = root.to_owned();
            for step in steps.get(..used)? {
                name.push('.');
                name.push_str(step.name);
            }
            self.named(&name).map(|origin| (origin, used))
        })
    }

    fn named(&self, name: &str) -> Option<Origin> {
        if self.variables.iter().any(|(variable, _)| variable == name) {
            return Some(Origin::Variable(name.to_owned()));
        }
        match Attribute::named(name)? {
            Attribute::Params => Some(Origin::Params),
            attribute => Some(Origin::Attribute(attribute)),
        }
    }
}

impl<'e> Chain<'e> {
    fn of(expr: &'e IdedExpr) -> Option<Self> {
        match &expr.expr {
            Expr::Ident(root) => Some(Self { root, steps: Vec::new(), test: false }),
            Expr::Select(select) => {
                let mut chain = Self::of(&select.operand).filter(|chain| !chain.test)?;
                chain.steps.push(Step { name: &select.field, selects: true, optional: false });
                Some(Self { test: select.test, ..chain })
            }
            Expr::Call(call) => {
                let optional = match call.func_name.as_str() {
                    operators::INDEX => false,
                    operators::OPT_INDEX | operators::OPT_SELECT => true,
                    _ => return None,
                };
                let [operand, key] = call.args.as_slice() else { return None };
                let Expr::Literal(LiteralValue::String(name)) = &key.expr else { return None };
                let mut chain = Self::of(operand).filter(|chain| !chain.test)?;
                let selects = call.func_name == operators::OPT_SELECT;
                chain.steps.push(Step { name: name.inner(), selects, optional });
                Some(chain)
            }
            _ => None,
        }
    }
}
