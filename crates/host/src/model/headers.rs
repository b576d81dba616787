//! Header maps as Envoy keeps them.

use crate::exchange::HeaderLines;

/// Request headers whose repeated lines Envoy joins with a comma before any filter sees them, those of Envoy's own left
/// out (measured with Envoy 1.40; all others stay apart, `cookie` over HTTP/1 among them).
const JOINED: [&[u8]; 26] = [
    b"accept",
    b"accept-encoding",
    b"access-control-request-headers",
    b"access-control-request-method",
    b"authorization",
    b"cache-control",
    b"content-encoding",
    b"content-type",
    b"expect",
    b"grpc-accept-encoding",
    b"grpc-timeout",
    b"if-match",
    b"if-modified-since",
    b"if-none-match",
    b"origin",
    b"pragma",
    b"proxy-status",
    b"referer",
    b"user-agent",
    b"via",
    b"x-envoy-original-path",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-port",
    b"x-forwarded-proto",
    b"x-request-id",
];

/// Header lines with names in lower case, pseudo-headers first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HeaderList(HeaderLines);

impl HeaderList {
    pub(crate) const EMPTY: Self = Self(Vec::new());

    /// These lines.
    pub(crate) fn of(lines: &[(Vec<u8>, Vec<u8>)]) -> Self {
        let mut list = Self::default();
        for (name, value) in lines {
            list.add(name, value);
        }
        list
    }

    /// These lines, as a request's headers.
    pub(crate) fn of_request(lines: &[(Vec<u8>, Vec<u8>)]) -> Self {
        let mut list = Self::default();
        for (name, value) in lines {
            list.add_to_request(name, value);
        }
        list
    }

    pub(crate) fn lines(&self) -> &[(Vec<u8>, Vec<u8>)] {
        &self.0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The values of `name` in order.
    pub(crate) fn all<'a, 'n>(&'a self, name: &'n [u8]) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        self.0.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    /// The first value of `name`.
    pub(crate) fn first(&self, name: &[u8]) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// All values of `name`, joined by commas.
    pub(crate) fn joined(&self, name: &[u8]) -> Option<Vec<u8>> {
        let values: Vec<&[u8]> = self.all(name).collect();
        (!values.is_empty()).then(|| values.join(&b','))
    }

    /// One more line.
    pub(crate) fn add(&mut self, name: &[u8], value: &[u8]) {
        let line = (name.to_ascii_lowercase(), value.to_vec());
        if name.starts_with(b":") {
            let end = self.0.iter().take_while(|(name, _)| name.starts_with(b":")).count();
            self.0.insert(end, line);
        } else {
            self.0.push(line);
        }
    }

    /// One more line of a request's headers, or one more value of the line that is there.
    pub(crate) fn add_to_request(&mut self, name: &[u8], value: &[u8]) {
        let joins = JOINED.iter().any(|joined| joined.eq_ignore_ascii_case(name));
        match self.0.iter_mut().find(|(found, _)| joins && found.eq_ignore_ascii_case(name)) {
            Some((_, values)) => *values = [values.as_slice(), value].join(&b','),
            None => self.add(name, value),
        }
    }

    /// `value` as the only value of `name`.
    pub(crate) fn set(&mut self, name: &[u8], value: &[u8]) {
        self.remove(name);
        self.add(name, value);
    }

    /// No line of `name`.
    pub(crate) fn remove(&mut self, name: &[u8]) {
        self.0.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
    }
}
