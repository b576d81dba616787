//! One pass over the tree: how large each value can be, and what it costs to make it.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};

use super::{COMPILATION, Cost, Extent, MATCHED_PER_UNIT, PROGRAM_PER_WALK, TEXT_PER_UNIT, extent_of};
use crate::bounds::{DYNAMIC_PROGRAM_MAX, JSON_TEXT_MAX, LIST_MAX, MADE_MAX, PATTERN_SIZE_MAX, RANGE_MAX};
use crate::check::{Macro, Replaced, describe, dotted, program_size};
use crate::signature::{self, Work};
use crate::{Attribute, Scope};

/// What a variable of a suite may hold.
const VARIABLE: Extent = Extent { bytes: 1 << 10, items: 16, entry: 1 << 10 };

pub(super) fn cost(expr: &IdedExpr, scope: &Scope<'_>) -> Cost {
    let mut pass = Pass { scope, cost: Cost::default(), locals: Vec::new(), times: 1 };
    pass.expr(expr);
    pass.cost
}

struct Pass<'a> {
    scope: &'a Scope<'a>,
    cost: Cost,
    locals: Vec<(&'a str, Extent)>,
    /// How often what is being looked at runs.
    times: u64,
}

impl<'a> Pass<'a> {
    fn expr(&mut self, node: &'a IdedExpr) -> Extent {
        match &node.expr {
            Expr::Literal(literal) => literal_extent(literal),
            Expr::Ident(name) => {
                self.spend(node, 1);
                self.name(name)
            }
            Expr::Select(select) => {
                self.spend(node, 1);
                let attribute = if self.on_local(node) { None } else { dotted(node).and_then(|name| Attribute::named(&name)) };
                match attribute {
                    Some(attribute) => extent_of(attribute, self.scope),
                    None => self.expr(&select.operand).looked_up(),
                }
            }
            Expr::Call(call) => self.call(node, call),
            Expr::List(list) => {
                self.spend(node, 1);
                self.sum(&list.elements)
            }
            Expr::Map(map) => {
                self.spend(node, 1);
                let mut whole = Extent { items: 0, bytes: 0, entry: 0 };
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        let key = self.expr(&entry.key);
                        let value = self.expr(&entry.value);
                        whole = whole.plus(Extent { items: 1, ..key.or(value) });
                    }
                }
                whole
            }
            Expr::Comprehension(comprehension) => self.comprehension(node, comprehension),
            Expr::Struct(_) | Expr::Unspecified => Extent::SCALAR,
        }
    }

    fn name(&self, name: &str) -> Extent {
        let local = self.locals.iter().rev().find(|(local, _)| *local == name).map(|(_, extent)| *extent);
        let attribute = || Attribute::named(name.trim_start_matches('.')).map(|attribute| extent_of(attribute, self.scope));
        local.or_else(attribute).unwrap_or(VARIABLE)
    }

    fn on_local(&self, node: &IdedExpr) -> bool {
        match &node.expr {
            Expr::Ident(name) => self.locals.iter().any(|(local, _)| local == name),
            Expr::Select(select) => self.on_local(&select.operand),
            _ => false,
        }
    }

    fn sum(&mut self, elements: &'a [IdedExpr]) -> Extent {
        elements.iter().fold(Extent { items: 0, bytes: 0, entry: 0 }, |whole, element| {
            let element = self.expr(element);
            whole.plus(Extent { items: 1, ..element })
        })
    }

    fn comprehension(&mut self, node: &'a IdedExpr, comprehension: &'a ComprehensionExpr) -> Extent {
        let replaced = Replaced::by(comprehension);
        let range = self.expr(&comprehension.iter_range);
        let outside = self.times;
        self.times = outside.saturating_mul(range.items);
        self.locals.push((&comprehension.iter_var, range.share()));
        self.spend(node, 3);
        if let Some(condition) = replaced.condition {
            self.expr(condition);
        }
        let value = replaced.value.map(|value| self.expr(value));
        self.locals.pop();
        self.times = outside;
        match replaced.by {
            Macro::Filter => range,
            Macro::Map | Macro::Unknown => value.unwrap_or(range).times(range.items),
            Macro::All | Macro::Exists | Macro::ExistsOne => Extent::SCALAR,
        }
    }

    fn call(&mut self, node: &'a IdedExpr, call: &'a CallExpr) -> Extent {
        let space = call.target.as_deref().filter(|target| !self.on_local(target)).and_then(dotted);
        let qualified = space.map(|space| format!("{space}.{}", call.func_name)).filter(|name| signature::entry(name).is_some());
        let receiver = call.target.as_deref().filter(|_| qualified.is_none());
        let name = qualified.unwrap_or_else(|| call.func_name.clone());
        if let ("sortBy", Some(list), [Expr::Ident(local), ..]) =
            (name.as_str(), receiver, call.args.iter().map(|argument| &argument.expr).collect::<Vec<_>>().as_slice())
        {
            return self.sort_by(node, list, local, call.args.get(1));
        }
        let parts: Vec<Extent> = receiver.into_iter().chain(&call.args).map(|part| self.expr(part)).collect();
        let work = signature::entry(name.trim_start_matches('.')).map_or(Work::Fixed, |entry| entry.function.work);
        let own = match (work, receiver.or(call.args.first())) {
            (Work::Regex, Some(text)) => search(self.searched(text, &parts), pattern_of(call)),
            _ => units(work, &parts),
        };
        self.spend(node, own);
        result(&name, call, &parts, self.scope)
    }

    /// The longest text that is searched: evaluation refuses what is longer.
    fn searched(&self, text: &IdedExpr, parts: &[Extent]) -> u64 {
        let read = matches!(text.expr, Expr::Select(_)) && dotted(text).is_some() && !self.on_local(text);
        let most = if read { JSON_TEXT_MAX } else { MADE_MAX };
        parts.first().map_or(0, |part| part.bytes).min(most as u64)
    }

    fn sort_by(&mut self, node: &'a IdedExpr, list: &'a IdedExpr, local: &'a str, key: Option<&'a IdedExpr>) -> Extent {
        let range = self.expr(list);
        let outside = self.times;
        self.times = outside.saturating_mul(range.items);
        self.locals.push((local, range.share()));
        self.spend(node, 3);
        key.into_iter().for_each(|key| {
            self.expr(key);
        });
        self.locals.pop();
        self.times = outside;
        self.spend(node, units(Work::Elements, &[range]));
        range
    }

    fn spend(&mut self, node: &'a IdedExpr, units: u64) {
        self.cost.spend(node.id, || describe(node), units, self.times);
    }
}

fn units(work: Work, parts: &[Extent]) -> u64 {
    let bytes: u64 = parts.iter().fold(0, |sum, part| sum.saturating_add(part.bytes));
    let items: u64 = parts.iter().fold(0, |sum, part| sum.saturating_add(part.items));
    // No text that is read or made is longer than that: evaluation refuses it.
    let one_text = parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.bytes.min(MADE_MAX as u64)));
    let text = bytes / TEXT_PER_UNIT;
    1_u64.saturating_add(match work {
        Work::Fixed => 0,
        Work::Text => one_text / TEXT_PER_UNIT,
        Work::Regex => one_text / MATCHED_PER_UNIT * walks(DYNAMIC_PROGRAM_MAX),
        Work::Elements => items.saturating_add(text),
        Work::Pairs => {
            let first = parts.first().map_or(1, |part| part.items);
            let last = parts.last().map_or(1, |part| part.items);
            first.saturating_mul(last).saturating_add(text)
        }
    })
}

/// To search `bytes` of text. A pattern that is no literal is compiled whenever it is met.
fn search(bytes: u64, pattern: Option<&str>) -> u64 {
    let (program, compilation) = match pattern {
        Some(pattern) => (program_size(pattern).unwrap_or(PATTERN_SIZE_MAX), 0),
        None => (DYNAMIC_PROGRAM_MAX, COMPILATION),
    };
    (bytes / MATCHED_PER_UNIT).saturating_mul(walks(program)).saturating_add(compilation).saturating_add(1)
}

/// A search visits each byte once for small programs. A text can be made for a large one so that the automaton is of no avail and
/// each byte meets the whole program.
fn walks(program: usize) -> u64 {
    (program as u64 / PROGRAM_PER_WALK).max(1)
}

fn pattern_of(call: &CallExpr) -> Option<&str> {
    let pattern = if call.target.is_some() { call.args.first() } else { call.args.get(1) };
    match &pattern?.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// How large the result of a call can be.
fn result(name: &str, call: &CallExpr, parts: &[Extent], scope: &Scope<'_>) -> Extent {
    let part = |index: usize| parts.get(index).copied().unwrap_or(Extent::SCALAR);
    let all = || parts.iter().copied().reduce(Extent::plus).unwrap_or(Extent::SCALAR);
    match name {
        operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT => part(0).looked_up(),
        operators::CONDITIONAL => part(1).or(part(2)),
        "header_values" | "header_tokens" => {
            let headers = extent_of(Attribute::RequestHeaders, scope);
            if name == "header_values" { headers } else { splits(headers.bytes) }
        }
        "query_values" => extent_of(Attribute::Query, scope),
        "split" | "findAll" => splits(part(0).bytes),
        "lists.range" => Extent::SCALAR.times(range(call)),
        "replace" => Extent::text(part(0).bytes.saturating_mul(part(2).bytes.saturating_add(1))),
        "join" => Extent::text(part(0).bytes.saturating_add(part(0).items.saturating_mul(part(1).bytes))),
        operators::ADD | "format" | "or" | "orValue" | "flatten" | "base64.encode" | "strings.quote" => all(),
        "optional.of" | "optional.ofNonZeroValue" | "value" | "dyn" | "slice" | "distinct" | "sort" | "reverse" => part(0),
        "min" | "max" => part(0).share(),
        "getQuery" => Extent { items: 100, ..part(0) },
        _ if is_scalar(name) => Extent::SCALAR,
        _ => Extent { items: 1, ..part(0) },
    }
}

/// Text in as many parts as it has bytes, within the bound of evaluation.
fn splits(bytes: u64) -> Extent {
    Extent { bytes, items: bytes.min(LIST_MAX as u64), entry: bytes }
}

fn range(call: &CallExpr) -> u64 {
    let most = RANGE_MAX.unsigned_abs();
    match call.args.first().map(|argument| &argument.expr) {
        Some(Expr::Literal(LiteralValue::Int(count))) => u64::try_from(*count.inner()).unwrap_or(0).min(most),
        _ => most,
    }
}

/// Whether the result is a number, a bool, a time.
fn is_scalar(name: &str) -> bool {
    let simple = ["bool", "int", "uint", "double", "timestamp", "duration", "type", "ip", "cidr"];
    signature::entry(name)
        .is_some_and(|entry| entry.overloads.iter().all(|overload| simple.contains(&overload.result.to_string().as_str())))
}

fn literal_extent(literal: &LiteralValue) -> Extent {
    match literal {
        LiteralValue::String(text) => Extent::text(text.inner().len() as u64),
        LiteralValue::Bytes(bytes) => Extent::text(bytes.inner().len() as u64),
        _ => Extent::SCALAR,
    }
}
