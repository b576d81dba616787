//! The ports of a filter, on the proxy.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{
    Attributes, Body, BodyKind, CallId, Clock, Environment, FilterState, Flow, GrpcCall, GrpcCalls, HashFunction, HeaderBlock,
    HeaderMap, Headers, Host, HostCrypto, HostError, HttpCall, HttpCalls, Log, LogLevel, MetricId, MetricKind, Metrics, Random,
    SharedData, SharedValue, StreamId, Streams, Timer, Timestamp, Verdict,
};
use proxy_wasm::types::Status;

use crate::abi::{self, BufferType, MapType};
use crate::crypto;
use crate::{local_reply, pairs};

/// The proxy as one context sees it.
#[derive(Default)]
pub(crate) struct ProxyHost {
    /// The root context, in that one alone.
    root: Option<u32>,
    // INVARIANT: holds what the host holds; `forget` follows every change, and every pause: what resumes a stream changes it.
    read: RefCell<Vec<(HeaderMap, Rc<HeaderBlock>)>>,
}

impl ProxyHost {
    /// The proxy as the root context sees it.
    pub(crate) fn of_root(context: u32) -> Self {
        Self { root: Some(context), ..Self::default() }
    }

    /// Drops whatever was read.
    pub(crate) fn forget_all(&self) {
        self.read.borrow_mut().clear();
    }

    /// Drops what was read of `map`: the proxy or another filter may have changed it.
    pub(crate) fn forget(&self, map: HeaderMap) {
        self.read.borrow_mut().retain(|(known, _)| *known != map);
    }
}

impl Headers for ProxyHost {
    fn headers(&self, map: HeaderMap) -> Result<Rc<HeaderBlock>, HostError> {
        if let Some((_, block)) = self.read.borrow().iter().find(|(known, _)| *known == map) {
            return Ok(Rc::clone(block));
        }
        let bytes = abi::header_map(map_type(map))?;
        let block = Rc::new(HeaderBlock::parse(bytes).map_err(|_malformed| HostError::PARSE_FAILURE)?);
        self.read.borrow_mut().push((map, Rc::clone(&block)));
        Ok(block)
    }

    fn set_header(&self, map: HeaderMap, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.forget(map);
        abi::replace_header(map_type(map), name, value)
    }

    fn remove_header(&self, map: HeaderMap, name: &str) -> Result<(), HostError> {
        self.forget(map);
        abi::remove_header(map_type(map), name)
    }

    fn add_header(&self, map: HeaderMap, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.forget(map);
        abi::add_header(map_type(map), name, value)
    }
}

impl Body for ProxyHost {
    fn body(&self, body: BodyKind, start: usize, max: usize) -> Result<Vec<u8>, HostError> {
        abi::buffer(buffer_type(body), start, max)
    }

    fn set_body(&self, body: BodyKind, bytes: &[u8]) -> Result<(), HostError> {
        abi::set_buffer(buffer_type(body), bytes)
    }
}

fn buffer_type(body: BodyKind) -> BufferType {
    match body {
        BodyKind::Request => BufferType::RequestBody,
        BodyKind::Response => BufferType::ResponseBody,
        BodyKind::CallResponse => BufferType::CallResponseBody,
        BodyKind::GrpcMessage => BufferType::GrpcMessage,
    }
}

impl Attributes for ProxyHost {
    fn attribute(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        present(abi::property(path.join("\0").as_bytes()))
    }
}

impl FilterState for ProxyHost {
    fn set_filter_state(&self, name: &str, value: &[u8]) -> Result<(), HostError> {
        abi::set_property(name.as_bytes(), value)
    }
}

impl Clock for ProxyHost {
    fn now(&self) -> Timestamp {
        // Without a clock every token has expired.
        Timestamp::from_nanos(abi::current_time().unwrap_or(u64::MAX))
    }
}

impl Log for ProxyHost {
    fn log(&self, level: LogLevel, message: &str) {
        let level = match level {
            LogLevel::Debug => 1,
            LogLevel::Info => 2,
            LogLevel::Warn => 3,
            LogLevel::Error => 4,
        };
        abi::log(level, message);
    }
}

impl Metrics for ProxyHost {
    fn define_metric(&self, kind: MetricKind, name: &str) -> Result<MetricId, HostError> {
        let kind = match kind {
            MetricKind::Counter => 0,
            MetricKind::Gauge => 1,
            MetricKind::Histogram => 2,
        };
        abi::define_metric(kind, name).map(MetricId)
    }

    fn increment_metric(&self, metric: MetricId, offset: i64) -> Result<(), HostError> {
        abi::increment_metric(metric.0, offset)
    }

    fn record_metric(&self, metric: MetricId, value: u64) -> Result<(), HostError> {
        abi::record_metric(metric.0, value)
    }
}

impl SharedData for ProxyHost {
    fn shared_data(&self, key: &str) -> Result<Option<SharedValue>, HostError> {
        Ok(present(abi::shared_data(key))?.map(|(value, cas)| SharedValue { value, cas }))
    }

    fn replace_shared_data(&self, key: &str, value: &[u8], cas: Option<u32>) -> Result<(), HostError> {
        // A host ignores the number for a key that it does not have yet, and no value ever has this one.
        abi::set_shared_data(key, value, cas.unwrap_or(u32::MAX))
    }
}

impl HttpCalls for ProxyHost {
    fn http_call(&self, call: &HttpCall<'_>) -> Result<CallId, HostError> {
        // The SDK's dispatcher knows only the callouts that went through it. It panics on a status other than these two, and the
        // ABI gives this function no other.
        proxy_wasm::hostcalls::dispatch_http_call(
            call.cluster,
            call.headers.to_vec(),
            Some(call.body).filter(|body| !body.is_empty()),
            Vec::new(),
            call.timeout.min(Duration::from_millis(u32::MAX.into())),
        )
        .map(CallId)
        .map_err(|status| if status == Status::BadArgument { HostError::BAD_ARGUMENT } else { HostError::INTERNAL_FAILURE })
    }
}

impl Random for ProxyHost {
    fn random(&self) -> Result<[u8; 16], HostError> {
        abi::random()
    }
}

impl GrpcCalls for ProxyHost {
    fn grpc_call(&self, call: &GrpcCall<'_>) -> Result<CallId, HostError> {
        abi::grpc_call(call, &pairs::serialize(call.metadata)).map(CallId)
    }

    fn cancel_grpc_call(&self, id: CallId) -> Result<(), HostError> {
        abi::cancel_grpc_call(id.0)
    }

    fn grpc_status_message(&self) -> Result<Vec<u8>, HostError> {
        abi::grpc_status_message()
    }
}

impl Streams for ProxyHost {
    fn resume(&self, stream: StreamId, decide: &mut dyn FnMut(&dyn Host) -> Flow) -> Result<(), HostError> {
        let root = self.root.ok_or(HostError::BAD_ARGUMENT)?;
        abi::set_effective_context(stream.0)?;
        let done = match decide(&Self::default()) {
            Flow::Continue => abi::continue_request(),
            Flow::Pause => Ok(()),
            Flow::Reply(reply) => local_reply::send(&reply),
        };
        done.and(abi::set_effective_context(root))
    }
}

impl Timer for ProxyHost {
    fn set_tick_period(&self, period: Duration) -> Result<(), HostError> {
        abi::set_tick_period(period)
    }
}

impl HostCrypto for ProxyHost {
    fn verify_signature(&self, hash: HashFunction, public_key: &[u8], signature: &[u8], text: &[u8]) -> Verdict {
        crypto::verify_signature(hash, public_key, signature, text)
    }
}

impl Environment for ProxyHost {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

const fn map_type(map: HeaderMap) -> MapType {
    match map {
        HeaderMap::RequestHeaders => MapType::RequestHeaders,
        HeaderMap::RequestTrailers => MapType::RequestTrailers,
        HeaderMap::ResponseHeaders => MapType::ResponseHeaders,
        HeaderMap::ResponseTrailers => MapType::ResponseTrailers,
        HeaderMap::CallResponseHeaders => MapType::CallResponseHeaders,
    }
}

fn present<T>(answer: Result<T, HostError>) -> Result<Option<T>, HostError> {
    match answer {
        Err(HostError::NOT_FOUND) => Ok(None),
        answer => answer.map(Some),
    }
}
