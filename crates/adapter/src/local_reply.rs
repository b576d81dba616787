//! Local replies, sent.

use portcullis_filter::{GrpcStatus, HostError, LocalReply};

use crate::{abi, pairs};

/// Answers the client of the effective context.
pub(crate) fn send(reply: &LocalReply) -> Result<(), HostError> {
    let headers = pairs::serialize(&reply.headers);
    let grpc_status = reply.grpc_status.map(|GrpcStatus(code)| code);
    abi::send_local_response(reply.status, &reply.details, &reply.body, &headers, grpc_status)
}
