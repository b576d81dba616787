//! Callouts over gRPC.

use std::time::Duration;

use super::{CallId, HostError};
use crate::GrpcStatus;

/// Where a gRPC service is: a serialized `envoy.config.core.v3.GrpcService`.
///
/// INVARIANT: never the bare name of a cluster. Envoy first reads it as such a message, and where it happens to be one of another
/// kind, the process ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrpcService(Vec<u8>);

impl GrpcService {
    /// In `cluster`, under the name `authority` (absent: the cluster's), with answers of at most `max_message` bytes: a longer one is
    /// a failure.
    #[must_use]
    pub fn new(cluster: &str, authority: Option<&str>, max_message: u32) -> Self {
        // google.protobuf.UInt32Value { 1: value }
        let mut size = vec![1 << 3];
        push_varint(&mut size, u64::from(max_message));
        // EnvoyGrpc { 1: cluster_name, 2: authority, 4: max_receive_message_length }
        let mut envoy_grpc = Vec::new();
        push_field(&mut envoy_grpc, 1, cluster.as_bytes());
        if let Some(authority) = authority {
            push_field(&mut envoy_grpc, 2, authority.as_bytes());
        }
        push_field(&mut envoy_grpc, 4, &size);
        // GrpcService { 1: envoy_grpc }
        let mut service = Vec::new();
        push_field(&mut service, 1, &envoy_grpc);
        Self(service)
    }

    /// The message.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A length-delimited field.
fn push_field(message: &mut Vec<u8>, number: u8, value: &[u8]) {
    message.push(number << 3 | 2);
    push_varint(message, value.len() as u64);
    message.extend_from_slice(value);
}

fn push_varint(message: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        message.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
}

/// A gRPC call with one message there and one back.
#[derive(Debug, Clone)]
pub struct GrpcCall<'a> {
    /// Where to.
    pub to: &'a GrpcService,
    /// The service's full name: `envoy.service.ratelimit.v3.RateLimitService`.
    pub service: &'a str,
    /// The method's name.
    pub method: &'a str,
    /// Headers of the call.
    pub metadata: &'a [(&'a str, &'a [u8])],
    /// The serialized message.
    pub message: &'a [u8],
    /// How long the answer may take; not zero.
    pub timeout: Duration,
}

/// A gRPC callout was answered, or failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrpcCallResponse {
    /// Which callout.
    pub id: CallId,
    /// How many bytes of message came, to be read through [`BodyKind::GrpcMessage`](super::BodyKind::GrpcMessage); or why there is
    /// none: what the service said, or [`GrpcStatus::UNAVAILABLE`] where it was not reached or not in time.
    pub message: Result<usize, GrpcStatus>,
}

/// gRPC callouts, from any callback. They are answered to the filter, whoever made them, by
/// [`Filter::on_grpc_call_response`](crate::Filter::on_grpc_call_response): both of its callbacks must be declared.
pub trait GrpcCalls {
    /// Sends a message.
    ///
    /// # Errors
    /// When the cluster is unknown or cannot be reached at once: no callback follows for a call that anybody knows.
    fn grpc_call(&self, call: &GrpcCall<'_>) -> Result<CallId, HostError>;

    /// Gives up a call: no callback follows.
    ///
    /// # Errors
    /// When there is no such call (any more).
    fn cancel_grpc_call(&self, id: CallId) -> Result<(), HostError>;

    /// What was said of the failure, within its callback; by whoever answered, so neither short nor text.
    ///
    /// # Errors
    /// When the host refuses.
    fn grpc_status_message(&self) -> Result<Vec<u8>, HostError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_a_message_and_no_name() {
        let service = GrpcService::new("users", None, 65_536);
        assert_eq!(service.as_bytes(), b"\x0a\x0d\x0a\x05users\x22\x04\x08\x80\x80\x04");
        let named = GrpcService::new("a", Some("b.example"), 1);
        assert_eq!(named.as_bytes(), b"\x0a\x12\x0a\x01a\x12\x09b.example\x22\x02\x08\x01");
    }

    #[test]
    fn a_long_name_has_a_long_length() {
        let service = GrpcService::new(&"c".repeat(300), None, 1);
        assert!(service.as_bytes().starts_with(b"\x0a\xb3\x02\x0a\xac\x02ccc"), "{}", service.as_bytes().escape_ascii());
    }
}
