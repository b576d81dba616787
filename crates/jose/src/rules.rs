//! What a token must satisfy beyond its signature.

use std::time::Duration;

use crate::Algorithms;

/// The demands on a token of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRules {
    /// The exact `iss`. Absent: any, or none. Default: absent.
    pub issuer: Option<String>,
    /// `aud` must name one of these, compared byte by byte (Envoy also ignores the scheme and a trailing slash). Empty: not checked,
    /// the default.
    pub audiences: Vec<String>,
    /// The algorithms that tokens may use. Default: all asymmetric ones; a symmetric one must be listed.
    pub algorithms: Algorithms,
    /// How far the clocks of issuer and proxy may differ. Default: 60 s, Envoy's.
    pub clock_skew: Duration,
    /// Whether a token without `exp` is refused. Default: yes, as nothing else ends its life.
    pub require_expiration: bool,
}

impl Default for TokenRules {
    fn default() -> Self {
        Self {
            issuer: None,
            audiences: Vec::new(),
            algorithms: Algorithms::ALL_ASYMMETRIC,
            clock_skew: Duration::from_secs(60),
            require_expiration: true,
        }
    }
}
