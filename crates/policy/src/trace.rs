//! What each part of an expression comes to: for people who ask why. Nothing of it is on the way of a request.

mod print;
mod tracer;

use serde::{Deserialize, Serialize};

use crate::facts::{Facts, Params};
use crate::parse::Parsed;
use crate::{Position, Value};

/// A part of an expression, and what it comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Its text.
    pub expression: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Position>,
    /// The element that decided, where the part is what a macro asks of each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<Element>,
    /// What it comes to.
    pub answer: Answer,
    /// The parts that its answer rests on; of constants nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Trace>,
}

/// An element that a macro goes through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// Its name in the expression.
    pub name: String,
    /// Its value, in CEL.
    pub value: String,
}

/// What a part comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// This value, in CEL; cut where it is long.
    Value(String),
    /// It cannot be told: why, and which part of it fails where that is not the whole.
    Error(String),
    /// Nobody asked: another part has decided.
    NotNeeded,
}

impl Answer {
    /// Whether it is a value, and this one.
    #[must_use]
    pub fn is(&self, value: &str) -> bool {
        matches!(self, Self::Value(found) if found == value)
    }

    /// Whether it cannot be told.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(self, Self::Error(_))
    }
}

/// What `parsed` and each part of it come to.
pub(crate) fn trace(parsed: &Parsed, facts: &Facts<'_>, params: Params<'_>) -> Trace {
    let places = parsed.places();
    let whole = tracer::Tracer::new(facts, params, &places).part(&parsed.expr);
    let words: Vec<&str> = parsed.source().split_whitespace().collect();
    Trace { expression: words.join(" "), ..whole }
}

impl Value<'_> {
    /// The value in CEL, for people; cut where it is long.
    #[must_use]
    pub fn to_text(&self) -> String {
        print::cut(&print::print(self))
    }
}
