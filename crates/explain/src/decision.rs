//! What was decided.

use portcullis_gate::Unfit;
use serde::{Deserialize, Serialize};

/// What was decided, in the words of the decision record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// `allowed`, `denied`, or `shadow` for what passes and would have been refused.
    pub outcome: String,
    /// The stable code.
    pub reason: String,
    /// The rule that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// More about the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Why no rule could decide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unjudged {
    /// The stable code.
    pub reason: String,
    /// What is wrong, in words.
    pub why: String,
}

impl From<Unfit> for Unjudged {
    fn from(unfit: Unfit) -> Self {
        let header = |what: &str| format!("a header names a second {what}, which some servers take for the one in the request");
        let why = match unfit {
            Unfit::Malformed(malformed) => malformed.to_string(),
            Unfit::MethodOverride => header("method"),
            Unfit::PathOverride => header("path"),
            Unfit::Host => "the proxy did not do what the decision rests on".to_owned(),
        };
        Self { reason: unfit.reason().to_string(), why }
    }
}
