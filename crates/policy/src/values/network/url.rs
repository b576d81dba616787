//! A URL, taken apart as Go's `url.ParseRequestURI` does.

use std::any::Any;
use std::net::Ipv6Addr;

use cel::common::types::Type;
use cel::common::value::{StaticVal, Val};

use crate::bounds::MADE_LIST_MAX;
use crate::values::constant::own_val;

/// The type of [`Url`].
pub(crate) static URL: Type = Type::new_unspecified_type("kubernetes.URL");

/// An absolute URL, or a path that starts with a slash, in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) text: String,
    pub(crate) scheme: String,
    /// With the port.
    pub(crate) host: String,
    pub(crate) hostname: String,
    pub(crate) port: String,
    /// Encoded.
    pub(crate) path: String,
    /// Decoded, in order.
    pub(crate) query: Vec<(String, String)>,
}

own_val!(Url, URL);

impl Url {
    /// `None` where `text` is no URL.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.bytes().any(|byte| byte.is_ascii_control()) {
            return None;
        }
        let (before, query) = text.split_once('?').unwrap_or((text, ""));
        let (scheme, rest) = if before.starts_with('/') { ("", before) } else { scheme(before)? };
        let (host, path) = match rest.strip_prefix("//").filter(|_| !scheme.is_empty()) {
            Some(rest) => rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?,
            None => ("", rest),
        };
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let (hostname, port) = host_and_port(host)?;
        decoded(path, false)?;
        Some(Self {
            text: text.to_owned(),
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_owned(),
            hostname: hostname.to_owned(),
            port: port.to_owned(),
            path: encoded(path),
            query: parameters(query),
        })
    }
}

fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let plain = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    (plain && scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && rest.starts_with('/')).then_some((scheme, rest))
}

fn host_and_port(host: &str) -> Option<(&str, &str)> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (name, port) = rest.split_once(']')?;
            name.parse::<Ipv6Addr>().ok()?;
            (name, port)
        }
        None => host.split_at_checked(host.find(':').unwrap_or(host.len()))?,
    };
    let port = if port.is_empty() { "" } else { port.strip_prefix(':')? };
    let clean =
        !name.bytes().any(|byte| matches!(byte, b' ' | b'<' | b'>' | b'"' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'%'));
    (clean && port.bytes().all(|byte| byte.is_ascii_digit())).then_some((name, port))
}

/// With what may not stand in a path encoded, and what is encoded left alone.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@/%[]".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Parameters that cannot be decoded are left out, as in Go.
fn parameters(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')).take(MADE_LIST_MAX);
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.filter_map(|(name, value)| Some((decoded(name, true)?, decoded(value, true)?))).collect()
}

/// `None` where an escape is broken, or the text is not UTF-8.
fn decoded(text: &str, plus: bool) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => u8::try_from(hex(bytes.next()?)? * 16 + hex(bytes.next()?)?).ok()?,
            b'+' if plus => b' ',
            byte => byte,
        });
    }
    String::from_utf8(out).ok()
}

fn hex(digit: u8) -> Option<u32> {
    char::from(digit).to_digit(16)
}
