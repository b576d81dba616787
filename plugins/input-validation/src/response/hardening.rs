//! Headers that make browsers careful, and headers that tell what a service is made of.

use portcullis_filter::{HeaderBlock, Host, HostError};

use super::{Asked, MAP, remove};

/// What a service is made of is nobody's business.
const TELLTALES: [&str; 7] =
    ["server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator", "x-runtime", "x-drupal-cache"];

/// What an answer has where the service does not say it.
const ABSENT: [(&str, &[u8]); 2] = [("referrer-policy", b"no-referrer"), ("cross-origin-opener-policy", b"same-origin")];

const POLICY: &str = "content-security-policy";

pub(super) fn apply(host: &dyn Host, response: &HeaderBlock, asked: Asked<'_>) -> Result<(), HostError> {
    TELLTALES.iter().try_for_each(|name| remove(host, response, name))?;
    host.set_header(MAP, "x-content-type-options", b"nosniff")?;
    // RFC 6797 section 7.2: not over a connection that anybody can change.
    if asked.request.only(":scheme") == Some(b"https") {
        host.set_header(MAP, "strict-transport-security", b"max-age=31536000; includeSubDomains")?;
    }
    let framed = |policy: &[u8]| policy.to_ascii_lowercase().windows(FRAMES.len()).any(|part| part == FRAMES);
    if !response.all(POLICY).any(framed) {
        host.add_header(MAP, POLICY, b"frame-ancestors 'none'")?;
        host.set_header(MAP, "x-frame-options", b"DENY")?;
    }
    let absent = ABSENT.iter().filter(|(name, _)| response.all(name).next().is_none());
    absent.into_iter().try_for_each(|(name, value)| host.set_header(MAP, name, value))
}

const FRAMES: &[u8] = b"frame-ancestors";
