//! A filter in place of a VM.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use portcullis_filter::{CallId, CallResponse, Filter, Flow, GrpcCallResponse, GrpcStatus, Stream, StreamId};

use super::host::{HeaderCache, NativeHost};
use crate::error::{StartError, Trap};
use crate::model::{ROOT_CONTEXT, Worker};
use crate::vm::{Answer, Call, Vm};

/// A filter and its streams.
pub(crate) struct NativeVm<F: Filter> {
    filter: F,
    worker: Rc<RefCell<Worker>>,
    without_crypto: Rc<Cell<bool>>,
    streams: HashMap<u32, (F::Stream, Rc<HeaderCache>)>,
}

impl<F: Filter> NativeVm<F> {
    /// Configures the filter.
    pub(crate) fn start(configuration: &[u8], worker: &Rc<RefCell<Worker>>) -> Result<Self, StartError> {
        let without_crypto = Rc::default();
        let host = NativeHost { worker: Rc::clone(worker), headers: Rc::default(), without_crypto: Rc::clone(&without_crypto) };
        worker.borrow_mut().enter(ROOT_CONTEXT);
        let filter = F::configure(configuration, &host).map_err(|error| StartError::Refused(error.to_string()))?;
        if let Some(period) = filter.tick_period() {
            // A host that forbids timers never ticks.
            let _ = worker.borrow_mut().set_tick_period(period);
        }
        worker.borrow_mut().leave(0);
        Ok(Self { filter, worker: Rc::clone(worker), without_crypto, streams: HashMap::new() })
    }

    fn call_root(&mut self, call: Call) {
        let host = self.host(Rc::default());
        match call {
            Call::Tick => self.filter.on_tick(&host),
            Call::HttpCallResponse { token, headers, body: body_size } => {
                self.filter.on_http_call_response(&host, CallResponse { id: CallId(token), headers, body_size });
            }
            Call::GrpcReceive { token, size } => self.answer_grpc_call(token, Ok(size)),
            Call::GrpcClose { token, status } => self.answer_grpc_call(token, Err(GrpcStatus(status))),
            _ => {}
        }
    }

    fn answer_grpc_call(&mut self, token: u32, message: Result<usize, GrpcStatus>) {
        self.filter.on_grpc_call_response(&self.host(Rc::default()), GrpcCallResponse { id: CallId(token), message });
    }

    fn call_stream(&mut self, context: u32, call: Call) -> Flow {
        let headers = self.streams.get(&context).map(|(_, headers)| Rc::clone(headers)).unwrap_or_default();
        let host = self.host(headers);
        let Some((stream, _)) = self.streams.get_mut(&context) else { return Flow::Continue };
        match call {
            Call::RequestHeaders { end, .. } => stream.on_request_headers(&host, end),
            Call::RequestBody { size, end } => stream.on_request_body(&host, size, end),
            Call::RequestTrailers { .. } => stream.on_request_trailers(&host),
            Call::ResponseHeaders { end, .. } => stream.on_response_headers(&host, end),
            Call::ResponseBody { size, end } => stream.on_response_body(&host, size, end),
            Call::ResponseTrailers { .. } => stream.on_response_trailers(&host),
            Call::Log => {
                stream.on_log(&host);
                Flow::Continue
            }
            _ => Flow::Continue,
        }
    }

    fn open(&mut self, context: u32) {
        self.streams.insert(context, (self.filter.stream(StreamId(context)), Rc::default()));
    }

    /// As the adapter: what resumes a stream changes its headers.
    fn forget_headers(&self, context: u32) {
        if let Some((_, headers)) = self.streams.get(&context) {
            headers.borrow_mut().clear();
        }
    }

    fn host(&self, headers: Rc<HeaderCache>) -> NativeHost {
        NativeHost { worker: Rc::clone(&self.worker), headers, without_crypto: Rc::clone(&self.without_crypto) }
    }
}

impl<F: Filter> Vm for NativeVm<F> {
    fn call(&mut self, context: u32, call: Call) -> Result<Answer, Trap> {
        if call.callback().is_some_and(|callback| !F::CALLBACKS.contains(callback)) {
            return Ok(Answer::Continue);
        }
        match call {
            Call::ContextCreate => self.open(context),
            Call::Delete => drop(self.streams.remove(&context)),
            _ if context == ROOT_CONTEXT => self.call_root(call),
            _ => match self.call_stream(context, call) {
                Flow::Continue => {}
                Flow::Pause => {
                    self.forget_headers(context);
                    return Ok(Answer::Pause);
                }
                Flow::Reply(reply) => {
                    // Forbidden: the stream stays paused, as with the adapter.
                    let _ = self.host(Rc::default()).reply(reply);
                    return Ok(Answer::Pause);
                }
            },
        }
        Ok(Answer::Continue)
    }

    fn fuel_used(&self) -> u64 {
        0
    }

    fn memory_size(&mut self) -> usize {
        0
    }

    fn global(&mut self, _: &str) -> Option<i64> {
        None
    }
}
