//! Query parameters (`application/x-www-form-urlencoded`, WHATWG URL section 5.1).

use std::borrow::Cow;

/// The decoded values of every parameter called `name` in a path with its query.
pub(super) fn values<'a>(path: &'a [u8], name: &str) -> impl Iterator<Item = Cow<'a, [u8]>> {
    let query = path.iter().position(|byte| *byte == b'?').and_then(|mark| path.get(mark + 1..)).unwrap_or_default();
    query.split(|byte| *byte == b'&').filter_map(move |pair| {
        let (key, value) = split(pair, b'=');
        (decoded(key).as_ref() == name.as_bytes()).then(|| decoded(value))
    })
}

/// The path without those parameters; the others stay as they are written, byte for byte.
pub(super) fn without(path: &[u8], name: &str) -> Vec<u8> {
    let (bare, query) = split(path, b'?');
    let kept: Vec<&[u8]> =
        query.split(|byte| *byte == b'&').filter(|pair| decoded(split(pair, b'=').0).as_ref() != name.as_bytes()).collect();
    if !path.contains(&b'?') || kept.is_empty() { bare.to_vec() } else { [bare, b"?", &kept.join(&b'&')].concat() }
}

fn split(pair: &[u8], at: u8) -> (&[u8], &[u8]) {
    let end = pair.iter().position(|byte| *byte == at).unwrap_or(pair.len());
    let (key, rest) = pair.split_at(end);
    (key, rest.get(1..).unwrap_or_default())
}

fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match (first, escape(tail)) {
            (b'%', Some((byte, behind))) => {
                bytes.push(byte);
                rest = behind;
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    Cow::Owned(bytes)
}

/// The byte of the two hexadecimal digits at the beginning, and what follows them.
fn escape(text: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, behind) = text.split_at_checked(2)?;
    let hex = |digit: &u8| char::from(*digit).to_digit(16);
    let [high, low] = digits else { return None };
    Some((u8::try_from(hex(high)? * 16 + hex(low)?).ok()?, behind))
}
