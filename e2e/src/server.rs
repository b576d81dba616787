//! An HTTP/1.1 server on loopback: a thread per connection, a function that answers.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::error::io;
use crate::message::{Framing, Head, Headers, read_body, read_head};
use crate::{Error, Result};

/// A request, read to its end.
#[derive(Debug, Clone)]
pub struct Received {
    /// `GET`
    pub method: Vec<u8>,
    /// What stood between method and version.
    pub target: Vec<u8>,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// What came after the last chunk.
    pub trailers: Headers,
}

/// What to answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers besides `content-length`.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
    /// After how many bytes of the body the connection breaks off.
    pub breaks_off_at: Option<usize>,
}

impl Reply {
    /// With a media type.
    #[must_use]
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.as_bytes().to_vec())];
        Self { status, headers, body: body.into(), breaks_off_at: None }
    }

    /// The same, broken off after `bytes` of its body.
    #[must_use]
    pub fn breaking_off_at(mut self, bytes: usize) -> Self {
        self.breaks_off_at = Some(bytes);
        self
    }

    fn to_bytes(&self, with_body: bool) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} \r\ncontent-length: {}\r\n", self.status, self.body.len()).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        bytes.extend_from_slice(b"\r\n");
        if with_body {
            let end = self.breaks_off_at.unwrap_or(self.body.len());
            bytes.extend_from_slice(self.body.get(..end).unwrap_or(&self.body));
        }
        bytes
    }
}

/// A running server; stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stopping: AtomicBool,
    connections: AtomicUsize,
    requests: AtomicUsize,
    open: Mutex<VecDeque<(TcpStream, JoinHandle<()>)>>,
}

impl Server {
    /// Listens on a free port of loopback; `answer` may sleep, each connection has its own thread.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Result<Self> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), answer)
    }

    /// The same at `address`, where an earlier one may have listened.
    ///
    /// # Errors
    /// When somebody else listens there.
    pub fn start_at(address: SocketAddr, answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Result<Self> {
        let listener = TcpListener::bind(address).map_err(io("listen on loopback"))?;
        let address = listener.local_addr().map_err(io("listen on loopback"))?;
        let shared = Arc::new(Shared::default());
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared, &Arc::new(answer))
        });
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were opened so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many requests arrived so far, counted when their head was complete.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees the flag.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        for (stream, thread) in self.shared.open().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn open(&self) -> MutexGuard<'_, VecDeque<(TcpStream, JoinHandle<()>)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept<A: Fn(&Received) -> Reply + Send + Sync + 'static>(listener: &TcpListener, shared: &Arc<Shared>, answer: &Arc<A>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let Ok(twin) = stream.try_clone() else { continue };
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let thread = thread::spawn({
            let (shared, answer) = (Arc::clone(shared), Arc::clone(answer));
            move || {
                // A peer that goes away, or speaks nonsense, ends its own connection only.
                let _ = serve(&stream, &shared, &*answer);
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
        let mut open = shared.open();
        open.retain(|(_, thread)| !thread.is_finished());
        open.push_back((twin, thread));
    }
}

fn serve(mut stream: &TcpStream, shared: &Shared, answer: &dyn Fn(&Received) -> Reply) -> Result<()> {
    stream.set_nodelay(true).map_err(io("serve a connection"))?;
    let mut reader = BufReader::new(stream);
    while let Some(head) = read_head(&mut reader)? {
        shared.requests.fetch_add(1, Ordering::SeqCst);
        let request = receive(head, &mut reader)?;
        let reply = answer(&request);
        stream.write_all(&reply.to_bytes(request.method != b"HEAD")).map_err(io("answer"))?;
        if reply.breaks_off_at.is_some() {
            break;
        }
    }
    Ok(())
}

fn receive(head: Head, stream: &mut impl BufRead) -> Result<Received> {
    let mut words = head.start.splitn(2, |byte| *byte == b' ');
    let method = words.next().unwrap_or_default().to_vec();
    let rest = words.next().and_then(|rest| rest.strip_suffix(b" HTTP/1.1"));
    let target = rest.ok_or(Error::MalformedHttp("no request line"))?.to_vec();
    let (body, trailers) = read_body(stream, Framing::of_request(&head.headers)?)?;
    Ok(Received { method, target, headers: head.headers, body, trailers })
}
