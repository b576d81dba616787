//! Why a request was decided as it was: told by the judgement itself, while it is made, to whoever runs [`ExplainedRbac`].

mod caller;
mod explainer;
mod filter;

use portcullis_config::Mode;
use portcullis_explain::{Decision, Request, Unjudged};
use portcullis_http::Fit;
use portcullis_policy::Trace;
use serde::{Deserialize, Serialize};

use crate::config::{Action, OnNoMatch};

pub use filter::ExplainedRbac;

/// One request, and all that was made of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The instance.
    pub instance: String,
    /// Whether its refusals count.
    pub mode: Mode,
    /// The request, as policies judge it.
    pub request: Request,
    /// Why no policy could decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<Unjudged>,
    /// Who calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// Every policy, in configured order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyExplanation>,
    /// What counts where no policy decides.
    pub on_no_match: OnNoMatch,
    /// What would be decided if shadow policies counted, where that is something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadow>,
    /// What was decided.
    pub decision: Decision,
}

/// Who calls, as far as the sources that `identity_from` names know.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Caller {
    /// The caller by its token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// The caller by its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// Sources that have something that is no identity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
    /// Where the roles come from, and what it came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles_from: Option<Trace>,
    /// The roles, inherited ones included; absent where they cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// What they permit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
}

/// A caller by its token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The provider that verified it, where the source tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// `iss`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// `sub`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The scopes of `hasScope`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// A policy, and what it said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyExplanation {
    /// Its name.
    pub name: String,
    /// What it does where it holds.
    pub action: Action,
    /// Whether it is only tried out.
    pub shadow: bool,
    /// Whether it is for the request, and why.
    #[serde(rename = "match")]
    pub fit: Fit,
    /// What it said.
    pub answer: PolicyAnswer,
    /// Whether it decided.
    pub decides: bool,
    /// Its condition, if it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Trace>,
    /// Which part of the condition failed, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// What a policy says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyAnswer {
    /// It is not for the request.
    NotForTheRequest,
    /// Another policy had decided before.
    NotAsked,
    /// Its condition does not hold.
    DoesNotHold,
    /// It holds.
    Holds,
    /// Its condition cannot be told: a DENY denies, any other says nothing.
    Error,
}

/// What would be decided if shadow policies counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadow {
    /// The policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Whether the request would pass.
    pub passes: bool,
}
