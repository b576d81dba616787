//! Answers to gRPC callouts.
//!
//! The SDK's callbacks know only the callouts that went through it: it takes no message for an upstream, never forgets a call that
//! was cancelled, and panics when the number of one comes again. `make wasm` puts these in their place.
#![expect(unsafe_code, reason = "the ABI is C")]

use std::cell::Cell;

use portcullis_filter::{CallId, GrpcCallResponse, GrpcStatus};

unsafe extern "C" {
    /// The SDK's own: makes the root context the active one and calls its `on_queue_ready`.
    safe fn proxy_on_queue_ready(context: u32, queue: u32);
}

thread_local! {
    /// The answer that the root context is about to be told of.
    static ANSWER: Cell<Option<GrpcCallResponse>> = const { Cell::new(None) };
}

/// `proxy_on_grpc_receive`
#[unsafe(no_mangle)]
extern "C" fn portcullis_on_grpc_receive(context: u32, token: u32, size: usize) {
    tell(context, GrpcCallResponse { id: CallId(token), message: Ok(size) });
}

/// `proxy_on_grpc_close`
#[unsafe(no_mangle)]
extern "C" fn portcullis_on_grpc_close(context: u32, token: u32, status: u32) {
    tell(context, GrpcCallResponse { id: CallId(token), message: Err(GrpcStatus(status)) });
}

/// The SDK hands a number to a root context, whatever it is, in no other callback.
fn tell(context: u32, response: GrpcCallResponse) {
    ANSWER.set(Some(response));
    proxy_on_queue_ready(context, 0);
}

/// What `on_queue_ready` is about; no queue is ever registered.
pub(crate) fn take_answer() -> Option<GrpcCallResponse> {
    ANSWER.take()
}
