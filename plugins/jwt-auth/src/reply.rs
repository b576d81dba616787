//! Refusals: what the client is told, and what only the operator learns.

use portcullis_filter::{GrpcStatus, LocalReply, Reason};
use portcullis_http::MalformedRequest;
use portcullis_jose::TokenError;

/// Why a request does not pass.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its path or host could be read in two ways.
    Malformed(MalformedRequest),
    /// It carries no token.
    Missing,
    /// It carries several.
    Multiple,
    /// Its token is not good.
    Token(TokenError),
    /// A claim cannot stand in a header.
    ClaimHeader,
    /// The proxy could not do what the decision rests on.
    Host,
}

impl Refusal {
    /// The stable code.
    pub(crate) fn reason(&self) -> Reason {
        Reason(match self {
            Self::Malformed(MalformedRequest::Path(_)) => "path_ambiguous",
            Self::Malformed(MalformedRequest::Host(_)) => "host_invalid",
            Self::Missing => "jwt_missing",
            Self::Multiple => "jwt_multiple_tokens",
            Self::Token(error) => error.reason(),
            Self::ClaimHeader => "jwt_claim_header",
            Self::Host => "host_failure",
        })
    }

    /// More for the record, from a fixed vocabulary.
    pub(crate) fn detail(&self) -> Option<&'static str> {
        match self {
            Self::Malformed(malformed) => Some(malformed.name()),
            _ => None,
        }
    }

    /// The reply. RFC 6750 section 3.1: no error code where no token was sent; the precise reason stays here, it would be an
    /// oracle.
    pub(crate) fn reply(&self, realm: &str) -> LocalReply {
        let reason = self.reason();
        match self {
            Self::Malformed(_) => {
                LocalReply::problem(400, "malformed-request", "Malformed request", reason).grpc(GrpcStatus::INVALID_ARGUMENT)
            }
            Self::Host => LocalReply::problem(503, "unavailable", "Service unavailable", reason).grpc(GrpcStatus::UNAVAILABLE),
            Self::Missing => unauthenticated(reason).header("www-authenticate", challenge(realm, None)),
            Self::Multiple => LocalReply::problem(400, "invalid-request", "More than one token", reason)
                .grpc(GrpcStatus::INVALID_ARGUMENT)
                .header("www-authenticate", challenge(realm, Some("invalid_request"))),
            Self::Token(_) | Self::ClaimHeader => {
                unauthenticated(reason).header("www-authenticate", challenge(realm, Some("invalid_token")))
            }
        }
    }
}

fn unauthenticated(reason: Reason) -> LocalReply {
    LocalReply::problem(401, "unauthenticated", "Authentication required", reason).grpc(GrpcStatus::UNAUTHENTICATED)
}

fn challenge(realm: &str, error: Option<&str>) -> String {
    let error = error.map(|code| format!(", error=\"{code}\"")).unwrap_or_default();
    format!("Bearer realm=\"{realm}\"{error}")
}
