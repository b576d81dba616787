//! Local replies, sent.

use portcullis_filter::{GrpcStatus, HostError, LocalReply};

use crate::abi;

/// Answers the client of the effective context.
pub(crate) fn send(reply: &LocalReply) -> Result<(), HostError> {
    let headers = serialize(&reply.headers);
    let grpc_status = reply.grpc_status.map(|GrpcStatus(code)| code);
    abi::send_local_response(reply.status, &reply.details, &reply.body, &headers, grpc_status)
}

/// Pairs as the ABI wants them; the reverse of `HeaderBlock::parse`.
fn serialize(headers: &[(String, Vec<u8>)]) -> Vec<u8> {
    let size = headers.iter().map(|(name, value)| name.len() + value.len() + 10).sum::<usize>() + 4;
    let mut bytes = Vec::with_capacity(size);
    push_length(&mut bytes, headers.len());
    for (name, value) in headers {
        push_length(&mut bytes, name.len());
        push_length(&mut bytes, value.len());
    }
    for (name, value) in headers {
        for piece in [name.as_bytes(), value] {
            bytes.extend_from_slice(piece);
            bytes.push(0);
        }
    }
    bytes
}

fn push_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend_from_slice(&(length as u32).to_le_bytes());
}
