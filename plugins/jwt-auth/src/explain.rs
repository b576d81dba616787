//! Why a request was decided as it was: told by the judgement itself, while it is made, to whoever runs [`ExplainedJwtAuth`].

mod demand;
mod explainer;
mod filter;
mod requirement;
mod token;
mod why;

use portcullis_config::Mode;
use portcullis_explain::{Decision, Request, Unjudged};
use portcullis_http::Fit;
use portcullis_policy::Trace;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use filter::ExplainedJwtAuth;

/// One request, and all that was made of it. Where it was held, the last time that it was judged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The instance.
    pub instance: String,
    /// Whether its refusals count.
    pub mode: Mode,
    /// The request, as rules match it.
    pub request: Request,
    /// Why no rule could decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<Unjudged>,
    /// Every rule, in configured order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleExplanation>,
    /// Whether it passes because it is a CORS preflight.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub preflight: bool,
    /// The tokens that stand where some provider looks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<TokenExplanation>,
    /// What the rule that applies requires, or `on_no_match` where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<RequirementExplanation>,
    /// What became of tokens that the requirement did not need.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Attempt>,
    /// What the rule demands besides of the caller.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub demands: Vec<Demand>,
    /// Who calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// What was decided.
    pub decision: Decision,
    /// What is wrong, in words, where it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A caller whose token was verified.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The provider that verified it.
    pub provider: String,
    /// `iss`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// `sub`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// A rule, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleExplanation {
    /// Its name.
    pub name: String,
    /// Whether it is for the request, and why.
    #[serde(rename = "match")]
    pub fit: Fit,
    /// What became of it.
    pub answer: RuleAnswer,
}

/// What becomes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleAnswer {
    /// It is not for the request.
    NotForTheRequest,
    /// It is for the request, and so is one before it.
    NotAsked,
    /// It says what the request must satisfy.
    Applies,
}

/// A token, and what it says of itself: nobody has verified that unless a provider accepts it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TokenExplanation {
    /// Where it stands.
    pub place: String,
    /// Why it cannot be read, where it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub malformed: Option<String>,
    /// `alg`, `kid` and `typ` of its header.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub header: Map<String, Value>,
    /// Its registered claims.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub claims: Map<String, Value>,
}

/// A requirement, and whether the request meets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequirementExplanation {
    /// What it is.
    pub kind: RequirementKind,
    /// The provider whose token it requires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Whether the request meets it.
    pub answer: RequirementAnswer,
    /// The tokens that the provider looked at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// The requirements that it is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<RequirementExplanation>,
}

/// The kinds of requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequirementKind {
    /// Nothing.
    None,
    /// A token of a provider.
    Provider,
    /// One of its parts.
    RequiresAny,
    /// All of its parts.
    RequiresAll,
    /// No token, or a good one.
    AllowMissing,
    /// Anything.
    AllowMissingOrFailed,
}

/// Whether a request meets a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequirementAnswer {
    /// It does.
    Met,
    /// It does not, for this reason.
    Refused {
        /// The stable code.
        reason: String,
        /// What is wrong, in words.
        why: String,
    },
    /// Nobody can tell without the provider's keys.
    NeedsKeys,
    /// Another requirement had decided before.
    NotAsked,
}

/// A token, as a provider looked at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The provider.
    pub provider: String,
    /// Where the token stands.
    pub place: String,
    /// Whether it is good.
    pub answer: RequirementAnswer,
    /// The provider's condition, if it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Trace>,
}

/// What a rule demands of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// What: `the scope orders:write`.
    pub demand: String,
    /// What the token says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// Whether that will do.
    pub met: bool,
}
