//! The SDK's contexts, each a few lines around a [`Filter`] or its stream.

use portcullis_filter::{
    CallId, CallResponse, Filter, Flow, GrpcStatus, HeaderMap, LocalReply, Log, LogLevel, Reason, Stream, StreamId,
};
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType};

use crate::abi::{self, BufferType};
use crate::host::ProxyHost;
use crate::{grpc, local_reply};

/// Registers `F` with the SDK; called once, when the VM starts.
pub fn start<F: Filter>() {
    proxy_wasm::set_root_context(|context_id| Box::new(Root::<F> { filter: None, host: ProxyHost::of_root(context_id) }));
}

struct Root<F> {
    filter: Option<F>,
    host: ProxyHost,
}

impl<F: Filter> Root<F> {
    fn configure(&mut self) -> Result<(), String> {
        let config = abi::buffer(BufferType::PluginConfiguration, 0, usize::MAX).map_err(|error| error.to_string())?;
        let filter = F::configure(&config, &self.host).map_err(|error| error.to_string())?;
        if let Some(period) = filter.tick_period() {
            abi::set_tick_period(period).map_err(|error| error.to_string())?;
        }
        self.filter = Some(filter);
        Ok(())
    }
}

impl<F: Filter> Context for Root<F> {
    fn on_http_call_response(&mut self, token: u32, headers: usize, body_size: usize, _trailers: usize) {
        self.host.forget(HeaderMap::CallResponseHeaders);
        if let Some(filter) = &self.filter {
            filter.on_http_call_response(&self.host, CallResponse { id: CallId(token), headers, body_size });
        }
    }
}

impl<F: Filter> RootContext for Root<F> {
    fn on_configure(&mut self, _size: usize) -> bool {
        match self.configure() {
            Ok(()) => true,
            Err(reason) => {
                self.host.log(LogLevel::Error, &format!("{}: configuration refused: {reason}", F::NAME));
                false
            }
        }
    }

    fn on_tick(&mut self) {
        if let Some(filter) = &self.filter {
            filter.on_tick(&self.host);
        }
    }

    fn on_queue_ready(&mut self, _queue: u32) {
        if let (Some(filter), Some(response)) = (&self.filter, grpc::take_answer()) {
            filter.on_grpc_call_response(&self.host, response);
        }
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, context_id: u32) -> Option<Box<dyn HttpContext>> {
        let stream = self.filter.as_ref().map(|filter| filter.stream(StreamId(context_id)));
        Some(Box::new(StreamContext { stream, host: ProxyHost::default(), refused: false }))
    }
}

/// One request. Without a stream (no configuration was accepted) it refuses everything.
struct StreamContext<S> {
    stream: Option<S>,
    host: ProxyHost,
    /// Whether it was answered here. If the proxy does not carry that out, what comes later of the request must not let it on:
    /// the answer of each callback releases what the one before has paused.
    refused: bool,
}

impl<S: Stream> StreamContext<S> {
    /// A callback of the request's own way to the upstream.
    fn run_request(&mut self, callback: impl FnOnce(&mut S, &ProxyHost) -> Flow) -> Action {
        if self.refused { Action::Pause } else { self.run(callback) }
    }

    fn run(&mut self, callback: impl FnOnce(&mut S, &ProxyHost) -> Flow) -> Action {
        let flow = match &mut self.stream {
            Some(stream) => callback(stream, &self.host),
            None => Flow::Reply(unconfigured()),
        };
        match flow {
            Flow::Continue => Action::Continue,
            Flow::Pause => {
                self.host.forget_all();
                Action::Pause
            }
            Flow::Reply(reply) => {
                self.refused = true;
                self.reply(&reply);
                Action::Pause
            }
        }
    }

    fn reply(&self, reply: &LocalReply) {
        if let Err(error) = local_reply::send(reply) {
            // The stream stays paused: nothing passes.
            self.host.log(LogLevel::Error, &format!("the host refused a local reply ({}): {error}", reply.details));
        }
    }
}

impl<S> Context for StreamContext<S> {}

impl<S: Stream> HttpContext for StreamContext<S> {
    fn on_http_request_headers(&mut self, _count: usize, end_of_stream: bool) -> Action {
        self.run_request(|stream, host| stream.on_request_headers(host, end_of_stream))
    }

    fn on_http_request_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        self.run_request(|stream, host| stream.on_request_body(host, size, end_of_stream))
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        self.run_request(|stream, host| stream.on_request_trailers(host))
    }

    fn on_http_response_headers(&mut self, _count: usize, end_of_stream: bool) -> Action {
        self.run(|stream, host| stream.on_response_headers(host, end_of_stream))
    }

    fn on_http_response_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        self.run(|stream, host| stream.on_response_body(host, size, end_of_stream))
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        self.run(|stream, host| stream.on_response_trailers(host))
    }

    fn on_log(&mut self) {
        if let Some(stream) = &mut self.stream {
            stream.on_log(&self.host);
        }
    }
}

fn unconfigured() -> LocalReply {
    LocalReply::problem(503, "unavailable", "Service unavailable", Reason("unconfigured")).grpc(GrpcStatus::UNAVAILABLE)
}
