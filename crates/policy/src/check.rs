//! Whether an expression is right, before it runs.

mod call;
mod comprehension;
mod describe;
mod fit;
mod guard;
mod literal;
mod name;
mod operator;
mod reading;
mod regex;
mod walk;

use crate::cost;
use crate::parse::Parsed;
use crate::problem::{Problem, Problems};
use crate::{Attribute, Scope, Type};

pub(crate) use comprehension::{Macro, Replaced};
pub(crate) use describe::describe;
pub(crate) use name::dotted;
pub(crate) use regex::{is_program_within, pattern, program_size};

/// An expression that may be run.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    /// Its tree.
    pub(crate) parsed: Parsed,
    /// What it answers.
    pub(crate) result: Type,
    /// What it reads, each once; the hidden ones that functions read included.
    pub(crate) attributes: Vec<Attribute>,
    /// The most that it can cost, in the units of `docs/reference/cost.md`.
    pub(crate) cost: u64,
    /// What is right and yet suspicious.
    pub(crate) warnings: Vec<Problem>,
    /// Where it reads what may be absent without asking first: an error, which denies in a rule that denies.
    pub(crate) unguarded: Vec<Problem>,
}

/// So many problems are told at once; a person mends them and comes back.
const FINDINGS_MAX: usize = 20;

/// Checks `parsed` against what `scope` lets it name.
///
/// # Errors
/// Everything that is wrong with it, in the order of its text.
pub(crate) fn check(parsed: Parsed, scope: &Scope<'_>) -> Result<Checked, Problems> {
    let mut findings = Findings::default();
    let mut attributes = Vec::new();
    let result = walk::walk(&parsed.expr, scope, &mut findings, &mut attributes);
    if findings.errors.is_empty() || scope.unchecked {
        findings.errors.clear();
        let cost = cost::estimate(&parsed.expr, scope);
        match cost.over(scope.cost_max) {
            None => return Ok(findings.checked(parsed, result, attributes, cost.units())),
            Some((node, message)) => findings.error(node, message),
        }
    }
    let problems = findings.placed(&parsed, &findings.errors);
    Err(Problems::of(problems).unwrap_or_else(|| Problems::one(Problem::default())))
}

/// What was noticed at a node; its place is worked out only if it is told.
#[derive(Debug)]
struct Finding {
    node: u64,
    message: String,
    suggestion: Option<String>,
}

/// Everything that was noticed.
#[derive(Debug, Default)]
struct Findings {
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
    unguarded: Vec<Finding>,
}

impl Findings {
    fn error(&mut self, node: u64, message: impl Into<String>) {
        push(&mut self.errors, node, message.into(), None);
    }

    /// An error whose remedy is one name.
    fn misnamed(&mut self, node: u64, message: impl Into<String>, suggestion: Option<String>) {
        push(&mut self.errors, node, message.into(), suggestion);
    }

    /// Whether no further error will be told: looking for the name that was meant is not worth its while then.
    fn is_full(&self) -> bool {
        self.errors.len() >= FINDINGS_MAX
    }

    fn warn(&mut self, node: u64, message: impl Into<String>) {
        push(&mut self.warnings, node, message.into(), None);
    }

    fn unguarded(&mut self, node: u64, message: String) {
        if self.unguarded.iter().all(|known| known.message != message) {
            push(&mut self.unguarded, node, message, None);
        }
    }

    fn checked(self, parsed: Parsed, result: Type, attributes: Vec<Attribute>, cost: u64) -> Checked {
        let warnings = self.placed(&parsed, &self.warnings);
        let unguarded = self.placed(&parsed, &self.unguarded);
        Checked { parsed, result, attributes, cost, warnings, unguarded }
    }

    fn placed(&self, parsed: &Parsed, findings: &[Finding]) -> Vec<Problem> {
        if findings.is_empty() {
            return Vec::new();
        }
        let places = parsed.places();
        let place = |finding: &Finding| places.problem(finding.node, finding.message.clone(), finding.suggestion.clone());
        let mut problems: Vec<Problem> = findings.iter().map(place).collect();
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }
}

fn push(findings: &mut Vec<Finding>, node: u64, message: String, suggestion: Option<String>) {
    if findings.len() < FINDINGS_MAX {
        findings.push(Finding { node, message, suggestion });
    }
}

#[cfg(test)]
mod tests;
