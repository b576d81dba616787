//! A rate limit service: gRPC over HTTP/2 in cleartext, one method.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use h2::RecvStream;
use h2::server::SendResponse;
use http::{HeaderMap, HeaderValue, Request, Response};
use prost::Message;
use prost::bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};

use crate::messages::{RateLimitRequest, RateLimitResponse};

/// What decides.
pub(crate) type Engine = Arc<dyn Fn(&RateLimitRequest) -> RateLimitResponse + Send + Sync>;

/// What the service does with a question.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Has the engine answer.
    Answer(Engine),
    /// The same, so much later.
    AnswerAfter(Duration, Engine),
    /// Fails with this gRPC status.
    Fail(u32),
    /// Answers with this as the message.
    Bytes(Vec<u8>),
    /// Answers with a page, as something that is no gRPC service does.
    Page,
    /// Breaks the call off.
    Reset,
}

/// A running service; when it is dropped, its connections break.
pub(crate) struct Service {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    behaviour: Mutex<Behaviour>,
    asked: AtomicUsize,
    stopping: AtomicBool,
}

impl Service {
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), behaviour)
    }

    /// Where another one was before.
    pub(crate) fn start_at(address: SocketAddr, behaviour: Behaviour) -> Self {
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let behaviour = Mutex::new(behaviour);
        let shared = Arc::new(Shared { behaviour, asked: AtomicUsize::new(0), stopping: AtomicBool::new(false) });
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || run(listener, shared)
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many questions have come.
    pub(crate) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self.shared.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees the flag.
        drop(std::net::TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn run(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).unwrap();
        while let Ok((socket, _)) = listener.accept().await {
            if shared.stopping.load(Ordering::SeqCst) {
                return;
            }
            tokio::spawn(serve(socket, Arc::clone(&shared)));
        }
    });
}

async fn serve(socket: TcpStream, shared: Arc<Shared>) {
    let Ok(mut connection) = h2::server::handshake(socket).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        tokio::spawn(answer(request, respond, Arc::clone(&shared)));
    }
}

/// A call that breaks off in its middle is the proxy's business.
async fn answer(request: Request<RecvStream>, mut respond: SendResponse<Bytes>, shared: Arc<Shared>) -> Option<()> {
    let path = request.uri().path().to_owned();
    assert_eq!(path, "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit");
    let question = RateLimitRequest::decode(message(request.into_body()).await?).ok()?;
    shared.asked.fetch_add(1, Ordering::SeqCst);
    let behaviour = shared.behaviour.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let message = match behaviour {
        Behaviour::Answer(engine) => engine(&question).encode_to_vec(),
        Behaviour::AnswerAfter(time, engine) => {
            tokio::time::sleep(time).await;
            engine(&question).encode_to_vec()
        }
        Behaviour::Bytes(bytes) => bytes,
        Behaviour::Fail(status) => {
            respond.send_response(head("application/grpc", Some(status)), true).ok()?;
            return Some(());
        }
        Behaviour::Page => {
            let mut stream = respond.send_response(head("text/html", None), false).ok()?;
            return stream.send_data(Bytes::from_static(b"<html>hello</html>"), true).ok();
        }
        Behaviour::Reset => {
            respond.send_reset(h2::Reason::INTERNAL_ERROR);
            return Some(());
        }
    };
    let mut stream = respond.send_response(head("application/grpc", None), false).ok()?;
    let length = u32::try_from(message.len()).ok()?.to_be_bytes();
    stream.send_data([&[0], &length[..], &message].concat().into(), false).ok()?;
    stream.send_trailers(HeaderMap::from_iter([(grpc_status(), HeaderValue::from(0_u32))])).ok()
}

/// The one message of a call, without the five bytes before it: no compression, and a length.
async fn message(mut body: RecvStream) -> Option<Bytes> {
    let mut bytes = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece.ok()?;
        body.flow_control().release_capacity(piece.len()).ok()?;
        bytes.extend_from_slice(&piece);
    }
    Some(bytes.get(5..)?.to_vec().into())
}

fn head(content_type: &'static str, status: Option<u32>) -> Response<()> {
    let mut head = Response::new(());
    head.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(status) = status {
        head.headers_mut().insert(grpc_status(), HeaderValue::from(status));
    }
    head
}

fn grpc_status() -> http::HeaderName {
    http::HeaderName::from_static("grpc-status")
}
