//! The attributes that the host knows by itself: a subset of Envoy's.

use portcullis_filter::Timestamp;

use super::{HeaderList, Stream, encode_pairs};

impl Stream {
    /// The attribute under `path`, as raw bytes; first what the caller gave.
    pub(crate) fn property(&self, path: &[&[u8]], now: Timestamp) -> Option<Vec<u8>> {
        self.given(path).or_else(|| match path {
            [b"request", rest @ ..] => self.request_property(rest, now),
            [b"response", rest @ ..] => self.response_property(rest),
            [b"source", b"address"] => Some(b"127.0.0.1:50000".to_vec()),
            [b"source", b"port"] => Some(integer(50_000)),
            [b"destination", b"address"] => Some(b"127.0.0.1:10000".to_vec()),
            [b"destination", b"port"] => Some(integer(10_000)),
            [b"connection", b"mtls"] => Some(vec![0]),
            [b"connection", b"id"] | [b"connection_id"] => Some(self.id.0.to_le_bytes().to_vec()),
            [b"filter_state", name] => self.filter_state.get(name.strip_prefix(b"wasm.")?).cloned(),
            [name] => self.filter_state.get(*name).cloned(),
            _ => None,
        })
    }

    fn given(&self, path: &[&[u8]]) -> Option<Vec<u8>> {
        let path: Vec<String> = path.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
        self.attributes.get(&path).cloned()
    }

    fn request_property(&self, path: &[&[u8]], now: Timestamp) -> Option<Vec<u8>> {
        match path {
            [b"time"] => return Some(self.started.as_nanos().to_le_bytes().to_vec()),
            [b"protocol"] => return Some(b"HTTP/1.1".to_vec()),
            [b"duration"] if self.logging => return Some(nanos(now, self.started)),
            [b"size"] => return Some(integer(self.request_size())),
            _ => {}
        }
        // As in Envoy, what a plugin has let go it no longer reaches, until the access log.
        let headers = self.request.headers.as_ref().filter(|_| self.logging || self.request.headers_open)?;
        let target = headers.first(b":path").unwrap_or_default();
        let (url_path, query) = split_target(target);
        match path {
            [b"path"] => headers.first(b":path").map(<[u8]>::to_vec),
            [b"url_path"] => headers.first(b":path").map(|_| url_path.to_vec()),
            [b"query"] => headers.first(b":path").map(|_| query.to_vec()),
            [b"host"] => headers.first(b":authority").map(<[u8]>::to_vec),
            [b"scheme"] => headers.first(b":scheme").map(<[u8]>::to_vec),
            [b"method"] => headers.first(b":method").map(<[u8]>::to_vec),
            [b"referer"] => headers.first(b"referer").map(<[u8]>::to_vec),
            [b"useragent"] => headers.first(b"user-agent").map(<[u8]>::to_vec),
            [b"id"] => headers.first(b"x-request-id").map(<[u8]>::to_vec),
            [b"headers", rest @ ..] => header_property(headers, rest),
            _ => None,
        }
    }

    fn request_size(&self) -> usize {
        self.request.passed.body.len() + self.request.body.as_ref().map_or(0, Vec::len)
    }

    fn response_property(&self, path: &[&[u8]]) -> Option<Vec<u8>> {
        match path {
            [b"code_details"] => return self.reply.as_ref().map(|reply| reply.details.clone().into_bytes()),
            [b"code"] => {
                let status = self.response.headers.as_ref()?.first(b":status")?;
                return std::str::from_utf8(status).ok()?.parse().ok().map(integer);
            }
            _ => {}
        }
        let headers = self.response.headers.as_ref().filter(|_| self.logging || self.response.headers_open)?;
        match path {
            [b"headers", rest @ ..] => header_property(headers, rest),
            _ => None,
        }
    }
}

/// One header, its values joined by commas, or all of them as pairs.
fn header_property(headers: &HeaderList, path: &[&[u8]]) -> Option<Vec<u8>> {
    match path {
        [] => Some(encode_pairs(headers)),
        [name] => headers.joined(name),
        _ => None,
    }
}

/// The path and the query, without the question mark.
fn split_target(target: &[u8]) -> (&[u8], &[u8]) {
    match target.iter().position(|byte| *byte == b'?').and_then(|at| target.split_at_checked(at)) {
        Some((path, query)) => (path, query.get(1..).unwrap_or_default()),
        None => (target, &[]),
    }
}

fn integer(value: usize) -> Vec<u8> {
    (value as u64).to_le_bytes().to_vec()
}

fn nanos(now: Timestamp, since: Timestamp) -> Vec<u8> {
    now.as_nanos().saturating_sub(since.as_nanos()).to_le_bytes().to_vec()
}
