//! Verifies JSON Web Tokens at the proxy: who calls is known, and proved, before the upstream sees the request.

mod cache;
mod caller;
mod claim_headers;
mod config;
mod demands;
mod evidence;
mod explain;
mod expressions;
mod filter;
mod identity_headers;
mod jwks;
mod memory;
mod provider;
mod reply;
mod requirement;
mod settings;
mod terms;
mod token;
mod upstream;
mod witness;

pub use config::{JwtAuthConfig, RequirementConfig, schema};
pub use explain::{
    Attempt, Caller as ExplainedCaller, Demand, ExplainedJwtAuth, Explanation, RequirementAnswer, RequirementExplanation,
    RequirementKind, RuleAnswer, RuleExplanation, TokenExplanation,
};
pub use filter::{JwtAuth, JwtAuthStream};

#[cfg(all(target_os = "wasi", feature = "module"))]
portcullis_adapter::export!(JwtAuth);
