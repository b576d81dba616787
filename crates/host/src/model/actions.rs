//! What a plugin asks for in a callback and the host does after it.

use crate::exchange::HeaderLines;
use crate::model::{Direction, HeaderList};

/// Done when the callback that asked for it has returned.
#[derive(Debug)]
pub(crate) enum Action {
    /// Resume a paused stream.
    Resume(u32, Direction),
    /// Reset a stream.
    Close(u32),
    /// Answer the client.
    Reply(u32, LocalReply),
}

/// A local reply as a plugin asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalReply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderLines,
    pub(crate) body: Vec<u8>,
    pub(crate) grpc_status: Option<u32>,
    pub(crate) details: String,
}

/// The reply as it starts on its way to the client. A gRPC client gets 200 with the status in a header, and the body as
/// its message.
pub(super) fn to_http(reply: &LocalReply, is_grpc: bool, is_head: bool) -> (HeaderList, Vec<u8>) {
    let mut headers = HeaderList::default();
    headers.add(b":status", if is_grpc { "200".to_owned() } else { reply.status.to_string() }.as_bytes());
    for (name, value) in &reply.headers {
        headers.add(name, value);
    }
    headers.remove(b"content-length");
    if is_grpc {
        grpc_headers(&mut headers, reply, is_head);
        return (headers, Vec::new());
    }
    if reply.body.is_empty() {
        headers.remove(b"content-type");
        return (headers, Vec::new());
    }
    headers.add(b"content-length", reply.body.len().to_string().as_bytes());
    if headers.first(b"content-type").is_none() {
        headers.add(b"content-type", b"text/plain");
    }
    (headers, if is_head { Vec::new() } else { reply.body.clone() })
}

fn grpc_headers(headers: &mut HeaderList, reply: &LocalReply, is_head: bool) {
    headers.set(b"content-type", b"application/grpc");
    if headers.first(b"grpc-status").is_none() {
        let status = reply.grpc_status.unwrap_or_else(|| grpc_status_of(reply.status));
        headers.add(b"grpc-status", status.to_string().as_bytes());
    }
    if !reply.body.is_empty() && !is_head {
        headers.set(b"grpc-message", &percent_encode(&reply.body));
    }
}

/// The gRPC status of an HTTP status, from gRPC's `http-grpc-status-mapping.md`.
fn grpc_status_of(status: u16) -> u32 {
    match status {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 | 502 | 503 | 504 => 14,
        _ => 2,
    }
}

/// gRPC's own percent encoding: everything outside of 0x20–0x7e, and `%`.
fn percent_encode(message: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(message.len());
    for byte in message {
        match byte {
            b'%' | ..0x20 | 0x7f.. => encoded.extend(format!("%{byte:02X}").into_bytes()),
            _ => encoded.push(*byte),
        }
    }
    encoded
}
