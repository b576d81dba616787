//! How long an answer counts as fresh (RFC 9111 section 4.2).

use std::time::Duration;

use portcullis_filter::HeaderBlock;

use super::options::Pacing;

/// What is left of `max-age`, from `refetch_interval` to `cache_duration`; the latter where the answer says nothing.
pub(super) fn lifetime(headers: &HeaderBlock, pacing: &Pacing) -> Duration {
    let stated = stated_lifetime(headers).unwrap_or(pacing.cache_duration);
    stated.max(pacing.refetch_interval).min(pacing.cache_duration)
}

fn stated_lifetime(headers: &HeaderBlock) -> Option<Duration> {
    let directives = headers.all("cache-control").flat_map(|line| line.split(|byte| *byte == b','));
    let max_age = directives.filter_map(|directive| seconds_of(directive.trim_ascii())).min()?;
    let age = headers.only("age").and_then(delta_seconds).unwrap_or_default();
    Some(Duration::from_secs(max_age.saturating_sub(age)))
}

/// `no-store`, `no-cache` and a `max-age` that is no number: stale at once (RFC 9111 section 4.2.1).
fn seconds_of(directive: &[u8]) -> Option<u64> {
    let equals = directive.iter().position(|byte| *byte == b'=');
    let (name, value) = equals.and_then(|at| directive.split_at_checked(at)).unwrap_or((directive, b"="));
    match name.to_ascii_lowercase().as_slice() {
        b"no-store" | b"no-cache" => Some(0),
        b"max-age" => Some(value.get(1..).and_then(delta_seconds).unwrap_or_default()),
        _ => None,
    }
}

/// The largest one for a number that is too large (RFC 9111 section 1.2.2).
fn delta_seconds(text: &[u8]) -> Option<u64> {
    let text = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    digits.then(|| std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
