//! The model, driven by a filter that does what its configuration says.

mod callouts;
mod grpc;
mod scripted;
mod state;
mod streams;

use std::time::Duration;

use crate::{Exchange, HeaderLines, Options, Proxy, Request, UpstreamResponse};
use scripted::Scripted;

const MILLISECOND: Duration = Duration::from_millis(1);

/// A proxy whose filter does `script`, a line per action: callback, command, arguments.
fn proxy(script: &str) -> Proxy {
    proxy_with(script, Options::default())
}

fn proxy_with(script: &str, options: Options) -> Proxy {
    Proxy::native::<Scripted>(script.as_bytes(), options).unwrap()
}

fn lines(lines: &[(&str, &str)]) -> HeaderLines {
    lines.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
}

/// GET / with further headers.
fn get(further: &[(&str, &str)]) -> Request {
    let mut headers = lines(&[(":method", "GET"), (":path", "/a?b=c"), (":authority", "host"), (":scheme", "https")]);
    headers.extend(lines(further));
    Request { headers, ..Request::default() }
}

/// POST / with a body in these pieces.
fn post(pieces: &[&str]) -> Request {
    let mut request = get(&[]);
    request.headers[0].1 = b"POST".to_vec();
    Request { body: pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect(), ..request }
}

/// What became of one request that does not stay held.
fn exchange(proxy: &mut Proxy, request: Request) -> Exchange {
    let id = proxy.send(0, request);
    proxy.outcome(id).done().unwrap()
}

/// What the workers logged, in order.
fn said(proxy: &Proxy) -> Vec<String> {
    proxy.logs().into_iter().map(|line| line.text).collect()
}

fn upstream(body: &[&str]) -> UpstreamResponse {
    UpstreamResponse { body: body.iter().map(|piece| piece.as_bytes().to_vec()).collect(), ..UpstreamResponse::default() }
}
