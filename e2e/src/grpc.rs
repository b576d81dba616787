//! A gRPC service: HTTP/2 in cleartext, calls of one message each way.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use h2::RecvStream;
use h2::server::SendResponse;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tokio::net::{TcpListener, TcpStream};

use crate::Result;
use crate::error::io;

/// What becomes of a call.
#[derive(Debug, Clone)]
pub enum Reply {
    /// This message, and status 0.
    Message(Vec<u8>),
    /// The same, so much later.
    Later(Duration, Vec<u8>),
    /// This gRPC status and no message.
    Status(u32),
    /// A page, as something that is no gRPC service answers.
    Page,
    /// The call is broken off.
    Reset,
}

/// What answers: the method's path and the question's message come in.
type Answer = Arc<dyn Fn(&str, &[u8]) -> Reply + Send + Sync>;

/// A running service; when it is dropped, its connections break.
pub struct GrpcServer {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl GrpcServer {
    /// Listens on a free port of loopback.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(answer: impl Fn(&str, &[u8]) -> Reply + Send + Sync + 'static) -> Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), answer)
    }

    /// Listens where another one was before.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start_at(address: SocketAddr, answer: impl Fn(&str, &[u8]) -> Reply + Send + Sync + 'static) -> Result<Self> {
        let listener = std::net::TcpListener::bind(address).map_err(io("listen on loopback"))?;
        listener.set_nonblocking(true).map_err(io("listen on loopback"))?;
        let address = listener.local_addr().map_err(io("listen on loopback"))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io("start a runtime"))?;
        let stopping = Arc::new(AtomicBool::new(false));
        let (stop, answer): (_, Answer) = (Arc::clone(&stopping), Arc::new(answer));
        let thread = thread::spawn(move || runtime.block_on(accept(listener, &stop, &answer)));
        Ok(Self { address, stopping, thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl fmt::Debug for GrpcServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GrpcServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for GrpcServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees the flag.
        drop(std::net::TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: std::net::TcpListener, stopping: &AtomicBool, answer: &Answer) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    while let Ok((socket, _)) = listener.accept().await {
        if stopping.load(Ordering::SeqCst) {
            return;
        }
        tokio::spawn(serve(socket, Arc::clone(answer)));
    }
}

async fn serve(socket: TcpStream, answer: Answer) {
    let _ = socket.set_nodelay(true);
    let Ok(mut connection) = h2::server::handshake(socket).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        tokio::spawn(call(request, respond, Arc::clone(&answer)));
    }
}

/// A call that breaks off in its middle is the proxy's business.
async fn call(request: Request<RecvStream>, mut respond: SendResponse<bytes::Bytes>, answer: Answer) -> Option<()> {
    let path = request.uri().path().to_owned();
    let question = message(request.into_body()).await?;
    let message = match answer(&path, &question) {
        Reply::Message(message) => message,
        Reply::Later(time, message) => {
            tokio::time::sleep(time).await;
            message
        }
        Reply::Status(status) => {
            respond.send_response(head("application/grpc", Some(status)), true).ok()?;
            return Some(());
        }
        Reply::Page => {
            let mut stream = respond.send_response(head("text/html", None), false).ok()?;
            return stream.send_data(bytes::Bytes::from_static(b"<html>hello</html>"), true).ok();
        }
        Reply::Reset => {
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
async fn message(mut body: RecvStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece.ok()?;
        body.flow_control().release_capacity(piece.len()).ok()?;
        bytes.extend_from_slice(&piece);
    }
    Some(bytes.get(5..)?.to_vec())
}

fn head(content_type: &'static str, status: Option<u32>) -> Response<()> {
    let mut head = Response::new(());
    head.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(status) = status {
        head.headers_mut().insert(grpc_status(), HeaderValue::from(status));
    }
    head
}

fn grpc_status() -> HeaderName {
    HeaderName::from_static("grpc-status")
}
