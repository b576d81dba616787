//! Which proxy-wasm callbacks a filter implements; each exported one costs a crossing per request, used or not.

/// A callback that a filter may implement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Callback {
    /// The timer of the root context.
    Tick,
    /// The answer to an HTTP callout.
    HttpCallResponse,
    /// The message that answers a gRPC callout.
    GrpcReceive,
    /// The failure of a gRPC callout.
    GrpcClose,
    /// The request's headers are complete.
    RequestHeaders,
    /// A piece of the request's body arrived.
    RequestBody,
    /// The request's trailers are complete.
    RequestTrailers,
    /// The response's headers are complete.
    ResponseHeaders,
    /// A piece of the response's body arrived.
    ResponseBody,
    /// The response's trailers are complete.
    ResponseTrailers,
    /// The exchange is over and about to be logged.
    Log,
}

impl Callback {
    /// Every callback, in the order of their bits.
    pub const ALL: [Self; 11] = [
        Self::Tick,
        Self::HttpCallResponse,
        Self::GrpcReceive,
        Self::GrpcClose,
        Self::RequestHeaders,
        Self::RequestBody,
        Self::RequestTrailers,
        Self::ResponseHeaders,
        Self::ResponseBody,
        Self::ResponseTrailers,
        Self::Log,
    ];

    /// The name of the function that the host calls (proxy-wasm ABI 0.2.1).
    #[must_use]
    pub const fn export(self) -> &'static str {
        match self {
            Self::Tick => "proxy_on_tick",
            Self::HttpCallResponse => "proxy_on_http_call_response",
            Self::GrpcReceive => "proxy_on_grpc_receive",
            Self::GrpcClose => "proxy_on_grpc_close",
            Self::RequestHeaders => "proxy_on_request_headers",
            Self::RequestBody => "proxy_on_request_body",
            Self::RequestTrailers => "proxy_on_request_trailers",
            Self::ResponseHeaders => "proxy_on_response_headers",
            Self::ResponseBody => "proxy_on_response_body",
            Self::ResponseTrailers => "proxy_on_response_trailers",
            Self::Log => "proxy_on_log",
        }
    }
}

/// A set of callbacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Callbacks(u16);

impl Callbacks {
    /// The custom section in which a module declares its set, as two bytes, little-endian; `make wasm` reads and removes it.
    pub const SECTION: &'static str = "portcullis.callbacks";

    /// The callbacks named in `list`.
    #[must_use]
    pub const fn of(list: &[Callback]) -> Self {
        let mut bits = 0;
        let mut rest = list;
        while let [first, tail @ ..] = rest {
            bits |= 1 << *first as u16;
            rest = tail;
        }
        Self(bits)
    }

    /// Whether `callback` is in the set.
    #[must_use]
    pub const fn contains(self, callback: Callback) -> bool {
        self.0 & (1 << callback as u16) != 0
    }

    /// The members of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set as it stands in the custom section.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }

    /// The set from a custom section.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 2]) -> Self {
        Self(u16::from_le_bytes(bytes))
    }
}
