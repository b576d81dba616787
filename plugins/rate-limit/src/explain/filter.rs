//! The plugin, which also logs why.

use std::time::Duration;

use portcullis_filter::{Callbacks, ConfigError, Filter, GrpcCallResponse, Host, Setup, StreamId};

use super::explainer::Explainer;
use crate::filter::{RateLimit, RateLimitStream};

/// [`RateLimit`], which logs an [`Explanation`](super::Explanation) of each request; [`portcullis_explain::read`] reads it.
#[derive(Debug)]
pub struct ExplainedRateLimit(RateLimit);

impl Filter for ExplainedRateLimit {
    const NAME: &'static str = RateLimit::NAME;
    const CALLBACKS: Callbacks = RateLimit::CALLBACKS;
    type Stream = RateLimitStream;

    fn configure(config: &[u8], host: &dyn Setup) -> Result<Self, ConfigError> {
        RateLimit::watched(config, host, Box::<Explainer>::default()).map(Self)
    }

    fn stream(&self, id: StreamId) -> RateLimitStream {
        self.0.stream(id)
    }

    fn tick_period(&self) -> Option<Duration> {
        self.0.tick_period()
    }

    fn on_tick(&self, host: &dyn Host) {
        self.0.on_tick(host);
    }

    fn on_grpc_call_response(&self, host: &dyn Host, response: GrpcCallResponse) {
        self.0.on_grpc_call_response(host, response);
    }
}
