//! A request on trial by one rule: its head was good, its body is coming.

use crate::body::{Body, Checker};
use crate::head::too_large;
use crate::rule::Rule;
use crate::signatures::Detected;
use crate::violation::{Code, Violation};

/// What a rule knows of a body so far.
#[derive(Debug)]
pub(crate) struct Trial {
    /// The rule's place in the configured order.
    pub(crate) rule: usize,
    checker: Checker,
    read: u64,
    upgraded: bool,
    /// What was found and does not refuse.
    pub(crate) detected: Detected,
    /// What was wrong, once something was.
    pub(crate) violation: Option<Violation>,
}

impl Trial {
    pub(crate) fn new(rule: usize, checker: Checker, detected: Detected) -> Self {
        Self { rule, checker, read: 0, upgraded: false, detected, violation: None }
    }

    /// A trial that is over.
    pub(crate) fn refused(rule: usize, violation: Violation, detected: Detected) -> Self {
        Self { rule, checker: Checker::Nothing, read: 0, upgraded: false, detected, violation: Some(violation) }
    }

    /// The connection is upgraded: there is no body.
    pub(crate) fn upgraded(rule: usize, detected: Detected) -> Self {
        Self { rule, checker: Checker::Nothing, read: 0, upgraded: true, detected, violation: None }
    }

    /// So many more bytes come: whether they may. Comes before they are read.
    pub(crate) fn announce(&mut self, rule: &Rule, more: usize) {
        self.read = self.read.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
        let wrong = match &rule.body {
            None if more > 0 => Some(Violation::bare(Code::BodyUnexpected)),
            Some(body) if self.read > body.max_bytes => Some(too_large(body)),
            _ => None,
        };
        self.note(wrong);
    }

    /// The bytes themselves.
    pub(crate) fn feed(&mut self, rule: &Rule, piece: &[u8]) {
        if self.violation.is_none() {
            let fed = self.checker.feed(rule, piece, &mut self.detected);
            self.note(fed.err());
        }
    }

    /// Whether the bytes matter to it.
    pub(crate) fn wants_bytes(&self) -> bool {
        self.violation.is_none() && !matches!(self.checker, Checker::Nothing | Checker::Raw)
    }

    /// The body is over; what of it a condition can read.
    pub(crate) fn finish(&mut self, rule: &Rule, verbose: bool) -> Option<Body> {
        if self.violation.is_some() || self.upgraded {
            return None;
        }
        let body = rule.body.as_ref()?;
        let finished = match self.read {
            0 if body.required => Err(Violation::bare(Code::BodyMissing)),
            0 => Ok(None),
            _ => self.checker.finish(rule, body, &mut self.detected, verbose),
        };
        finished.map_err(|violation| self.note(Some(violation))).ok().flatten()
    }

    /// The first thing that is wrong counts.
    pub(crate) fn note(&mut self, violation: Option<Violation>) {
        if self.violation.is_none() {
            self.violation = violation;
        }
    }
}
