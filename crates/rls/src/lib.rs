//! Envoy's rate limit service (`envoy.service.ratelimit.v3`) on the wire: what is asked, and what is answered, within bounds. Knows
//! no proxy.

mod request;
mod response;

pub use request::{Descriptor, HITS_MAX, RateLimitRequest};
pub use response::{
    Code, DescriptorStatus, HEADERS_MAX, HeaderValue, MESSAGE_MAX, RateLimit, RateLimitResponse, STATUSES_MAX, Unanswered, Unit,
};

/// The full name of the service.
pub const SERVICE: &str = "envoy.service.ratelimit.v3.RateLimitService";

/// Its one method.
pub const METHOD: &str = "ShouldRateLimit";
