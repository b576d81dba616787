//! The two traits of a plugin, and what a callback answers.

use std::fmt::{self, Display};
use std::time::Duration;

use crate::{CallResponse, Callbacks, GrpcCallResponse, Host, LocalReply, Setup, StreamId};

/// A configured plugin: one per root context, shared by its streams.
pub trait Filter: Sized + 'static {
    /// The plugin's name in metrics and records (`jwt_auth`), unless its configuration names an `instance`.
    const NAME: &'static str;

    /// The callbacks that this filter and its streams implement. No host calls any other.
    const CALLBACKS: Callbacks;

    /// What follows one request.
    type Stream: Stream + 'static;

    /// Compiles the configuration. Pure: Envoy first calls it in a throw-away VM.
    ///
    /// # Errors
    /// When the configuration is wrong; the proxy then refuses it as a whole.
    fn configure(config: &[u8], host: &dyn Setup) -> Result<Self, ConfigError>;

    /// Begins a stream; called once per request. `id` names it for [`Streams::resume`](crate::Streams::resume).
    fn stream(&self, id: StreamId) -> Self::Stream;

    /// How often `on_tick` is called; `None` for never. Read once, after `configure`; [`Timer`](crate::Timer) changes it.
    fn tick_period(&self) -> Option<Duration> {
        None
    }

    /// The timer went off.
    fn on_tick(&self, _host: &dyn Host) {}

    /// A callout that this filter made was answered, or failed.
    fn on_http_call_response(&self, _host: &dyn Host, _response: CallResponse) {}

    /// A gRPC callout that this filter or one of its streams made was answered, or failed. It may be one that the filter does not
    /// know: Envoy tells of a call that it has refused, too.
    fn on_grpc_call_response(&self, _host: &dyn Host, _response: GrpcCallResponse) {}
}

/// One request and its response, as the filter sees them.
pub trait Stream {
    /// The request's headers are complete. `end_of_stream`: neither body nor trailers follow.
    fn on_request_headers(&mut self, _host: &dyn Host, _end_of_stream: bool) -> Flow {
        Flow::Continue
    }

    /// `size` bytes of the request's body are buffered.
    fn on_request_body(&mut self, _host: &dyn Host, _size: usize, _end_of_stream: bool) -> Flow {
        Flow::Continue
    }

    /// The request's trailers are complete.
    fn on_request_trailers(&mut self, _host: &dyn Host) -> Flow {
        Flow::Continue
    }

    /// The response's headers are complete; local replies pass here too.
    fn on_response_headers(&mut self, _host: &dyn Host, _end_of_stream: bool) -> Flow {
        Flow::Continue
    }

    /// `size` bytes of the response's body are buffered.
    fn on_response_body(&mut self, _host: &dyn Host, _size: usize, _end_of_stream: bool) -> Flow {
        Flow::Continue
    }

    /// The response's trailers are complete.
    fn on_response_trailers(&mut self, _host: &dyn Host) -> Flow {
        Flow::Continue
    }

    /// The exchange is over.
    fn on_log(&mut self, _host: &dyn Host) {}
}

/// What the host does next with the stream.
#[derive(Debug)]
pub enum Flow {
    /// Hand the request (or response) on.
    Continue,
    /// Hold it: a later callback, or [`Streams::resume`](crate::Streams::resume), continues or refuses it. On request headers this
    /// holds only as long as the callbacks of body and trailers answer the same.
    Pause,
    /// Answer the client here; the upstream sees nothing of the request.
    Reply(LocalReply),
}

/// Why a configuration was refused: a line per finding, each with the path of its field. Never holds the document's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    /// From anything that explains itself.
    pub fn new(reason: impl Display) -> Self {
        Self(reason.to_string())
    }
}

impl Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}
