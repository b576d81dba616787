//! What goes into the proxy and what comes out of it.

use std::collections::BTreeMap;
use std::time::Duration;

/// Header lines in order: names and values as bytes, names may repeat.
pub type HeaderLines = Vec<(Vec<u8>, Vec<u8>)>;

/// Names a request for as long as its proxy lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// A client's request and what the upstream would answer to it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// All header lines, the pseudo-headers `:method`, `:path`, `:authority` and `:scheme` among them. Names become lower case.
    pub headers: HeaderLines,
    /// The body in the pieces in which it arrives; none for no body.
    pub body: Vec<Vec<u8>>,
    /// The end of the request comes with the last piece of the body (HTTP/2), not on its own after it (HTTP/1; the default).
    pub ends_with_last_piece: bool,
    /// The trailers; none for no trailers.
    pub trailers: HeaderLines,
    /// Attributes that the host cannot know from the request alone (`["xds", "route_name"]`), as raw bytes. They win over
    /// the host's own.
    pub attributes: BTreeMap<Vec<String>, Vec<u8>>,
    /// Filter state that an earlier filter left, under the names that plugins use (without Envoy's `wasm.`).
    pub filter_state: BTreeMap<String, Vec<u8>>,
    /// What the upstream answers when the request reaches it.
    pub response: UpstreamResponse,
}

/// The upstream's answer.
#[derive(Debug, Clone)]
pub struct UpstreamResponse {
    /// The HTTP status.
    pub status: u16,
    /// Further header lines.
    pub headers: HeaderLines,
    /// The body in the pieces in which it arrives.
    pub body: Vec<Vec<u8>>,
    /// The trailers.
    pub trailers: HeaderLines,
    /// How long it takes, once the upstream has the whole request.
    pub after: Duration,
}

/// 200 without a body, at once.
impl Default for UpstreamResponse {
    fn default() -> Self {
        Self { status: 200, headers: Vec::new(), body: Vec::new(), trailers: Vec::new(), after: Duration::ZERO }
    }
}

/// How far a request got.
#[expect(clippy::large_enum_variant, reason = "one at a time, and nicer to match on than a box")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The plugin paused it (or its response) and nothing has resumed it yet.
    Held,
    /// It is over.
    Done(Exchange),
}

impl Outcome {
    /// The exchange, `None` while it is held.
    #[must_use]
    pub fn done(self) -> Option<Exchange> {
        match self {
            Self::Held => None,
            Self::Done(exchange) => Some(exchange),
        }
    }
}

/// One request from its beginning to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange {
    /// The local reply as it was asked for, by the plugin or (for a dead VM, a body too large) by the proxy; `None` when
    /// the upstream's answer went through.
    pub reply: Option<Reply>,
    /// What the upstream saw; `None` when it saw nothing.
    pub upstream: Option<UpstreamRequest>,
    /// What the client saw, after all response callbacks; `None` when the stream was reset or the client had gone.
    pub response: Option<Response>,
    /// The filter state at the end, under the names that plugins use (without Envoy's `wasm.`).
    pub filter_state: BTreeMap<String, Vec<u8>>,
    /// How often the plugin called each host function in this stream's callbacks, by its proxy-wasm name.
    pub calls: BTreeMap<String, u32>,
    /// The fuel that this stream's callbacks used, by wasmtime's measure: no count of instructions, and another one for the same
    /// source built elsewhere; 0 natively.
    pub fuel: u64,
}

/// An answer that the proxy gave in the upstream's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status asked for (a gRPC client sees 200).
    pub status: u16,
    /// The header lines asked for.
    pub headers: HeaderLines,
    /// The body asked for.
    pub body: Vec<u8>,
    /// The gRPC status asked for.
    pub grpc_status: Option<u32>,
    /// `%RESPONSE_CODE_DETAILS%`: blanks are underscores, and of several replies the last one counts.
    pub details: String,
}

/// What the upstream saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpstreamRequest {
    /// All header lines, pseudo-headers included.
    pub headers: HeaderLines,
    /// The body as far as it was passed on.
    pub body: Vec<u8>,
    /// The trailers.
    pub trailers: HeaderLines,
    /// Whether the request reached its end; otherwise the upstream saw a beginning and then a closed connection.
    pub complete: bool,
}

/// What the client saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// All header lines but `:status`.
    pub headers: HeaderLines,
    /// The body as far as it was passed on.
    pub body: Vec<u8>,
    /// The trailers.
    pub trailers: HeaderLines,
}
