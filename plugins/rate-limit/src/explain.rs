//! Why a request was decided as it was: told by the decision itself, while it is made, to whoever runs [`ExplainedRateLimit`].

mod explainer;
mod filter;

use portcullis_config::Mode;
use portcullis_explain::{Decision, Request, Unjudged};
use portcullis_http::Fit;
use portcullis_policy::Trace;
use serde::{Deserialize, Serialize};

pub use filter::ExplainedRateLimit;

/// One request, and all that was made of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The instance.
    pub instance: String,
    /// Whether its refusals count.
    pub mode: Mode,
    /// The request, as limits match it.
    pub request: Request,
    /// Why no limit could decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<Unjudged>,
    /// Every limit, in configured order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitExplanation>,
    /// What was decided.
    pub decision: Decision,
}

/// A limit, and what it said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitExplanation {
    /// Its name.
    pub name: String,
    /// Whether it is only tried out.
    pub shadow: bool,
    /// Whether it is for the request, and why.
    #[serde(rename = "match")]
    pub fit: Fit,
    /// What it said.
    pub answer: LimitAnswer,
    /// Its condition, if it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Trace>,
    /// The key as records show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What the request costs, in units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
    /// What is left, in units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<u64>,
    /// When there is more, or how long the request waits: `1.5s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<String>,
    /// The stable code of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a limit says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitAnswer {
    /// It is not for the request.
    NotForTheRequest,
    /// Its condition does not hold, or the request lacks its key and may.
    DoesNotApply,
    /// The request fits; nothing was charged, as another limit refuses it.
    Fits,
    /// It was charged.
    Charged,
    /// It was charged, and the request waits.
    Waits,
    /// It refuses.
    Refuses,
    /// It would refuse, if that counted.
    WouldRefuse,
}
