//! The SDK's contexts, each a few lines around a [`Filter`] or its stream.

use portcullis_filter::{CallId, CallResponse, Filter, Flow, GrpcStatus, HeaderMap, LocalReply, Log, LogLevel, Reason, Stream};
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType};

use crate::abi::{self, BufferType};
use crate::host::ProxyHost;

/// Registers `F` with the SDK; called once, when the VM starts.
pub fn start<F: Filter>() {
    proxy_wasm::set_root_context(|_context_id| Box::new(Root::<F> { filter: None, host: ProxyHost::default() }));
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

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, _context_id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(StreamContext { stream: self.filter.as_ref().map(F::stream), host: ProxyHost::default() }))
    }
}

/// One request. Without a stream (no configuration was accepted) it refuses everything.
struct StreamContext<S> {
    stream: Option<S>,
    host: ProxyHost,
}

impl<S: Stream> StreamContext<S> {
    fn run(&mut self, callback: impl FnOnce(&mut S, &ProxyHost) -> Flow) -> Action {
        let flow = match &mut self.stream {
            Some(stream) => callback(stream, &self.host),
            None => Flow::Reply(unconfigured()),
        };
        match flow {
            Flow::Continue => Action::Continue,
            Flow::Pause => Action::Pause,
            Flow::Reply(reply) => {
                self.reply(&reply);
                Action::Pause
            }
        }
    }

    fn reply(&self, reply: &LocalReply) {
        let headers = serialize(&reply.headers);
        let grpc_status = reply.grpc_status.map(|GrpcStatus(code)| code);
        if let Err(error) = abi::send_local_response(reply.status, &reply.details, &reply.body, &headers, grpc_status) {
            // The stream stays paused: nothing passes.
            self.host.log(LogLevel::Error, &format!("the host refused a local reply ({}): {error}", reply.details));
        }
    }
}

impl<S> Context for StreamContext<S> {}

impl<S: Stream> HttpContext for StreamContext<S> {
    fn on_http_request_headers(&mut self, _count: usize, end_of_stream: bool) -> Action {
        self.run(|stream, host| stream.on_request_headers(host, end_of_stream))
    }

    fn on_http_request_body(&mut self, size: usize, end_of_stream: bool) -> Action {
        self.run(|stream, host| stream.on_request_body(host, size, end_of_stream))
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        self.run(|stream, host| stream.on_request_trailers(host))
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

/// Pairs as the ABI wants them; the reverse of `HeaderBlock::parse`.
fn serialize(headers: &[(String, Vec<u8>)]) -> Vec<u8> {
    let size = headers.iter().map(|(name, value)| name.len() + value.len() + 10).sum::<usize>() + 4;
    let mut bytes = Vec::with_capacity(size);
    push_length(&mut bytes, headers.len());
    for (name, value) in headers {
        push_length(&mut bytes, name.len());
        push_length(&mut bytes, value.len());
    }
    for (name, value) in headers {
        for piece in [name.as_bytes(), value] {
            bytes.extend_from_slice(piece);
            bytes.push(0);
        }
    }
    bytes
}

fn push_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend_from_slice(&(length as u32).to_le_bytes());
}
