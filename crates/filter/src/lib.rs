//! The vocabulary that every Portcullis plugin is written in: what a filter is, what it may ask of its host, and what it answers.
//!
//! Nothing here knows a proxy. `portcullis-adapter` carries these traits over the proxy-wasm ABI, `portcullis-host` implements them natively.

mod callbacks;
mod decision;
mod filter;
mod headers;
mod identity;
mod json;
mod metric;
mod ports;
mod recorder;
mod reply;
mod same;
mod time;

pub use callbacks::{Callback, Callbacks};
pub use decision::{Decision, Outcome, Reason, RequestSummary};
pub use filter::{ConfigError, Filter, Flow, Stream};
pub use headers::{HeaderBlock, MalformedHeaders};
pub use identity::{IDENTITY_KEY, Identity, SUBJECT_KEY, publish_identity};
pub use metric::{Metric, metric_segment};
pub use ports::{
    Attributes, Body, BodyKind, CallId, CallResponse, Clock, Environment, FilterState, GrpcCall, GrpcCallResponse, GrpcCalls,
    GrpcService, HashFunction, HeaderMap, Headers, Host, HostCrypto, HostError, HttpCall, HttpCalls, Log, LogLevel, MetricId,
    MetricKind, Metrics, Random, Setup, SharedData, SharedValue, StreamId, Streams, Timer, Verdict,
};
pub use recorder::{Recorder, RecorderOptions};
pub use reply::{GrpcStatus, LocalReply};
pub use same::is_same;
pub use time::Timestamp;
