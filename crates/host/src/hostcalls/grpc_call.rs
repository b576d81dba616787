//! gRPC callouts.

use std::time::Duration;

use super::protobuf::{Field, fields};
use crate::exchange::HeaderLines;
use crate::grpc_callout::{GrpcAnswer, GrpcRequest};
use crate::log::Place;
use crate::model::{GrpcOutcome, PendingAnswer, PendingCall, Status, Worker};

/// What a plugin passes to `proxy_grpc_call`.
pub(crate) struct GrpcCallArguments {
    pub(crate) upstream: Vec<u8>,
    pub(crate) service: String,
    pub(crate) method: String,
    pub(crate) metadata: HeaderLines,
    pub(crate) message: Vec<u8>,
    pub(crate) timeout: Duration,
}

impl Worker {
    /// `proxy_grpc_call`; always in the name of the root context. A timeout of 0 is none.
    pub(crate) fn grpc_call(&mut self, arguments: GrpcCallArguments) -> Result<u32, Status> {
        self.admit("proxy_grpc_call")?;
        let GrpcCallArguments { upstream, service, method, metadata, message, timeout } = arguments;
        let cluster = cluster_of(&upstream).ok_or(Status::ParseFailure)?;
        let timeout = Some(timeout).filter(|timeout| !timeout.is_zero());
        let token = self.next_call;
        self.next_call += 1;
        if self.place == Place::Canary {
            // It is thrown away before any answer; the script never hears of it.
            return Ok(token);
        }
        let at = self.shared.clock.get().now();
        let request = GrpcRequest { place: self.place, cluster, service, method, metadata, message, timeout, at };
        let answer = self.shared.grpc.borrow_mut()(&request);
        let fails = matches!(answer, GrpcAnswer::UnknownCluster);
        let (after, outcome) = GrpcOutcome::of(answer, timeout);
        let due = self.shared.clock.get().elapsed().saturating_add(after);
        self.pending_calls.push(PendingCall { token, due, answer: PendingAnswer::Grpc(outcome) });
        self.shared.grpc_requests.borrow_mut().push(request);
        // The plugin is told of the failed call all the same, as by Envoy.
        if fails { Err(Status::InternalFailure) } else { Ok(token) }
    }

    /// `proxy_grpc_cancel`
    pub(crate) fn cancel_grpc_call(&mut self, token: u32) -> Result<(), Status> {
        self.admit("proxy_grpc_cancel")?;
        let is_it = |call: &PendingCall| call.token == token && matches!(call.answer, PendingAnswer::Grpc(_));
        let found = self.pending_calls.iter().position(is_it).ok_or(Status::NotFound)?;
        self.pending_calls.remove(found);
        Ok(())
    }

    /// `proxy_get_status`
    pub(crate) fn grpc_status(&mut self) -> Result<(u32, String), Status> {
        self.admit("proxy_get_status")?;
        Ok(self.grpc_status.clone())
    }
}

/// The cluster of a serialized `GrpcService`: `EnvoyGrpc envoy_grpc = 1`, in it `string cluster_name = 1`.
fn cluster_of(service: &[u8]) -> Option<String> {
    let envoy_grpc = bytes_of_field_1(service)?;
    String::from_utf8(bytes_of_field_1(envoy_grpc)?.to_vec()).ok()
}

fn bytes_of_field_1(message: &[u8]) -> Option<&[u8]> {
    fields(message)?.into_iter().find_map(|field| match field {
        Field::Bytes(1, bytes) => Some(bytes),
        _ => None,
    })
}
