//! Decides at the proxy who may do what: policies match requests, conditions in CEL judge them, roles say what callers may.

mod bits;
mod caller;
mod config;
mod counters;
mod explain;
mod filter;
mod judge;
mod policy;
mod record;
mod refusal;
mod roles;
mod settings;
mod warnings;
mod witness;

pub use config::{Action, OnNoMatch, PolicyConfig, RbacConfig, schema};
pub use explain::{Caller as ExplainedCaller, ExplainedRbac, Explanation, PolicyAnswer, PolicyExplanation, Shadow, Token};
pub use filter::{Rbac, RbacStream};
pub use warnings::warnings;

#[cfg(all(target_os = "wasi", feature = "module"))]
portcullis_adapter::export!(Rbac);
