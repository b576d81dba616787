//! The client's certificate, as the connection knows it.

use portcullis_filter::Attributes;
use portcullis_policy::Unreadable;

use crate::property;

/// The SPIFFE id of the certificate that the client presented; `None` without one that was validated.
pub(super) fn certificate(host: &(impl Attributes + ?Sized)) -> Result<Option<String>, Unreadable> {
    if property::truth(host, &["connection", "mtls"])? != Some(true) {
        return Ok(None);
    }
    match property::truth(host, &["connection", "peer_certificate_valid"])? {
        Some(true) => Ok(property::text(host, &["connection", "uri_san_peer_certificate"])?.filter(|id| is_spiffe_id(id))),
        Some(false) => Ok(None),
        None => Err(Unreadable("the proxy does not tell whether the certificate is valid")),
    }
}

/// The SPIFFE id that ztunnel has told a waypoint.
pub(super) fn istio_principal(host: &(impl Attributes + ?Sized)) -> Result<Option<String>, Unreadable> {
    match property::text(host, &["filter_state", "io.istio.peer_principal"])? {
        Some(id) if !id.is_empty() && !is_spiffe_id(&id) => Err(Unreadable("the peer's principal is no SPIFFE id")),
        principal => Ok(principal.filter(|id| !id.is_empty())),
    }
}

/// `spiffe://trust-domain/path` (SPIFFE-ID section 2): nothing in it can be mistaken for two ids, or for another path.
pub(super) fn is_spiffe_id(id: &str) -> bool {
    let Some(rest) = id.strip_prefix("spiffe://") else { return false };
    let (domain, path) = rest.split_once('/').map_or((rest, None), |(domain, path)| (domain, Some(path)));
    let of_domain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'_');
    let of_path = |byte: u8| of_domain(byte) || byte.is_ascii_uppercase();
    let segment = |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(of_path);
    let path = path.is_none_or(|path| path.split('/').all(segment));
    id.len() <= ID_MAX && !domain.is_empty() && domain.bytes().all(of_domain) && path
}

/// SPIFFE-ID section 2.3.
const ID_MAX: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::is_spiffe_id;

    #[test]
    fn an_id_has_one_reading() {
        for id in ["spiffe://a.example", "spiffe://a/b", "spiffe://a/ns/prod/sa/Web_1"] {
            assert!(is_spiffe_id(id), "{id}");
        }
        for id in [
            "",
            "a",
            "spiffe://",
            "spiffe:///x",
            "spiffe://A/b",
            "spiffe://a/",
            "spiffe://a//b",
            "spiffe://a/ns/../b",
            "spiffe://a/./b",
            "spiffe://a/b/",
            "spiffe://a/%41",
            "spiffe://a/b,spiffe://a/c",
            "https://a/b",
            "spiffe://a:1/b",
            "spiffe://u@a/b",
        ] {
            assert!(!is_spiffe_id(id), "{id}");
        }
    }
}
