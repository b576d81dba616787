//! HTTP/1.1 messages as bytes: just what a test needs of both sides, and nothing that hides a byte.

use std::io::{BufRead, Read};

use crate::error::io;
use crate::{Error, Result};

/// The longest line and the most header lines that are read.
const LINE_MAX: u64 = 1 << 20;
const LINES_MAX: usize = 10_000;

/// Header lines in order, names in lower case, values as bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(String, Vec<u8>)>);

impl Headers {
    /// Every line, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The values of every line called `name` (lower case), in order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The value of the first line called `name` (lower case).
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        self.all(name).next()
    }

    fn framing(&self) -> Result<Option<Framing>> {
        if self.all("transfer-encoding").any(|value| value.eq_ignore_ascii_case(b"chunked")) {
            return Ok(Some(Framing::Chunked));
        }
        self.first("content-length").map(|value| number(value, 10).map(Framing::Length)).transpose()
    }
}

/// How the end of a body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(u64),
    Chunked,
    UntilClose,
}

impl Framing {
    /// RFC 9112 section 6.3, for requests.
    pub(crate) fn of_request(headers: &Headers) -> Result<Self> {
        Ok(headers.framing()?.unwrap_or(Self::Length(0)))
    }

    /// RFC 9112 section 6.3, for responses; `head`: the request was a HEAD.
    pub(crate) fn of_response(status: u16, headers: &Headers, head: bool) -> Result<Self> {
        if head || matches!(status, 100..=199 | 204 | 304) {
            return Ok(Self::Length(0));
        }
        Ok(headers.framing()?.unwrap_or(Self::UntilClose))
    }
}

/// A start line and its headers.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) start: Vec<u8>,
    pub(crate) headers: Headers,
}

/// The next head; `None` when the peer has closed the connection between two messages.
pub(crate) fn read_head(reader: &mut impl BufRead) -> Result<Option<Head>> {
    let Some(start) = read_line(reader)? else { return Ok(None) };
    Ok(Some(Head { start, headers: read_headers(reader)? }))
}

/// The body that `framing` announces, and its trailers.
pub(crate) fn read_body(reader: &mut impl BufRead, framing: Framing) -> Result<(Vec<u8>, Headers)> {
    let mut body = Vec::new();
    match framing {
        Framing::Length(length) => read_exactly(reader, length, &mut body)?,
        Framing::UntilClose => drop(reader.read_to_end(&mut body).map_err(io("read a body"))?),
        Framing::Chunked => return read_chunks(reader, body),
    }
    Ok((body, Headers::default()))
}

fn read_chunks(reader: &mut impl BufRead, mut body: Vec<u8>) -> Result<(Vec<u8>, Headers)> {
    loop {
        let line = require(read_line(reader)?)?;
        let size = number(line.split(|byte| *byte == b';').next().unwrap_or_default(), 16)?;
        if size == 0 {
            return Ok((body, read_headers(reader)?));
        }
        read_exactly(reader, size, &mut body)?;
        require(read_line(reader)?)?;
    }
}

fn read_exactly(reader: &mut impl BufRead, length: u64, body: &mut Vec<u8>) -> Result<()> {
    let read = reader.by_ref().take(length).read_to_end(body).map_err(io("read a body"))?;
    if read as u64 == length { Ok(()) } else { Err(Error::MalformedHttp("the connection ended within a body")) }
}

fn read_headers(reader: &mut impl BufRead) -> Result<Headers> {
    let mut headers = Vec::new();
    loop {
        let line = require(read_line(reader)?)?;
        if line.is_empty() {
            return Ok(Headers(headers));
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or(Error::MalformedHttp("a header line without a colon"))?;
        let (name, value) = line.split_at(colon);
        headers.push((latin1(name).to_ascii_lowercase(), value.get(1..).unwrap_or_default().trim_ascii().to_vec()));
        if headers.len() > LINES_MAX {
            return Err(Error::MalformedHttp("too many header lines"));
        }
    }
}

/// A line without its end; `None` at the end of the connection.
fn read_line(reader: &mut impl BufRead) -> Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    reader.by_ref().take(LINE_MAX).read_until(b'\n', &mut line).map_err(io("read a line"))?;
    if line.is_empty() {
        return Ok(None);
    }
    let line = line.strip_suffix(b"\n").ok_or(Error::MalformedHttp("the connection ended within a line"))?;
    Ok(Some(line.strip_suffix(b"\r").unwrap_or(line).to_vec()))
}

fn require(line: Option<Vec<u8>>) -> Result<Vec<u8>> {
    line.ok_or(Error::MalformedHttp("the connection ended within a message"))
}

fn number(text: &[u8], radix: u32) -> Result<u64> {
    let text = std::str::from_utf8(text).map_err(|_| Error::MalformedHttp("a length that is no number"))?;
    u64::from_str_radix(text.trim(), radix).map_err(|_| Error::MalformedHttp("a length that is no number"))
}

/// Bytes as text without loss: each byte becomes the character of the same number.
#[must_use]
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The bytes that `latin1` was made of; `None` when a character is above U+00FF.
#[must_use]
pub fn from_latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect()
}

#[cfg(test)]
mod tests;
