//! Verifies JSON Web Tokens at the proxy: who calls is known, and proved, before the upstream sees the request.

mod caller;
mod claim_headers;
mod config;
mod filter;
mod identity_headers;
mod provider;
mod reply;
mod settings;
mod token;

pub use config::{
    ClaimToHeaderConfig, FromHeaderConfig, JwtAuthConfig, LocalJwksConfig, ProviderConfig, RequirementConfig, RuleConfig, schema,
};
pub use filter::{JwtAuth, JwtAuthStream};

#[cfg(target_os = "wasi")]
portcullis_adapter::export!(JwtAuth);
