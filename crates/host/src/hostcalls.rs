//! What each host call does, whoever makes it.

mod buffers;
mod foreign;
mod grpc_call;
mod headers;
mod http_call;
mod metrics;
mod property;
mod protobuf;
mod shared_data;
mod streams;
mod system;

pub(crate) use buffers::BufferType;
pub(crate) use foreign::verify_signature_arguments;
pub(crate) use grpc_call::GrpcCallArguments;
pub(crate) use headers::MapType;
