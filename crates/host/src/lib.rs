//! A host for filters on the developer's machine: one model of Envoy with two front ends.
//!
//! [`Proxy::wasm`] runs the real `.wasm` (proxy-wasm ABI 0.2.1) on wasmtime, [`Proxy::native`] any
//! [`portcullis_filter::Filter`] that is linked in. Both share everything else: several workers, a virtual clock, shared
//! data, scripted callouts, and what Envoy's filter manager does with a stream. So one case runs identically on both.
//!
//! # Where it knowingly differs from Envoy
//!
//! - One plugin, HTTP only: no other filters, no TCP, no gRPC streams (`ParseFailure`), no shared queues (`Unimplemented`), and of
//!   the foreign functions only `verify_signature` and `clear_route_cache`.
//! - The upstream of a gRPC callout is a serialized `GrpcService` with a cluster, or the call fails with `ParseFailure`; Envoy also
//!   takes a cluster's name, and dies of some.
//! - The upstream answers when it has the whole request, never earlier.
//! - A connection manager's own work is left out: no limit on a client's headers, no header validation, no `date`,
//!   `server`, `x-request-id` or `x-forwarded-for`.
//! - Attributes are a subset; the caller gives the others with the request. Addresses and ports are made up.
//! - A failed VM stays dead (`FAIL_CLOSED`); Envoy's `FAIL_RELOAD` and `FAIL_OPEN` do not exist here.
//! - A restriction of capabilities applies to the functions that a plugin calls, not to its callbacks or to WASI.
//! - Random bytes are the same in every run. An endless loop is a trap.
//! - All log lines are kept, whatever their level.
//! - Natively, there is no memory limit and no trap: a panic of the filter is a panic of the test. Ports have no way to
//!   resume a held stream, so only `.wasm` plugins can.

mod callout;
mod driver;
mod error;
mod exchange;
mod grpc_callout;
mod hostcalls;
mod log;
mod model;
mod native;
mod options;
mod proxy;
mod race;
mod vm;
mod wasm;

pub use callout::{CalloutAnswer, CalloutRequest, CalloutScript};
pub use error::{LoadError, StartError, Trap};
pub use exchange::{Exchange, HeaderLines, Outcome, Reply, Request, Response, StreamId, UpstreamRequest, UpstreamResponse};
pub use grpc_callout::{GrpcAnswer, GrpcRequest, GrpcScript};
pub use log::{LogLine, Place};
pub use model::SharedData;
pub use options::{Options, SharedDataRace};
pub use proxy::Proxy;
pub use wasm::Module;
