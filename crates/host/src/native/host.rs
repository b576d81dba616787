//! The ports, over the model.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{
    Attributes, Body, BodyKind, CallId, Clock, Environment, FilterState, Flow, GrpcCall, GrpcCalls, HashFunction, HeaderBlock,
    HeaderMap, Headers, Host, HostCrypto, HostError, HttpCall, HttpCalls, LocalReply as FilterReply, Log, LogLevel, MetricId,
    MetricKind, Metrics, Random, SharedData, SharedValue, StreamId, Streams, Timer, Timestamp, Verdict,
};

use crate::hostcalls::{BufferType, GrpcCallArguments, MapType, verify_signature_arguments};
use crate::model::{LocalReply, ROOT_CONTEXT, Status, Worker};

/// The proxy, for one callback of one context.
pub(super) struct NativeHost {
    pub(super) worker: Rc<RefCell<Worker>>,
    pub(super) headers: Rc<HeaderCache>,
    /// Set once the proxy has said that it has no `verify_signature`: as the adapter, a VM asks once.
    pub(super) without_crypto: Rc<Cell<bool>>,
}

/// The header maps of one stream that were read since something changed them.
pub(super) type HeaderCache = RefCell<HashMap<HeaderMap, Rc<HeaderBlock>>>;

impl NativeHost {
    fn worker(&self) -> RefMut<'_, Worker> {
        self.worker.borrow_mut()
    }

    /// Answers the client of the effective context.
    pub(super) fn reply(&self, reply: FilterReply) -> Result<(), HostError> {
        let FilterReply { status, headers, body, grpc_status, details } = reply;
        let headers = headers.into_iter().map(|(name, value)| (name.into_bytes(), value)).collect();
        let grpc_status = grpc_status.map(|status| status.0);
        Ok(self.worker().send_local_response(LocalReply { status, headers, body, grpc_status, details })?)
    }
}

impl Headers for NativeHost {
    fn headers(&self, map: HeaderMap) -> Result<Rc<HeaderBlock>, HostError> {
        if let Some(block) = self.headers.borrow().get(&map) {
            return Ok(Rc::clone(block));
        }
        let lines = self.worker().get_header_map_pairs(map_type(map))?.lines().to_vec();
        let block = Rc::new(HeaderBlock::from_pairs(lines));
        self.headers.borrow_mut().insert(map, Rc::clone(&block));
        Ok(block)
    }

    fn set_header(&self, map: HeaderMap, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.headers.borrow_mut().remove(&map);
        Ok(self.worker().replace_header_map_value(map_type(map), name.as_bytes(), value)?)
    }

    fn remove_header(&self, map: HeaderMap, name: &str) -> Result<(), HostError> {
        self.headers.borrow_mut().remove(&map);
        Ok(self.worker().remove_header_map_value(map_type(map), name.as_bytes())?)
    }

    fn add_header(&self, map: HeaderMap, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.headers.borrow_mut().remove(&map);
        Ok(self.worker().add_header_map_value(map_type(map), name.as_bytes(), value)?)
    }
}

impl Body for NativeHost {
    fn body(&self, body: BodyKind, start: usize, max: usize) -> Result<Vec<u8>, HostError> {
        Ok(self.worker().get_buffer_bytes(buffer_type(body), start, max)?.to_vec())
    }

    fn set_body(&self, body: BodyKind, bytes: &[u8]) -> Result<(), HostError> {
        Ok(self.worker().set_buffer_bytes(buffer_type(body), 0, usize::MAX, bytes)?)
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

impl Attributes for NativeHost {
    fn attribute(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        present(self.worker().get_property(path.join("\0").as_bytes()))
    }
}

impl FilterState for NativeHost {
    fn set_filter_state(&self, name: &str, value: &[u8]) -> Result<(), HostError> {
        Ok(self.worker().set_property(name.as_bytes(), value)?)
    }
}

impl Clock for NativeHost {
    fn now(&self) -> Timestamp {
        // As the adapter: without a clock it is too late for anything.
        Timestamp::from_nanos(self.worker().current_time().unwrap_or(u64::MAX))
    }
}

impl Log for NativeHost {
    fn log(&self, level: LogLevel, message: &str) {
        // A host that forbids logging is no reason to fail.
        let _ = self.worker().log(level, message.to_owned());
    }
}

impl Metrics for NativeHost {
    fn define_metric(&self, kind: MetricKind, name: &str) -> Result<MetricId, HostError> {
        Ok(MetricId(self.worker().define_metric(kind, name)?))
    }

    fn increment_metric(&self, metric: MetricId, offset: i64) -> Result<(), HostError> {
        Ok(self.worker().increment_metric(metric.0, offset)?)
    }

    fn record_metric(&self, metric: MetricId, value: u64) -> Result<(), HostError> {
        Ok(self.worker().record_metric(metric.0, value)?)
    }
}

impl SharedData for NativeHost {
    fn shared_data(&self, key: &str) -> Result<Option<SharedValue>, HostError> {
        let found = present(self.worker().get_shared_data(key.as_bytes()))?;
        Ok(found.map(|(value, cas)| SharedValue { value, cas }))
    }

    fn replace_shared_data(&self, key: &str, value: &[u8], cas: Option<u32>) -> Result<(), HostError> {
        // No value ever has this number: it inserts where there is no value, and only there.
        let cas = cas.unwrap_or(u32::MAX);
        Ok(self.worker().set_shared_data(key.as_bytes(), value, cas)?)
    }
}

impl HttpCalls for NativeHost {
    fn http_call(&self, call: &HttpCall<'_>) -> Result<CallId, HostError> {
        let lines = call.headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect();
        Ok(CallId(self.worker().http_call(call.cluster, &lines, call.body, call.timeout)?))
    }
}

impl Random for NativeHost {
    fn random(&self) -> Result<[u8; 16], HostError> {
        self.worker().random_bytes(16).first_chunk().copied().ok_or(HostError::INTERNAL_FAILURE)
    }
}

impl GrpcCalls for NativeHost {
    fn grpc_call(&self, call: &GrpcCall<'_>) -> Result<CallId, HostError> {
        Ok(CallId(self.worker().grpc_call(GrpcCallArguments {
            upstream: call.to.as_bytes().to_vec(),
            service: call.service.to_owned(),
            method: call.method.to_owned(),
            metadata: call.metadata.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.to_vec())).collect(),
            message: call.message.to_vec(),
            timeout: call.timeout,
        })?))
    }

    fn cancel_grpc_call(&self, id: CallId) -> Result<(), HostError> {
        Ok(self.worker().cancel_grpc_call(id.0)?)
    }

    fn grpc_status_message(&self) -> Result<Vec<u8>, HostError> {
        Ok(self.worker().grpc_status()?.1.into_bytes())
    }
}

impl Streams for NativeHost {
    fn resume(&self, stream: StreamId, decide: &mut dyn FnMut(&dyn Host) -> Flow) -> Result<(), HostError> {
        /// `proxy_stream_type_t`
        const HTTP_REQUEST: u32 = 0;
        self.worker().set_effective_context(stream.0)?;
        let there =
            Self { worker: Rc::clone(&self.worker), headers: Rc::default(), without_crypto: Rc::clone(&self.without_crypto) };
        let done = match decide(&there) {
            Flow::Continue => self.worker().continue_stream(HTTP_REQUEST).map_err(HostError::from),
            Flow::Pause => Ok(()),
            Flow::Reply(reply) => self.reply(reply),
        };
        let back = self.worker().set_effective_context(ROOT_CONTEXT).map_err(HostError::from);
        done.and(back)
    }
}

impl Timer for NativeHost {
    fn set_tick_period(&self, period: Duration) -> Result<(), HostError> {
        Ok(self.worker().set_tick_period(period)?)
    }
}

impl HostCrypto for NativeHost {
    fn verify_signature(&self, hash: HashFunction, public_key: &[u8], signature: &[u8], text: &[u8]) -> Verdict {
        /// The message `{1: true}`.
        const VALID: [u8; 2] = [0x08, 0x01];
        if self.without_crypto.get() {
            return Verdict::Unavailable;
        }
        let arguments = verify_signature_arguments(hash.name(), public_key, signature, text);
        match self.worker().call_foreign_function(b"verify_signature", &arguments) {
            Ok(answer) if answer == VALID => Verdict::Valid,
            Ok(_) => Verdict::Invalid,
            Err(status) => {
                self.without_crypto.set(status != Status::BadArgument);
                Verdict::Unavailable
            }
        }
    }
}

impl Environment for NativeHost {
    fn variable(&self, name: &str) -> Option<String> {
        self.worker().shared.options.environment.get(name).cloned()
    }
}

fn map_type(map: HeaderMap) -> MapType {
    match map {
        HeaderMap::RequestHeaders => MapType::RequestHeaders,
        HeaderMap::RequestTrailers => MapType::RequestTrailers,
        HeaderMap::ResponseHeaders => MapType::ResponseHeaders,
        HeaderMap::ResponseTrailers => MapType::ResponseTrailers,
        HeaderMap::CallResponseHeaders => MapType::CallResponseHeaders,
    }
}

fn present<T>(found: Result<T, Status>) -> Result<Option<T>, HostError> {
    match found {
        Ok(value) => Ok(Some(value)),
        Err(Status::NotFound) => Ok(None),
        Err(status) => Err(status.into()),
    }
}
