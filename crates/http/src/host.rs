//! The host of a request.

use std::borrow::Cow;
use std::fmt;
use std::net::Ipv6Addr;

/// The longest name, and the longest label in it (RFC 1035 section 2.3.4).
const NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;

/// A host with one spelling: lower case, no trailing dot, no port, IPv6 in its shortest form and in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalHost<'a> {
    name: Cow<'a, str>,
    port: Option<u16>,
}

/// The `:authority` is no host, or one that two parties read differently: Envoy's own virtual hosts compare it as it is written.
/// Refuse the request: rules about hosts cannot judge it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidHost {
    /// Not a host at all.
    NotAHost,
    /// `example.com.`: the same host to some, another to Envoy's routes.
    TrailingDot,
    /// `example.com:`: likewise.
    EmptyPort,
    /// `example.com:8080`, where rules look at hosts: Envoy's routes would not see the host that the rules saw. With
    /// `strip_any_host_port: true` Envoy takes the port away before any filter.
    Port,
}

impl InvalidHost {
    /// The stable name, for records and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAHost => "invalid_host",
            Self::TrailingDot => "host_trailing_dot",
            Self::EmptyPort => "host_empty_port",
            Self::Port => "host_port",
        }
    }
}

impl fmt::Display for InvalidHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAHost => "not a host",
            Self::TrailingDot => "a host with a trailing dot",
            Self::EmptyPort => "a host with a colon and no port",
            Self::Port => "a host with a port",
        })
    }
}

impl std::error::Error for InvalidHost {}

impl<'a> CanonicalHost<'a> {
    /// From `:authority` or `Host`: a name of letters, digits, `-` and `_`, an IPv4 address or a bracketed IPv6 address, and
    /// perhaps a port. No user, no escapes, no zone.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(authority: &'a [u8]) -> Result<Self, InvalidHost> {
        let authority = str::from_utf8(authority).map_err(|_| InvalidHost::NotAHost)?;
        if let Some(bracketed) = authority.strip_prefix('[') {
            let (address, port) = bracketed.split_once(']').ok_or(InvalidHost::NotAHost)?;
            return Ok(Self { name: ipv6(address)?, port: port_after_colon(port)? });
        }
        let end = authority.bytes().position(|byte| byte == b':').unwrap_or(authority.len());
        let (name, port) = authority.split_at_checked(end).ok_or(InvalidHost::NotAHost)?;
        Ok(Self { name: domain(name)?, port: port_after_colon(port)? })
    }

    /// The host alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The port, where the client names one. No rule looks at it: it says what the client wrote, not where it came in.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }
}

fn ipv6(address: &str) -> Result<Cow<'_, str>, InvalidHost> {
    address.parse::<Ipv6Addr>().map(|address| Cow::Owned(format!("[{address}]"))).map_err(|_| InvalidHost::NotAHost)
}

fn domain(name: &str) -> Result<Cow<'_, str>, InvalidHost> {
    let bare = name.strip_suffix('.').unwrap_or(name);
    let (mut label, mut lower) = (0, true);
    for byte in bare.bytes() {
        match byte {
            b'.' if is_length_of_label(label) => label = 0,
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => label += 1,
            b'A'..=b'Z' => (label, lower) = (label + 1, false),
            _ => return Err(InvalidHost::NotAHost),
        }
    }
    if bare.len() > NAME_MAX || !is_length_of_label(label) {
        return Err(InvalidHost::NotAHost);
    }
    if bare.len() < name.len() {
        return Err(InvalidHost::TrailingDot);
    }
    Ok(if lower { Cow::Borrowed(name) } else { Cow::Owned(name.to_ascii_lowercase()) })
}

fn is_length_of_label(length: usize) -> bool {
    (1..=LABEL_MAX).contains(&length)
}

/// Nothing, or a colon and digits.
fn port_after_colon(text: &str) -> Result<Option<u16>, InvalidHost> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.strip_prefix(':').ok_or(InvalidHost::NotAHost)? {
        "" => Err(InvalidHost::EmptyPort),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().map(Some).map_err(|_| InvalidHost::NotAHost),
        _ => Err(InvalidHost::NotAHost),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(authority: &str) -> Option<(String, Option<u16>)> {
        let host = CanonicalHost::parse(authority.as_bytes()).ok()?;
        Some((host.as_str().to_owned(), host.port()))
    }

    #[test]
    fn has_one_spelling() {
        let name = |name: &str, port| Some((name.to_owned(), port));
        assert_eq!(host("API.Example.com"), name("api.example.com", None));
        assert_eq!(host("api.example.com:8443"), name("api.example.com", Some(8443)));
        assert_eq!(host("10.0.0.1:80"), name("10.0.0.1", Some(80)));
        assert_eq!(host("[::1]"), name("[::1]", None));
        assert_eq!(host("[0:0:0:0:0:0:0:1]:65535"), name("[::1]", Some(65535)));
        assert_eq!(host("[2001:DB8::A]"), name("[2001:db8::a]", None));
        assert_eq!(host("a_b"), name("a_b", None));
    }

    #[test]
    fn refuses_what_proxies_read_differently() {
        assert_eq!(CanonicalHost::parse(b"api.example.com."), Err(InvalidHost::TrailingDot));
        assert_eq!(CanonicalHost::parse(b"api.example.com.:8443"), Err(InvalidHost::TrailingDot));
        assert_eq!(CanonicalHost::parse(b"api.example.com:"), Err(InvalidHost::EmptyPort));
    }

    #[test]
    fn borrows_the_usual_one() {
        assert!(matches!(CanonicalHost::parse(b"api.example.com:80").unwrap().name, Cow::Borrowed(_)));
    }

    #[test]
    fn refuses_what_is_no_host() {
        let long_label = "x".repeat(64);
        let long_name = ["x"; 128].join(".");
        for authority in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a b",
            "a/b",
            "user@a",
            "a:b",
            "a:80:80",
            "a:+80",
            "a:65536",
            "a%2e",
            "ü",
            "::1",
            "[::1",
            "[]",
            "[::1%25eth0]",
            "[::1]x",
            "[::1]80",
            "[1.2.3.4]",
            "a,b",
            "a\\b",
            "a\0",
            "*",
            &long_label,
            &long_name,
        ] {
            assert_eq!(host(authority), None, "{authority:?}");
        }
        assert!(CanonicalHost::parse(b"\xff").is_err());
    }
}
