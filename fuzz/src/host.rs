//! A proxy in memory: one request, one clock, and an identity provider behind every cluster.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{
    Attributes, Body, BodyKind, CallId, CallResponse, Clock, Environment, Filter, FilterState, Flow, GrpcCall, GrpcCalls,
    HashFunction, HeaderBlock, HeaderMap, Headers, Host, HostCrypto, HostError, HttpCall, HttpCalls, LocalReply, Log, LogLevel,
    MetricId, MetricKind, Metrics, Random, SharedData, SharedValue, Stream, StreamId, Streams, Timer, Timestamp, Verdict,
};

use crate::fixtures::{NOW, REMOTE_KEYS};
use crate::request::{Lines, Request};

/// What every environment variable holds. Nobody may see it.
pub const SECRET: &str = "planted-marker-secret";

/// Longer than any plugin may hold a request.
const PATIENCE: Duration = Duration::from_secs(60);

/// The proxy, as the plugin sees it.
#[derive(Debug, Default)]
pub struct FakeHost {
    pub headers: RefCell<Lines>,
    pub trailers: RefCell<Lines>,
    pub state: RefCell<BTreeMap<String, Vec<u8>>>,
    pub log: RefCell<Vec<String>>,
    pub certificate: Option<Vec<u8>>,
    /// What else the proxy knows of the request, by dotted names.
    pub properties: BTreeMap<String, Vec<u8>>,
    /// Whether the identity provider is down.
    pub down: bool,
    /// How many calls that may fail go well before one fails.
    pub fail: Cell<Option<usize>>,
    /// Whether the host failed, so that nothing may be forwarded.
    pub failed: Cell<bool>,
    /// The names of the headers that the plugin wrote.
    pub written: RefCell<Vec<String>>,
    elapsed: Cell<Duration>,
    in_stream: Cell<bool>,
    held: Cell<Option<StreamId>>,
    resumed: RefCell<Option<Flow>>,
    calls: RefCell<Vec<(CallId, String)>>,
    next_call: Cell<u32>,
    answer: RefCell<Option<Vec<u8>>>,
    data: RefCell<BTreeMap<String, SharedValue>>,
    metrics: Cell<u32>,
}

/// What became of a request.
#[derive(Debug)]
pub enum End {
    Forwarded,
    Replied(LocalReply),
}

impl FakeHost {
    /// A proxy that has not seen any request.
    pub fn new(request: &Request) -> Self {
        Self {
            certificate: request.certificate.clone(),
            properties: request.properties.clone(),
            down: request.down,
            ..Self::default()
        }
    }

    /// Time for the plugin to fetch keys.
    pub fn warm_up(&self, filter: &impl Filter) {
        for _ in 0..3 {
            self.tick(filter);
        }
    }

    /// Sends a request and follows it to its end, by the rules of Envoy's filter chain.
    pub fn send<F: Filter>(&self, filter: &F, request: &Request) -> End {
        *self.headers.borrow_mut() = request.headers.clone();
        *self.trailers.borrow_mut() = request.trailers.clone();
        self.state.borrow_mut().clear();
        self.written.borrow_mut().clear();
        self.fail.set(request.fail);
        self.failed.set(false);
        let mut stream = filter.stream(StreamId(7));
        let (body, trailers) = (request.body, !request.trailers.is_empty());
        let flow = self.within_stream(|| stream.on_request_headers(self, !body && !trailers));
        let flow = match flow {
            Flow::Pause => self.wait(filter, &mut stream, request),
            flow => flow,
        };
        if let Flow::Reply(reply) = flow {
            return End::Replied(reply);
        }
        if body {
            let flow = self.within_stream(|| stream.on_request_body(self, 1, !trailers));
            assert!(matches!(flow, Flow::Continue), "a body after the decision: {flow:?}");
        }
        if trailers {
            match self.within_stream(|| stream.on_request_trailers(self)) {
                Flow::Continue => {}
                Flow::Reply(reply) => return End::Replied(reply),
                Flow::Pause => panic!("trailers are held after the decision"),
            }
        }
        End::Forwarded
    }

    /// Holds the request until the plugin decides. Whatever else of it arrives must be held too.
    fn wait<F: Filter>(&self, filter: &F, stream: &mut F::Stream, request: &Request) -> Flow {
        self.held.set(Some(StreamId(7)));
        if request.body {
            let flow = self.within_stream(|| stream.on_request_body(self, 1, true));
            assert!(matches!(flow, Flow::Pause), "a held request is let go by its body: {flow:?}");
        }
        let began = self.elapsed.get();
        loop {
            self.tick(filter);
            if let Some(flow) = self.resumed.borrow_mut().take() {
                self.held.set(None);
                return flow;
            }
            assert!(self.elapsed.get() < began + PATIENCE, "held for ever");
        }
    }

    /// 100 ms go by; callouts are answered.
    fn tick(&self, filter: &impl Filter) {
        self.elapsed.set(self.elapsed.get() + Duration::from_millis(100));
        filter.on_tick(self);
        for _ in 0..8 {
            let calls = std::mem::take(&mut *self.calls.borrow_mut());
            if calls.is_empty() {
                return;
            }
            for (id, path) in calls {
                let body = if path.contains("/.well-known/") {
                    br#"{"issuer":"https://discovered.example","jwks_uri":"https://discovered.example/keys"}"#
                } else {
                    REMOTE_KEYS
                };
                let size = body.len();
                *self.answer.borrow_mut() = Some(body.to_vec());
                let headers = if self.down { 0 } else { 1 };
                filter.on_http_call_response(self, CallResponse { id, headers, body_size: size });
                *self.answer.borrow_mut() = None;
            }
        }
        panic!("callouts without end");
    }

    fn within_stream<T>(&self, callback: impl FnOnce() -> T) -> T {
        self.in_stream.set(true);
        let answer = callback();
        self.in_stream.set(false);
        answer
    }

    fn root_only(&self, call: &str) {
        assert!(!self.in_stream.get(), "{call} from a stream's callback");
    }

    fn may_fail(&self) -> Result<(), HostError> {
        match self.fail.get() {
            Some(0) => {
                self.fail.set(None);
                self.failed.set(true);
                Err(HostError::INTERNAL_FAILURE)
            }
            left => {
                self.fail.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }

    fn map(&self, map: HeaderMap) -> &RefCell<Lines> {
        match map {
            HeaderMap::RequestHeaders => &self.headers,
            HeaderMap::RequestTrailers => &self.trailers,
            other => panic!("{other:?} is not there"),
        }
    }
}

impl Headers for FakeHost {
    fn headers(&self, map: HeaderMap) -> Result<Rc<HeaderBlock>, HostError> {
        if map == HeaderMap::CallResponseHeaders {
            return Ok(Rc::new(HeaderBlock::from_pairs([(":status", "200")])));
        }
        self.may_fail()?;
        let lines = self.map(map).borrow();
        Ok(Rc::new(HeaderBlock::from_pairs(lines.iter().map(|(name, value)| (name, value)))))
    }

    fn set_header(&self, map: HeaderMap, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.may_fail()?;
        assert!(!value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)), "{name} gets {}", value.escape_ascii());
        let mut lines = self.map(map).borrow_mut();
        lines.retain(|(known, _)| known != name.as_bytes());
        lines.push((name.as_bytes().to_vec(), value.to_vec()));
        self.written.borrow_mut().push(name.to_owned());
        Ok(())
    }

    fn remove_header(&self, map: HeaderMap, name: &str) -> Result<(), HostError> {
        self.may_fail()?;
        self.map(map).borrow_mut().retain(|(known, _)| known != name.as_bytes());
        Ok(())
    }

    fn add_header(&self, map: HeaderMap, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.may_fail()?;
        self.map(map).borrow_mut().push((name.as_bytes().to_vec(), value.to_vec()));
        Ok(())
    }
}

impl Body for FakeHost {
    fn body(&self, body: BodyKind, start: usize, max: usize) -> Result<Vec<u8>, HostError> {
        assert_eq!(body, BodyKind::CallResponse);
        let answer = self.answer.borrow();
        let bytes = answer.as_deref().ok_or(HostError::NOT_FOUND)?;
        Ok(bytes.iter().copied().skip(start).take(max).collect())
    }

    fn set_body(&self, _: BodyKind, _: &[u8]) -> Result<(), HostError> {
        Err(HostError::BAD_ARGUMENT)
    }
}

impl Attributes for FakeHost {
    fn attribute(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        Ok(match path {
            ["plugin_vm_id"] => Some(b"fuzz".to_vec()),
            ["connection", "sha256_peer_certificate_digest"] => {
                // A token that cannot be judged may be one that is not needed.
                let failed = self.failed.get();
                let answer = self.may_fail();
                self.failed.set(failed);
                answer?;
                self.certificate.clone()
            }
            [] => None,
            path => {
                let Some(value) = self.properties.get(&path.join(".")) else { return Ok(None) };
                self.may_fail()?;
                Some(value.clone())
            }
        })
    }
}

impl FilterState for FakeHost {
    fn set_filter_state(&self, name: &str, value: &[u8]) -> Result<(), HostError> {
        self.may_fail()?;
        assert!(!value.iter().any(u8::is_ascii_control), "{name}: {}", value.escape_ascii());
        self.state.borrow_mut().insert(name.to_owned(), value.to_vec());
        Ok(())
    }
}

impl Clock for FakeHost {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(NOW.as_secs()).saturating_add(self.elapsed.get())
    }
}

impl Log for FakeHost {
    fn log(&self, _level: LogLevel, message: &str) {
        assert!(!message.contains(char::is_control), "a log line with a control character: {message:?}");
        self.log.borrow_mut().push(message.to_owned());
    }
}

impl Metrics for FakeHost {
    fn define_metric(&self, _kind: MetricKind, _name: &str) -> Result<MetricId, HostError> {
        self.metrics.set(self.metrics.get() + 1);
        Ok(MetricId(self.metrics.get()))
    }

    fn increment_metric(&self, _metric: MetricId, _offset: i64) -> Result<(), HostError> {
        Ok(())
    }

    fn record_metric(&self, _metric: MetricId, _value: u64) -> Result<(), HostError> {
        Ok(())
    }
}

impl SharedData for FakeHost {
    fn shared_data(&self, key: &str) -> Result<Option<SharedValue>, HostError> {
        Ok(self.data.borrow().get(key).cloned())
    }

    fn replace_shared_data(&self, key: &str, value: &[u8], cas: Option<u32>) -> Result<(), HostError> {
        let mut data = self.data.borrow_mut();
        let known = data.get(key).map(|known| known.cas);
        if known != cas {
            return Err(HostError::CAS_MISMATCH);
        }
        data.insert(key.to_owned(), SharedValue { value: value.to_vec(), cas: known.unwrap_or(0) + 1 });
        Ok(())
    }
}

impl HttpCalls for FakeHost {
    fn http_call(&self, call: &HttpCall<'_>) -> Result<CallId, HostError> {
        self.root_only("http_call");
        let id = CallId(self.next_call.get());
        self.next_call.set(id.0 + 1);
        let path = call.headers.iter().find(|(name, _)| *name == ":path").map(|(_, path)| (*path).to_owned());
        self.calls.borrow_mut().push((id, path.unwrap_or_default()));
        Ok(id)
    }
}

impl Random for FakeHost {
    fn random(&self) -> Result<[u8; 16], HostError> {
        Ok([7; 16])
    }
}

/// No gRPC service is known.
impl GrpcCalls for FakeHost {
    fn grpc_call(&self, _call: &GrpcCall<'_>) -> Result<CallId, HostError> {
        Err(HostError::INTERNAL_FAILURE)
    }

    fn cancel_grpc_call(&self, _id: CallId) -> Result<(), HostError> {
        Err(HostError::NOT_FOUND)
    }

    fn grpc_status_message(&self) -> Result<Vec<u8>, HostError> {
        Ok(Vec::new())
    }
}

impl Streams for FakeHost {
    fn resume(&self, stream: StreamId, decide: &mut dyn FnMut(&dyn Host) -> Flow) -> Result<(), HostError> {
        self.root_only("resume");
        if self.held.get() != Some(stream) {
            return Err(HostError::BAD_ARGUMENT);
        }
        match decide(self) {
            Flow::Pause => {}
            flow => *self.resumed.borrow_mut() = Some(flow),
        }
        Ok(())
    }
}

impl Timer for FakeHost {
    fn set_tick_period(&self, period: Duration) -> Result<(), HostError> {
        self.root_only("set_tick_period");
        assert!(period >= Duration::from_millis(1));
        Ok(())
    }
}

impl HostCrypto for FakeHost {
    fn verify_signature(&self, _: HashFunction, _: &[u8], _: &[u8], _: &[u8]) -> Verdict {
        Verdict::Unavailable
    }
}

impl Environment for FakeHost {
    fn variable(&self, name: &str) -> Option<String> {
        Some(if name.starts_with("KEYS") { String::from_utf8_lossy(REMOTE_KEYS).into_owned() } else { SECRET.to_owned() })
    }
}
