//! `x-forwarded-client-cert`: the certificate that a proxy in front has seen.

use portcullis_config::NonEmpty;
use portcullis_filter::{Attributes, HeaderBlock};
use portcullis_policy::Unreadable;

use super::{Told, peer};

const HEADER: &str = "x-forwarded-client-cert";

/// Anyone can send the header: it counts from trusted proxies alone, and of it the last element, which that proxy has added. Whoever
/// such a proxy forwards for is never the proxy: without a name of its own, the client is nobody.
pub(super) fn read(
    host: &(impl Attributes + ?Sized),
    headers: &HeaderBlock,
    trusted: &NonEmpty<String>,
) -> Result<Told, Unreadable> {
    let Some(proxy) = peer::certificate(host)?.filter(|id| trusted.iter().any(|proxy| proxy == id)) else {
        return Ok(Told::Nothing);
    };
    let mut lines = headers.all(HEADER);
    let Some(line) = lines.next() else { return Ok(Told::Nobody) };
    if lines.next().is_some() {
        return Err(Unreadable("several x-forwarded-client-cert"));
    }
    let id = str::from_utf8(line).ok().and_then(last_uri).ok_or(Unreadable("a malformed x-forwarded-client-cert"))?;
    match id.filter(|id| !id.is_empty()) {
        None => Ok(Told::Nobody),
        // What our own proxy adds in APPEND_FORWARD is about the proxy in front, not about its client.
        Some(id) if id == proxy => Err(Unreadable("x-forwarded-client-cert ends with the proxy itself")),
        Some(id) if peer::is_spiffe_id(&id) => Ok(Told::Caller(id)),
        Some(_) => Err(Unreadable("x-forwarded-client-cert names no SPIFFE id")),
    }
}

/// The URI in the last element, if it has one; `None` where the header is malformed, or there are several.
fn last_uri(line: &str) -> Option<Option<String>> {
    let mut uri = None;
    for pair in split(split(line, ',')?.last()?, ';')? {
        let (key, value) = pair.split_once('=')?;
        if key.trim().eq_ignore_ascii_case("uri") && uri.replace(unquoted(value)?).is_some() {
            return None;
        }
    }
    Some(uri)
}

/// `text` between separators that do not stand in quotation marks; `None` where a mark is never closed.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(|character| {
        let outside = !quoted;
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        outside && character == separator
    });
    let parts: Vec<&str> = parts.collect();
    (!quoted).then_some(parts)
}

fn unquoted(value: &str) -> Option<String> {
    let value = value.trim();
    let Some(inner) = value.strip_prefix('"') else { return (!value.contains('"')).then(|| value.to_owned()) };
    let inner = inner.strip_suffix('"')?;
    // Neither stands in a URI.
    (!inner.contains(['"', '\\'])).then(|| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(line: &str) -> Option<Option<String>> {
        last_uri(line)
    }

    fn some(id: &str) -> Option<Option<String>> {
        Some(Some(id.to_owned()))
    }

    #[test]
    fn the_last_element_counts() {
        assert_eq!(uri("By=spiffe://a/b;Hash=00;URI=spiffe://a/client"), some("spiffe://a/client"));
        assert_eq!(uri("URI=spiffe://a/forged,By=spiffe://a/b;uri=\"spiffe://a/client\""), some("spiffe://a/client"));
        assert_eq!(uri("URI=spiffe://a/forged,Hash=00"), Some(None));
    }

    #[test]
    fn a_separator_in_quotation_marks_is_none() {
        assert_eq!(uri("Subject=\"CN=x,URI=spiffe://a/forged\";URI=spiffe://a/client"), some("spiffe://a/client"));
        assert_eq!(uri("URI=spiffe://a/client;Subject=\"CN=\\\",URI=spiffe://a/forged\""), some("spiffe://a/client"));
        assert_eq!(uri("Subject=\"a;URI=spiffe://a/forged\""), Some(None));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_malformed() {
        for line in ["", "x", "URI=a;URI=b", "Subject=\"open;URI=a", "URI=\"a", "URI=a\"b\"", "URI=\"a\\b\"", "URI=a,", "URI=a;"]
        {
            assert_eq!(uri(line), None, "{line}");
        }
    }
}
