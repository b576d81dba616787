//! Requests that no rule can judge.

use portcullis_filter::{GrpcStatus, LocalReply, Reason};
use portcullis_http::MalformedRequest;

/// Why a request cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Its path, host or method could be read in two ways.
    Malformed(MalformedRequest),
    /// It names a second method.
    MethodOverride,
    /// It names a second path.
    PathOverride,
    /// The proxy could not do what the decision rests on.
    Host,
}

impl Unfit {
    /// The stable code.
    #[must_use]
    pub const fn reason(self) -> Reason {
        Reason(match self {
            Self::Malformed(MalformedRequest::Path(_)) => "path_ambiguous",
            Self::Malformed(MalformedRequest::Host(_)) => "host_ambiguous",
            Self::Malformed(MalformedRequest::Method) => "method_invalid",
            Self::MethodOverride => "method_override",
            Self::PathOverride => "path_override",
            Self::Host => "host_failure",
        })
    }

    /// More for the record, from a fixed vocabulary.
    #[must_use]
    pub const fn detail(self) -> Option<&'static str> {
        match self {
            Self::Malformed(malformed) => Some(malformed.name()),
            Self::MethodOverride | Self::PathOverride | Self::Host => None,
        }
    }

    /// The reply: 400 for what the client sent, 503 for what the proxy did not do.
    #[must_use]
    pub fn reply(self) -> LocalReply {
        let problem = |status, kind, title| LocalReply::problem(status, kind, title, self.reason());
        match self {
            Self::Malformed(_) | Self::MethodOverride | Self::PathOverride => {
                problem(400, "malformed-request", "Malformed request").grpc(GrpcStatus::INVALID_ARGUMENT)
            }
            Self::Host => problem(503, "unavailable", "Service unavailable").grpc(GrpcStatus::UNAVAILABLE),
        }
    }
}
