//! An upstream that answers with what it saw of the request, byte for byte.

use serde_json::{Value, json};

use crate::message::{Headers, from_latin1, latin1};
use crate::server::{Received, Reply, Server};
use crate::{Error, Response, Result};

/// The request header that chooses the status of the answer; 200 when absent.
pub const STATUS: &str = "x-echo-status";

/// The request header, repeatable, that adds a header to the answer: `x-echo-header: name: value`.
pub const HEADER: &str = "x-echo-header";

/// Starts the upstream.
///
/// # Errors
/// When there is no free port.
pub fn start() -> Result<Server> {
    Server::start(echo)
}

fn echo(request: &Received) -> Reply {
    let status = request.headers.first(STATUS).and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
    let mut reply = Reply::new(status.unwrap_or(200), "application/json", describe(request).to_string());
    reply.headers.extend(request.headers.all(HEADER).filter_map(chosen_header));
    reply
}

/// All strings are Latin-1: each character is the byte of the same number.
fn describe(request: &Received) -> Value {
    json!({
        "method": latin1(&request.method),
        "path": latin1(&request.target),
        "headers": pairs(&request.headers),
        "body": latin1(&request.body),
        "trailers": pairs(&request.trailers),
    })
}

fn pairs(headers: &Headers) -> Value {
    headers.iter().map(|(name, value)| json!([name, latin1(value)])).collect()
}

fn chosen_header(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':')?);
    Some((latin1(name), value.get(1..)?.trim_ascii().to_vec()))
}

/// What the upstream saw, as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `GET`
    pub method: Vec<u8>,
    /// The request target.
    pub path: Vec<u8>,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// The trailers.
    pub trailers: Headers,
}

impl Seen {
    /// From the upstream's answer.
    ///
    /// # Errors
    /// When somebody else has answered.
    pub fn of(response: &Response) -> Result<Self> {
        let seen = response.json()?;
        let bytes = |key| seen.get(key).and_then(text);
        let lines = |key| seen.get(key).and_then(headers);
        let parse = || {
            Some(Self {
                method: bytes("method")?,
                path: bytes("path")?,
                headers: lines("headers")?,
                body: bytes("body")?,
                trailers: lines("trailers")?,
            })
        };
        parse().ok_or_else(|| Error::Unexpected(format!("not the echo upstream's: {seen}")))
    }
}

fn text(value: &Value) -> Option<Vec<u8>> {
    from_latin1(value.as_str()?)
}

fn headers(pairs: &Value) -> Option<Headers> {
    let pair = |pair: &Value| Some((pair.get(0)?.as_str()?.to_owned(), text(pair.get(1)?)?));
    pairs.as_array()?.iter().map(pair).collect::<Option<Vec<_>>>().map(Headers)
}
