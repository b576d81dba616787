//! Why a request was judged as it was: told by the judgement itself, while it is made, to whoever runs [`ExplainedInputValidation`].

mod explainer;
mod filter;

use portcullis_config::Mode;
use portcullis_explain::{Decision, Request, Unjudged};
use portcullis_http::Fit;
use portcullis_policy::Trace;
use serde::{Deserialize, Serialize};

use crate::config::OnNoMatch;

pub use filter::ExplainedInputValidation;

/// One request, and all that was made of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The instance.
    pub instance: String,
    /// Whether its refusals count.
    pub mode: Mode,
    /// The request, as rules judge it.
    pub request: Request,
    /// Why no rule could decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<Unjudged>,
    /// Every rule, in configured order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleExplanation>,
    /// What counts where no rule is for the request.
    pub on_no_match: OnNoMatch,
    /// What was decided.
    pub decision: Decision,
}

/// A rule, and what it said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleExplanation {
    /// Its name.
    pub name: String,
    /// Whether it is only tried out.
    pub shadow: bool,
    /// Whether it is for the request, and why.
    #[serde(rename = "match")]
    pub fit: Fit,
    /// What it said.
    pub answer: RuleAnswer,
    /// The stable code of what is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// More about it, as records have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where a schema does not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// Its condition, if it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Trace>,
}

/// A place where a schema does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// As a JSON pointer.
    pub pointer: String,
    /// The keyword.
    pub keyword: String,
}

/// What a rule says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleAnswer {
    /// It is not for the request.
    NotForTheRequest,
    /// Another rule judged, or the request was refused before this one had seen all of it.
    NotAsked,
    /// The request is what it must be.
    Passes,
    /// It is not.
    Refuses,
}
