//! What an expression can cost at most, worked out before it runs, in the units of `docs/reference/cost.md`.

mod extent;
mod pass;

use cel::common::ast::IdedExpr;

use crate::Scope;

pub use extent::{Extent, extent_of};

/// So much text is read for one unit.
pub const TEXT_PER_UNIT: u64 = 256;
/// So much text is matched against a regular expression for one unit, if its program is small.
pub const MATCHED_PER_UNIT: u64 = 16;
/// That is charged once for each so many bytes of the program.
pub const PROGRAM_PER_WALK: u64 = 256;
/// What it costs to compile a regular expression that is no literal.
pub const COMPILATION: u64 = 20_000;

/// What an expression costs.
#[derive(Debug, Default)]
pub(crate) struct Cost {
    units: u64,
    worst: Option<Part>,
}

/// A part of an expression and all that it costs.
#[derive(Debug)]
struct Part {
    node: u64,
    name: String,
    units: u64,
    times: u64,
}

/// The most that `expr` can cost.
pub(crate) fn estimate(expr: &IdedExpr, scope: &Scope<'_>) -> Cost {
    pass::cost(expr, scope)
}

impl Cost {
    pub(crate) const fn units(&self) -> u64 {
        self.units
    }

    /// Where and why it is more than `most`.
    pub(crate) fn over(&self, most: u64) -> Option<(u64, String)> {
        let worst = self.worst.as_ref().filter(|_| self.units > most)?;
        let times = if worst.times > 1 { format!(", run up to {} times", grouped(worst.times)) } else { String::new() };
        let message = format!(
            "the expression can cost {} units, {} are allowed; most of it is `{}` ({}{times})",
            grouped(self.units),
            grouped(most),
            worst.name,
            grouped(worst.units)
        );
        Some((worst.node, message))
    }

    /// Adds what the node `node` itself costs, each of so many times.
    fn spend(&mut self, node: u64, name: impl FnOnce() -> String, units: u64, times: u64) {
        let units = units.saturating_mul(times);
        self.units = self.units.saturating_add(units);
        if self.worst.as_ref().is_none_or(|worst| worst.units < units) {
            self.worst = Some(Part { node, name: name(), units, times });
        }
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
