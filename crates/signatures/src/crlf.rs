//! A line of its own in a header: what an upstream that copies a value into one would send.

use crate::bytes::{contains_any, from, is_space, trim, until};
use crate::{Place, Seen};

/// Fields that an attacker adds to a response, or to the request behind it.
const FIELDS: [&[u8]; 14] = [
    b"cache-control",
    b"connection",
    b"content-length",
    b"content-type",
    b"cookie",
    b"host",
    b"location",
    b"refresh",
    b"remote-addr",
    b"set-cookie",
    b"set-cookie2",
    b"transfer-encoding",
    b"upgrade",
    b"www-authenticate",
];

/// Whether it is there.
pub(crate) fn is_in(seen: Seen<'_>) -> bool {
    if !seen.shape.has_lines() {
        return false;
    }
    let ends = memchr::memchr2_iter(b'\r', b'\n', seen.value);
    match seen.place {
        Place::Name | Place::Header => ends.count() > 0,
        Place::Value => ends.into_iter().any(|end| begins_field(from(seen.value, end + 1))),
    }
}

fn begins_field(line: &[u8]) -> bool {
    let line = trim(line);
    let name = until(line, line.iter().take(32).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count());
    let after = from(line, name.len());
    let after = from(after, after.iter().take(8).take_while(|byte| is_space(**byte)).count());
    let known = FIELDS.contains(&name) || name.starts_with(b"access-control-") || name.starts_with(b"x-forwarded-");
    (known && after.first() == Some(&b':')) || contains_any(until(line, 16), &[b"http/1.", b"http/2 "])
}
