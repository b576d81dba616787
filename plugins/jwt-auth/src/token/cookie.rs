//! Cookies (RFC 6265 section 4.2.1).

/// The values of every cookie called `name` in one line.
pub(super) fn values<'a>(line: &'a [u8], name: &str) -> impl Iterator<Item = &'a [u8]> {
    pairs(line).filter(move |(key, _)| *key == name.as_bytes()).map(|(_, value)| unquoted(value))
}

/// All other cookies of all lines, as one line; `None` when there is none.
pub(super) fn without<'a>(lines: impl Iterator<Item = &'a [u8]>, names: &[&str]) -> Option<Vec<u8>> {
    let others: Vec<Vec<u8>> = lines
        .flat_map(pairs)
        .filter(|(key, _)| !names.iter().any(|name| *key == name.as_bytes()))
        .map(|(key, value)| if value.is_empty() { key.to_vec() } else { [key, b"=", value].concat() })
        .collect();
    (!others.is_empty()).then(|| others.join(&b"; "[..]))
}

fn pairs(line: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    line.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty()).map(|pair| {
        let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (key, value) = pair.split_at(end);
        (key.trim_ascii(), value.get(1..).unwrap_or_default().trim_ascii())
    })
}

fn unquoted(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(value)
}
