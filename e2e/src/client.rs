//! An HTTP/1.1 client that sends exactly the bytes it is told to.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::error::io;
use crate::message::{Framing, Headers, read_body, read_head};
use crate::{Error, Result};

/// How long the client waits to connect, and for each piece of an answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// A request in parts; nothing is checked or normalised.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`
    pub method: String,
    /// What stands between method and version.
    pub target: Vec<u8>,
    /// In order; `host: e2e` is added when absent, and what frames the body.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Body,
}

/// A request's body.
#[derive(Debug, Clone)]
pub enum Body {
    /// None at all.
    Empty,
    /// With `content-length`.
    Sized(Vec<u8>),
    /// With `transfer-encoding: chunked`.
    Chunked {
        /// As cut.
        chunks: Vec<Vec<u8>>,
        /// After the last chunk.
        trailers: Vec<(String, Vec<u8>)>,
    },
}

impl Request {
    /// Without headers or body.
    pub fn new(method: &str, target: impl Into<Vec<u8>>) -> Self {
        Self { method: method.to_owned(), target: target.into(), headers: Vec::new(), body: Body::Empty }
    }

    /// A GET.
    pub fn get(target: impl Into<Vec<u8>>) -> Self {
        Self::new("GET", target)
    }

    /// The same with one more header line.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same with a body of known length.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Sized(body.into());
        self
    }

    /// The same with a body in chunks.
    #[must_use]
    pub fn chunked<C: Into<Vec<u8>>>(mut self, chunks: impl IntoIterator<Item = C>) -> Self {
        self.body = Body::Chunked { chunks: chunks.into_iter().map(Into::into).collect(), trailers: Vec::new() };
        self
    }

    /// The same with one more trailer; the body becomes chunked.
    #[must_use]
    pub fn trailer(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        let (chunks, mut trailers) = match self.body {
            Body::Empty => (Vec::new(), Vec::new()),
            Body::Sized(body) => (vec![body], Vec::new()),
            Body::Chunked { chunks, trailers } => (chunks, trailers),
        };
        trailers.push((name.to_owned(), value.into()));
        self.body = Body::Chunked { chunks, trailers };
        self
    }

    /// The request as it goes over the wire.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.pieces().concat()
    }

    /// The head, then each piece of the body.
    #[must_use]
    pub fn pieces(&self) -> Vec<Vec<u8>> {
        let mut pieces = vec![self.head()];
        match &self.body {
            Body::Empty => {}
            Body::Sized(body) => pieces.push(body.clone()),
            Body::Chunked { chunks, trailers } => {
                // An empty chunk would be the end.
                pieces.extend(chunks.iter().filter(|chunk| !chunk.is_empty()).map(|chunk| framed(chunk)));
                pieces.push([&b"0\r\n"[..], &lines(trailers), b"\r\n"].concat());
            }
        }
        pieces
    }

    fn head(&self) -> Vec<u8> {
        let mut head = [self.method.as_bytes(), b" ", &self.target, b" HTTP/1.1\r\n"].concat();
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.extend_from_slice(b"host: e2e\r\n");
        }
        head.extend(lines(&self.headers));
        match &self.body {
            Body::Empty => {}
            Body::Sized(body) => head.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes()),
            Body::Chunked { .. } => head.extend_from_slice(b"transfer-encoding: chunked\r\n"),
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

fn lines(headers: &[(String, Vec<u8>)]) -> Vec<u8> {
    headers.iter().flat_map(|(name, value)| [name.as_bytes(), b": ", value, b"\r\n"].concat()).collect()
}

fn framed(chunk: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat()
}

/// An answer, read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// What came after the last chunk.
    pub trailers: Headers,
}

impl Response {
    /// The first value of header `name` (lower case), bytes that are not UTF-8 replaced; for values as bytes see `headers`.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.first(name).map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// The body, bytes that are not UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).map_err(|error| Error::Unexpected(format!("{error}: {}", self.text())))
    }
}

/// A connection that is kept alive.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Opens the connection.
    ///
    /// # Errors
    /// When nobody listens at `address`.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let connect = || {
            let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
            stream.set_read_timeout(Some(TIMEOUT))?;
            stream.set_write_timeout(Some(TIMEOUT))?;
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        Ok(Self { stream: BufReader::new(connect().map_err(io(format!("connect to {address}")))?) })
    }

    /// Sends `request` and reads the answer.
    ///
    /// # Errors
    /// When there is no complete answer within the time limit.
    pub fn send(&mut self, request: &Request) -> Result<Response> {
        self.send_raw(&request.to_bytes())
    }

    /// The same with a pause after the head and after each piece of the body, so that the peer reads them one by one.
    ///
    /// # Errors
    /// When there is no complete answer within the time limit.
    pub fn send_paced(&mut self, request: &Request, pause: Duration) -> Result<Response> {
        for piece in request.pieces() {
            // The peer may answer and close before it has read everything.
            if self.write(&piece).is_err() {
                break;
            }
            thread::sleep(pause);
        }
        self.read(request.method == "HEAD")
    }

    /// Sends `bytes`, whatever they are, and reads one answer.
    ///
    /// # Errors
    /// When there is no complete answer within the time limit.
    pub fn send_raw(&mut self, bytes: &[u8]) -> Result<Response> {
        let written = self.write(bytes);
        let answer = self.read(bytes.starts_with(b"HEAD "));
        if answer.is_err() { written.and(answer) } else { answer }
    }

    /// Sends `bytes`, whatever they are.
    ///
    /// # Errors
    /// When the connection is closed or does not take them within the time limit.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.get_mut().write_all(bytes).map_err(io("send a request"))
    }

    /// Reads the next answer, interim ones (1xx) left out; `head`: it is one to a HEAD request.
    ///
    /// # Errors
    /// When there is no complete answer within the time limit.
    pub fn read(&mut self, head: bool) -> Result<Response> {
        loop {
            let start = read_head(&mut self.stream)?.ok_or(Error::MalformedHttp("the connection ended without an answer"))?;
            let status = status(&start.start).ok_or(Error::MalformedHttp("no status line"))?;
            let (body, trailers) = read_body(&mut self.stream, Framing::of_response(status, &start.headers, head)?)?;
            if !(100..200).contains(&status) {
                return Ok(Response { status, headers: start.headers, body, trailers });
            }
        }
    }
}

fn status(line: &[u8]) -> Option<u16> {
    std::str::from_utf8(line.strip_prefix(b"HTTP/1.")?.get(2..5)?).ok()?.parse().ok()
}

/// Sends one request over a connection of its own.
///
/// # Errors
/// When there is no complete answer within the time limit.
pub fn send(address: SocketAddr, request: &Request) -> Result<Response> {
    Client::connect(address)?.send(request)
}
