//! The other end of HTTP callouts, played by a script.

use std::time::Duration;

use portcullis_filter::Timestamp;

use crate::exchange::HeaderLines;
use crate::log::Place;

/// A callout that a plugin makes.
#[derive(Debug, Clone)]
pub struct CalloutRequest {
    /// The VM that makes it.
    pub place: Place,
    /// The cluster's name.
    pub cluster: String,
    /// All header lines.
    pub headers: HeaderLines,
    /// The body.
    pub body: Vec<u8>,
    /// How long the plugin waits; nothing for no limit.
    pub timeout: Option<Duration>,
    /// When it is made.
    pub at: Timestamp,
}

/// What becomes of a callout.
#[derive(Debug, Clone)]
pub enum CalloutAnswer {
    /// The cluster answers; later than the callout's timeout, it is a [`CalloutAnswer::Timeout`].
    Respond {
        /// The time until the answer is complete.
        after: Duration,
        /// The HTTP status.
        status: u16,
        /// Further header lines.
        headers: HeaderLines,
        /// The body.
        body: Vec<u8>,
    },
    /// The answer breaks off in its middle: the plugin gets no headers at all.
    BreakOff {
        /// The time until then.
        after: Duration,
    },
    /// No answer: after the callout's timeout the plugin gets 504 with a body of Envoy's own.
    Timeout,
    /// The connection is refused: the plugin gets 503 with a body of Envoy's own.
    Refuse,
    /// The cluster is unknown: the call itself fails with `BadArgument`.
    UnknownCluster,
    /// The cluster has no endpoint: the call itself fails with `InternalFailure`.
    NoEndpoint,
}

impl CalloutAnswer {
    /// An immediate answer.
    pub fn respond(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![(b"content-type".to_vec(), content_type.as_bytes().to_vec())];
        Self::Respond { after: Duration::ZERO, status, headers, body: body.into() }
    }
}

/// Answers callouts, one after the other.
pub type CalloutScript = Box<dyn FnMut(&CalloutRequest) -> CalloutAnswer>;
