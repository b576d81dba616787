//! Limits how often: rates, quotas and requests in flight, by whatever a request can be told by, across the workers of a proxy.

mod answer;
mod body;
mod charge;
mod cluster;
mod config;
mod counters;
mod decide;
mod explain;
mod filter;
mod hash_key;
mod key;
mod ledger;
mod limit;
mod percent;
mod record;
mod response;
mod settings;
mod store;
mod waiting;
mod witness;

pub use config::{LimitConfig, RateLimitConfig, schema};
pub use explain::{ExplainedRateLimit, Explanation, LimitAnswer, LimitExplanation};
pub use filter::{RateLimit, RateLimitStream};

#[cfg(all(target_os = "wasi", feature = "module"))]
portcullis_adapter::export!(RateLimit);
