//! Headers that a service adds.

use portcullis_config::{HeaderName, Scalar};
use portcullis_filter::{HeaderMap, Host, HostError, LocalReply};
use portcullis_rls::HeaderValue;

/// Names that say how a message is framed, where it goes or what its body is: no service of limits decides about that.
const NOT_ITS_BUSINESS: [&str; 10] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Those that can stand in a message.
#[derive(Debug, Default)]
pub(crate) struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// Takes over what can be; the rest is left out.
    pub(crate) fn extend(&mut self, headers: Vec<HeaderValue>) {
        self.0.extend(headers.into_iter().filter_map(fit));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// `reply` with each of them as the only one of its name: what the service tells counts more than what is worked out here.
    pub(crate) fn add_to(&self, reply: LocalReply) -> LocalReply {
        self.iter().fold(reply, |mut reply, (name, value)| {
            reply.headers.retain(|(other, _)| other != name);
            reply.header(name, value)
        })
    }

    /// Makes each the only one of its name: whatever a client has sent under it is gone.
    ///
    /// # Errors
    /// When the host refuses.
    pub(crate) fn set(&self, host: &dyn Host, map: HeaderMap) -> Result<(), HostError> {
        self.iter().try_for_each(|(name, value)| host.set_header(map, name, value))
    }
}

fn fit(HeaderValue { name, value }: HeaderValue) -> Option<(String, Vec<u8>)> {
    let name = HeaderName::parse(std::str::from_utf8(&name).ok()?).ok()?;
    let known = NOT_ITS_BUSINESS.contains(&name.as_str());
    let plain = !value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t');
    (!known && plain).then(|| (name.as_str().to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_stand_in_a_message_and_frames_none_is_taken_over() {
        let header = |name: &[u8], value: &[u8]| HeaderValue { name: name.to_vec(), value: value.to_vec() };
        let mut headers = Headers::default();
        headers.extend(vec![
            header(b"X-Plan", b"gold\t\xff"),
            header(b":status", b"200"),
            header(b"Content-Length", b"0"),
            header(b"content-type", b"text/html"),
            header(b"x-split", b"a\r\nset-cookie: b"),
            header(b"x y", b""),
            header(b"\xff", b""),
        ]);
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("x-plan", &b"gold\t\xff"[..])]);
    }
}
