//! Cross-origin answers (Fetch standard, section 3.2), held to the origins of the configuration.

use std::collections::BTreeSet;

use portcullis_filter::{HeaderBlock, Host, HostError};

use super::{Asked, MAP, remove};

const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const ALLOW_CREDENTIALS: &str = "access-control-allow-credentials";

/// Every header by which an answer opens itself to pages of others.
const HEADERS: [&str; 8] = [
    ALLOW_ORIGIN,
    ALLOW_CREDENTIALS,
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-private-network",
    "access-control-expose-headers",
    "access-control-max-age",
    "timing-allow-origin",
];

pub(super) fn apply(
    host: &dyn Host,
    response: &HeaderBlock,
    asked: Asked<'_>,
    origins: &BTreeSet<String>,
    credentials: bool,
) -> Result<(), HostError> {
    let origin = asked.request.only("origin").and_then(|origin| str::from_utf8(origin).ok());
    // The answer depends on who asks: nobody may keep it for another.
    host.add_header(MAP, "vary", b"origin")?;
    let Some(origin) = origin.filter(|origin| origins.contains(*origin)) else {
        return HEADERS.iter().try_for_each(|name| remove(host, response, name));
    };
    host.set_header(MAP, ALLOW_ORIGIN, origin.as_bytes())?;
    if credentials { host.set_header(MAP, ALLOW_CREDENTIALS, b"true") } else { remove(host, response, ALLOW_CREDENTIALS) }
}
