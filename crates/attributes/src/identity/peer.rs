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
    let principal = property::text(host, &["filter_state", "io.istio.peer_principal"])?;
    Ok(principal.filter(|id| is_spiffe_id(id)))
}

/// `spiffe://trust-domain/path`; nothing in it can be mistaken for two ids.
pub(super) fn is_spiffe_id(id: &str) -> bool {
    let rest = id.strip_prefix("spiffe://").unwrap_or_default();
    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/'))
}
