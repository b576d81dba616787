//! What a plugin's VM is to the proxy, whatever it runs.

use portcullis_filter::Callback;

use crate::error::Trap;

/// A call into the plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    ContextCreate,
    Tick,
    HttpCallResponse { token: u32, headers: usize, body: usize },
    GrpcReceive { token: u32, size: usize },
    GrpcClose { token: u32, status: u32 },
    RequestHeaders { count: usize, end: bool },
    RequestBody { size: usize, end: bool },
    RequestTrailers { count: usize },
    ResponseHeaders { count: usize, end: bool },
    ResponseBody { size: usize, end: bool },
    ResponseTrailers { count: usize },
    Done,
    Log,
    Delete,
}

impl Call {
    /// The callback that a filter may or may not implement; `None` for those that belong to every plugin.
    pub(crate) fn callback(self) -> Option<Callback> {
        match self {
            Self::Tick => Some(Callback::Tick),
            Self::HttpCallResponse { .. } => Some(Callback::HttpCallResponse),
            Self::GrpcReceive { .. } => Some(Callback::GrpcReceive),
            Self::GrpcClose { .. } => Some(Callback::GrpcClose),
            Self::RequestHeaders { .. } => Some(Callback::RequestHeaders),
            Self::RequestBody { .. } => Some(Callback::RequestBody),
            Self::RequestTrailers { .. } => Some(Callback::RequestTrailers),
            Self::ResponseHeaders { .. } => Some(Callback::ResponseHeaders),
            Self::ResponseBody { .. } => Some(Callback::ResponseBody),
            Self::ResponseTrailers { .. } => Some(Callback::ResponseTrailers),
            Self::Log => Some(Callback::Log),
            Self::ContextCreate | Self::Done | Self::Delete => None,
        }
    }

    /// The exported function.
    pub(crate) fn export(self) -> &'static str {
        match self {
            Self::ContextCreate => "proxy_on_context_create",
            Self::Done => "proxy_on_done",
            Self::Delete => "proxy_on_delete",
            _ => self.callback().map_or("", Callback::export),
        }
    }
}

/// The plugin's answer to a callback of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Continue,
    Pause,
}

/// A VM that has started and is configured.
pub(crate) trait Vm {
    /// Calls the plugin; a callback that it does not have answers `Continue`.
    fn call(&mut self, context: u32, call: Call) -> Result<Answer, Trap>;

    /// What the last call cost, in wasm instructions.
    fn fuel_used(&self) -> u64;

    /// How large the linear memory is, in bytes; 0 where there is none.
    fn memory_size(&mut self) -> usize;

    /// The value of an exported global of 64 bits.
    fn global(&mut self, name: &str) -> Option<i64>;
}
