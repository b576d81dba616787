//! The other end of gRPC callouts, played by a script.

use std::time::Duration;

use portcullis_filter::Timestamp;

use crate::exchange::HeaderLines;
use crate::log::Place;

/// A gRPC callout that a plugin makes.
#[derive(Debug, Clone)]
pub struct GrpcRequest {
    /// The VM that makes it.
    pub place: Place,
    /// The cluster's name.
    pub cluster: String,
    /// The full name of the service.
    pub service: String,
    /// The method's name.
    pub method: String,
    /// Headers of the call.
    pub metadata: HeaderLines,
    /// The serialized message.
    pub message: Vec<u8>,
    /// How long the plugin waits; nothing for no limit.
    pub timeout: Option<Duration>,
    /// When it is made.
    pub at: Timestamp,
}

/// What becomes of a gRPC callout.
#[derive(Debug, Clone)]
pub enum GrpcAnswer {
    /// The service answers; later than the call's timeout, it is a [`GrpcAnswer::Timeout`].
    Respond {
        /// The time until the answer is complete.
        after: Duration,
        /// The serialized message.
        message: Vec<u8>,
    },
    /// The service answers with a failure, or the proxy finds one: refused connections (14), nonsense.
    Fail {
        /// The time until then.
        after: Duration,
        /// The gRPC status.
        status: u32,
        /// What is said of it.
        message: String,
    },
    /// No answer: after the call's timeout the plugin gets status 14.
    Timeout,
    /// The call is sent and no callback comes, ever: the plugin's callbacks are not among its capabilities.
    Lost,
    /// The cluster is unknown: the call itself fails with `InternalFailure`, and the plugin is told of a call that it never heard of.
    UnknownCluster,
}

impl GrpcAnswer {
    /// An immediate answer.
    pub fn respond(message: impl Into<Vec<u8>>) -> Self {
        Self::Respond { after: Duration::ZERO, message: message.into() }
    }

    /// An immediate failure.
    pub fn fail(status: u32, message: &str) -> Self {
        Self::Fail { after: Duration::ZERO, status, message: message.to_owned() }
    }
}

/// Answers gRPC callouts, one after the other.
pub type GrpcScript = Box<dyn FnMut(&GrpcRequest) -> GrpcAnswer>;
