//! What a filter may ask of the proxy around it, as small traits. A function asks only for what it uses.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use crate::{Flow, HeaderBlock, Timestamp};

mod grpc;

pub use grpc::{GrpcCall, GrpcCallResponse, GrpcCalls, GrpcService};

/// A header map that the host holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeaderMap {
    /// The request's headers, pseudo-headers included.
    RequestHeaders,
    /// The request's trailers.
    RequestTrailers,
    /// The response's headers.
    ResponseHeaders,
    /// The response's trailers.
    ResponseTrailers,
    /// The headers of the callout's answer, within its callback.
    CallResponseHeaders,
}

/// A body that the host buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// The request's body, as far as it is buffered.
    Request,
    /// The response's body, as far as it is buffered.
    Response,
    /// The body of the callout's answer, within its callback.
    CallResponse,
    /// The message of the gRPC callout's answer, within its callback.
    GrpcMessage,
}

/// The host refused or failed a call; the number is its proxy-wasm status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostError(pub u32);

impl HostError {
    /// What was asked for does not exist.
    pub const NOT_FOUND: Self = Self(1);
    /// The host cannot make sense of an argument.
    pub const BAD_ARGUMENT: Self = Self(2);
    /// The host's answer cannot be parsed.
    pub const PARSE_FAILURE: Self = Self(4);
    /// Shared data has changed since it was read.
    pub const CAS_MISMATCH: Self = Self(8);
    /// The host failed, or forbids the call (capability restriction).
    pub const INTERNAL_FAILURE: Self = Self(10);
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host status {}", self.0)
    }
}

impl std::error::Error for HostError {}

/// Header maps.
pub trait Headers {
    /// All headers of `map`, read from the host at most once until something changes them.
    ///
    /// # Errors
    /// When the host refuses, or its answer is malformed.
    fn headers(&self, map: HeaderMap) -> Result<Rc<HeaderBlock>, HostError>;

    /// Makes `value` the only value of `name`.
    ///
    /// # Errors
    /// When the host refuses.
    fn set_header(&self, map: HeaderMap, name: &str, value: &[u8]) -> Result<(), HostError>;

    /// Removes every value of `name`.
    ///
    /// # Errors
    /// When the host refuses.
    fn remove_header(&self, map: HeaderMap, name: &str) -> Result<(), HostError>;

    /// Adds a line of `name`; only for filters that declare [`Callback::ResponseBody`](crate::Callback::ResponseBody).
    ///
    /// # Errors
    /// When the host refuses.
    fn add_header(&self, map: HeaderMap, name: &str, value: &[u8]) -> Result<(), HostError>;
}

/// Buffered bodies.
pub trait Body {
    /// At most `max` bytes of `body` from `start`.
    ///
    /// # Errors
    /// When there is no such body.
    fn body(&self, body: BodyKind, start: usize, max: usize) -> Result<Vec<u8>, HostError>;

    /// Makes `bytes` all of what is buffered of `body`; only for filters that declare
    /// [`Callback::ResponseBody`](crate::Callback::ResponseBody).
    ///
    /// # Errors
    /// When the host refuses.
    fn set_body(&self, body: BodyKind, bytes: &[u8]) -> Result<(), HostError>;
}

/// Attributes of the request, the connection and the proxy, under Envoy's names.
pub trait Attributes {
    /// The attribute's raw value, `None` when it is absent. Integers are 8 bytes little-endian, booleans one byte.
    ///
    /// # Errors
    /// When the host fails for another reason than absence.
    fn attribute(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError>;
}

/// State that follows the stream and that no client can write.
pub trait FilterState {
    /// Publishes `value` under `name` (Envoy: filter state `wasm.<name>`) for later filters and the access log.
    ///
    /// # Errors
    /// When the host refuses; whoever depends on the value being there must refuse the request.
    fn set_filter_state(&self, name: &str, value: &[u8]) -> Result<(), HostError>;
}

/// The wall clock.
pub trait Clock {
    /// Now. May jump.
    fn now(&self) -> Timestamp;
}

/// The host's log.
pub trait Log {
    /// Writes one line; never a secret.
    fn log(&self, level: LogLevel, message: &str);
}

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// For whoever debugs a plugin.
    Debug,
    /// Ordinary events.
    Info,
    /// Something an operator should look at.
    Warn,
    /// Something is broken.
    Error,
}

impl LogLevel {
    /// The level's name in a decision record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// What a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// A level.
    Gauge,
    /// A distribution.
    Histogram,
}

/// A metric that was defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricId(pub u32);

/// The host's metrics.
pub trait Metrics {
    /// Defines a metric. Define each name once: a second definition may get a new id.
    ///
    /// # Errors
    /// When the host refuses.
    fn define_metric(&self, kind: MetricKind, name: &str) -> Result<MetricId, HostError>;

    /// Adds `offset` to a counter or gauge.
    ///
    /// # Errors
    /// When there is no such metric.
    fn increment_metric(&self, metric: MetricId, offset: i64) -> Result<(), HostError>;

    /// Sets a gauge, or records a value in a histogram.
    ///
    /// # Errors
    /// When there is no such metric.
    fn record_metric(&self, metric: MetricId, value: u64) -> Result<(), HostError>;
}

/// A value of shared data and the number to give back when replacing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedValue {
    /// The value.
    pub value: Vec<u8>,
    /// Its compare-and-swap number.
    pub cas: u32,
}

/// Data that the workers of one proxy share. Keys are never deleted: use a fixed number of them.
pub trait SharedData {
    /// The value under `key`.
    ///
    /// # Errors
    /// When the host fails for another reason than absence.
    fn shared_data(&self, key: &str) -> Result<Option<SharedValue>, HostError>;

    /// Replaces the value under `key` if it is still the one that `cas` came with. `None`: only if the key is new.
    ///
    /// # Errors
    /// [`HostError::CAS_MISMATCH`] when another worker was first.
    fn replace_shared_data(&self, key: &str, value: &[u8], cas: Option<u32>) -> Result<(), HostError>;
}

/// An HTTP request to one of the proxy's clusters.
#[derive(Debug, Clone)]
pub struct HttpCall<'a> {
    /// The cluster's name.
    pub cluster: &'a str,
    /// All headers, `:method`, `:path` and `:authority` among them.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body; empty for none.
    pub body: &'a [u8],
    /// How long the answer may take.
    pub timeout: Duration,
}

/// Names a callout until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallId(pub u32);

/// A callout was answered or failed; read it through [`HeaderMap::CallResponseHeaders`] and [`BodyKind::CallResponse`].
#[derive(Debug, Clone, Copy)]
pub struct CallResponse {
    /// Which callout.
    pub id: CallId,
    /// How many headers came; none when the answer broke off.
    pub headers: usize,
    /// How many bytes of body came.
    pub body_size: usize,
}

/// HTTP callouts; only from the filter's own callbacks (tick, call response), never from a stream's.
pub trait HttpCalls {
    /// Sends a request.
    ///
    /// # Errors
    /// When the cluster is unknown or has no endpoint: no callback follows then.
    fn http_call(&self, call: &HttpCall<'_>) -> Result<CallId, HostError>;
}

/// Randomness that no client can foresee.
pub trait Random {
    /// Fresh random bytes.
    ///
    /// # Errors
    /// When the host has none to give.
    fn random(&self) -> Result<[u8; 16], HostError>;
}

/// Names a stream for as long as it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u32);

/// Streams that are held; only from the filter's own callbacks (tick, call response), never from a stream's.
pub trait Streams {
    /// Calls `decide` with the host as the held request `stream` sees it, and does with the request what it answers.
    ///
    /// # Errors
    /// [`HostError::BAD_ARGUMENT`] when the stream is gone; `decide` is not called then.
    fn resume(&self, stream: StreamId, decide: &mut dyn FnMut(&dyn Host) -> Flow) -> Result<(), HostError>;
}

/// The timer of the filter; only from the filter's own callbacks.
pub trait Timer {
    /// How often `on_tick` is called from now on, in whole milliseconds.
    ///
    /// # Errors
    /// When the host refuses.
    fn set_tick_period(&self, period: Duration) -> Result<(), HostError>;
}

/// A digest of the SHA-2 family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashFunction {
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

impl HashFunction {
    /// Envoy's name of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

/// What the host's cryptography says of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The key made this signature over this text.
    Valid,
    /// It did not.
    Invalid,
    /// The host has no such function, or cannot use the key: decide without it.
    Unavailable,
}

/// The host's native cryptography.
pub trait HostCrypto {
    /// Verifies an RSASSA-PKCS1-v1_5 signature, or a DER-encoded ECDSA signature, over `text`.
    /// `public_key` is a DER SubjectPublicKeyInfo. The host does not tie the curve to the hash: the caller must.
    fn verify_signature(&self, hash: HashFunction, public_key: &[u8], signature: &[u8], text: &[u8]) -> Verdict;
}

/// The environment that the operator gave to the plugin, the place of its secrets.
pub trait Environment {
    /// The variable's value, `None` when it is unset or not UTF-8.
    fn variable(&self, name: &str) -> Option<String>;
}

/// What `configure` may use: nothing that outlives a throw-away VM.
pub trait Setup: Clock + Environment + HostCrypto + Log + Metrics {}
impl<T: Clock + Environment + HostCrypto + Log + Metrics + ?Sized> Setup for T {}

/// All that a running filter may ask for.
pub trait Host:
    Setup + Attributes + Body + FilterState + GrpcCalls + Headers + HttpCalls + Random + SharedData + Streams + Timer
{
}
impl<T: Setup + Attributes + Body + FilterState + GrpcCalls + Headers + HttpCalls + Random + SharedData + Streams + Timer> Host
    for T
{
}
