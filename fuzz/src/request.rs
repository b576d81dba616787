//! Requests as text, so that seeds can be read and dictionaries help:
//!
//! ```text
//! GET /orders/1
//! :authority: api.example
//! authorization: Bearer {es256}
//! !wait
//!
//! x-trailer: 1
//! ```
//!
//! `!property source.address=10.0.0.1:80` is what the proxy knows besides.
//!
//! `{name}` is a token of [`crate::fixtures`], a line that begins with `!` an instruction to the proxy, what follows an empty
//! line the trailers. Any bytes are a request.

use std::collections::BTreeMap;

use crate::fixtures;

/// Names and values in order.
pub type Lines = Vec<(Vec<u8>, Vec<u8>)>;

/// A request, and what happens around it.
#[derive(Debug, Default)]
pub struct Request {
    /// With pseudo-headers; names in lower case, as Envoy hands them over.
    pub headers: Lines,
    pub trailers: Lines,
    /// `!rewrite`: the configuration that mends paths and admits several tokens.
    pub rewrite: bool,
    /// `!wait`: the request comes before the keys.
    pub wait: bool,
    /// `!down`: there are no keys to be had.
    pub down: bool,
    /// `!body`: it has one.
    pub body: bool,
    /// `!again`: it comes twice, so that its tokens are remembered.
    pub again: bool,
    /// `!fail 3`: the host fails the fourth call that may fail.
    pub fail: Option<usize>,
    /// `!certificate 00ff…`: the client's.
    pub certificate: Option<Vec<u8>>,
    /// `!property connection.mtls=\u{1}`: what the proxy knows, as the bytes that it hands over.
    pub properties: BTreeMap<String, Vec<u8>>,
    /// The names of the tokens that were put in for `{name}`.
    pub tokens: Vec<Vec<u8>>,
}

impl Request {
    pub fn parse(text: &[u8]) -> Self {
        let mut request = Self::default();
        let mut lines = text.split(|byte| *byte == b'\n');
        let first = lines.next().unwrap_or_default();
        let (method, path) = halves(first, b" ").unwrap_or((first, b""));
        request.add_header(b":method", method);
        if !path.is_empty() {
            request.add_header(b":path", path);
        }
        let mut in_trailers = false;
        for line in lines {
            match line {
                b"" => in_trailers = true,
                [b'!', instruction @ ..] => request.instruct(instruction),
                line => {
                    let (name, value) = halves(line, b": ").unwrap_or((line, b""));
                    if in_trailers {
                        let value = request.expand(value);
                        request.trailers.push((name.to_ascii_lowercase(), value));
                    } else {
                        request.add_header(name, value);
                    }
                }
            }
        }
        request
    }

    fn add_header(&mut self, name: &[u8], value: &[u8]) {
        let value = self.expand(value);
        self.headers.push((name.to_ascii_lowercase(), value));
    }

    fn instruct(&mut self, instruction: &[u8]) {
        let (word, argument) = halves(instruction, b" ").unwrap_or((instruction, b""));
        match word {
            b"rewrite" => self.rewrite = true,
            b"wait" => self.wait = true,
            b"down" => self.down = true,
            b"body" => self.body = true,
            b"again" => self.again = true,
            b"fail" => self.fail = str::from_utf8(argument).ok().and_then(|number| number.parse().ok()),
            b"property" => {
                if let Some((name, value)) = halves(argument, b"=") {
                    self.properties.insert(String::from_utf8_lossy(name).into_owned(), value.to_vec());
                }
            }
            b"certificate" => self.certificate = Some(argument.to_vec()),
            _ => {}
        }
    }

    fn expand(&mut self, value: &[u8]) -> Vec<u8> {
        let (mut out, mut rest) = (Vec::new(), value);
        while let Some((before, after)) = halves(rest, b"{") {
            let token = halves(after, b"}").and_then(|(name, after)| Some((name, fixtures::token(name)?, after)));
            out.extend_from_slice(before);
            let Some((name, token, after)) = token else {
                out.push(b'{');
                rest = after;
                continue;
            };
            self.tokens.push(name.to_vec());
            out.extend_from_slice(token.as_bytes());
            rest = after;
        }
        out.extend_from_slice(rest);
        // Envoy refuses such a request before any filter sees it.
        out.retain(|byte| !matches!(byte, b'\r' | 0));
        out
    }

    /// The values of `name`.
    pub fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.iter().filter(move |(known, _)| known == name.as_bytes()).map(|(_, value)| value.as_slice())
    }
}

fn halves<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(separator.len()).position(|window| window == separator)?;
    Some((&text[..at], &text[at + separator.len()..]))
}
