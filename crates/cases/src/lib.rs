//! Cases: a configuration, requests and what must follow, in YAML; the keys and tokens that they name; and the runner that holds a
//! host to them. The corpus of `host-tests` and the tests beside the policies are made of them.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "never in a proxy: a panic is a failed test")]

mod caller;
pub mod case;
pub mod checks;
mod expand;
mod expect;
pub mod keys;
mod metadata;
pub mod mint;
pub mod policy_test;
pub mod rate_limit_service;
mod reasons;
pub mod runner;
mod secrets;
mod simulated;

pub use case::Case;
pub use runner::{Answer, Host, Observed, Prepared, UpstreamSaw};
pub use simulated::{Simulated, options};
