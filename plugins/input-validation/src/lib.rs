//! Decides at the proxy what may come in: the head of a request at once, its body as it comes.

mod answer;
mod body;
mod body_rule;
mod condition;
mod config;
mod counters;
mod explain;
mod filter;
mod head;
mod head_limits;
mod judge;
mod parameters;
mod parts;
mod pending;
mod record;
mod reply;
mod response;
mod rule;
mod settings;
mod signatures;
mod trial;
mod violation;
mod witness;

pub use config::{InputValidationConfig, OnNoMatch, RuleConfig, schema};
pub use explain::{ExplainedInputValidation, Explanation, Place as ExplainedPlace, RuleAnswer, RuleExplanation};
pub use filter::{InputValidation, InputValidationStream};

#[cfg(all(target_os = "wasi", feature = "module"))]
portcullis_adapter::export!(InputValidation);
