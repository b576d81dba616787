//! Replies that the proxy gives in the upstream's place.

use crate::Reason;
use crate::json::Object;

/// A `grpc-status` code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrpcStatus(pub u32);

impl GrpcStatus {
    /// The request is malformed.
    pub const INVALID_ARGUMENT: Self = Self(3);
    /// The caller is known and may not.
    pub const PERMISSION_DENIED: Self = Self(7);
    /// A quota is spent.
    pub const RESOURCE_EXHAUSTED: Self = Self(8);
    /// The proxy failed.
    pub const INTERNAL: Self = Self(13);
    /// Try again later.
    pub const UNAVAILABLE: Self = Self(14);
    /// The caller is not known.
    pub const UNAUTHENTICATED: Self = Self(16);
}

/// An answer to the client from the proxy itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalReply {
    /// The HTTP status.
    pub status: u16,
    /// Further headers.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
    /// The status for gRPC clients; the host derives one from `status` when absent.
    pub grpc_status: Option<GrpcStatus>,
    /// What the access log shows as `%RESPONSE_CODE_DETAILS%`.
    pub details: String,
}

impl LocalReply {
    /// An RFC 9457 problem. The client learns the class of the problem (`kind`, `title`), the log its `reason`.
    #[must_use]
    pub fn problem(status: u16, kind: &str, title: &str, reason: Reason) -> Self {
        let body = Object::new()
            .text("type", &format!("urn:portcullis:problem:{kind}"))
            .text("title", title)
            .raw("status", &status.to_string())
            .finish();
        Self {
            status,
            headers: vec![("content-type".to_owned(), b"application/problem+json".to_vec())],
            body: body.into_bytes(),
            grpc_status: None,
            details: format!("portcullis_{reason}"),
        }
    }

    /// The same reply with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same reply with this status for gRPC clients.
    #[must_use]
    pub fn grpc(mut self, status: GrpcStatus) -> Self {
        self.grpc_status = Some(status);
        self
    }
}
