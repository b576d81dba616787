//! The paths that some upstream could take one `:path` for.

use std::collections::BTreeSet;

/// Every reading: raw, decoded once and twice, with either slash, without parameters, with dot segments resolved, slashes merged.
pub fn readings(path: &[u8]) -> BTreeSet<Vec<u8>> {
    let before = |separators: &[u8]| path.split(|byte| separators.contains(byte)).next().unwrap_or_default().to_vec();
    let mut all = BTreeSet::from([before(b"?"), before(b"?#")]);
    for step in [decoded, decoded, slashed, without_parameters, merged, resolved, truncated] {
        let more: Vec<_> = all.iter().map(|path| step(path)).collect();
        all.extend(more);
    }
    all
}

/// Whether `path` is `directory` or below it.
pub fn is_below(path: &[u8], directory: &str) -> bool {
    path.strip_prefix(directory.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// Percent-decoded once; what is no escape stays.
pub fn decoded(path: &[u8]) -> Vec<u8> {
    let digit = |at: usize| path.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let (mut out, mut at) = (Vec::new(), 0);
    while at < path.len() {
        match (path[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

fn slashed(path: &[u8]) -> Vec<u8> {
    path.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}

fn without_parameters(path: &[u8]) -> Vec<u8> {
    join(path.split(|byte| *byte == b'/').map(|name| name.split(|byte| *byte == b';').next().unwrap_or_default()))
}

fn merged(path: &[u8]) -> Vec<u8> {
    let mut out = path.to_vec();
    out.dedup_by(|next, before| *next == b'/' && *before == b'/');
    out
}

fn resolved(path: &[u8]) -> Vec<u8> {
    let mut names: Vec<&[u8]> = Vec::new();
    for name in path.split(|byte| *byte == b'/') {
        match name {
            b"." => {}
            b".." => {
                if names.len() > 1 {
                    names.pop();
                }
            }
            name => names.push(name),
        }
    }
    join(names.into_iter())
}

/// As C reads it.
fn truncated(path: &[u8]) -> Vec<u8> {
    path.split(|byte| *byte == 0).next().unwrap_or_default().to_vec()
}

fn join<'a>(names: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    names.collect::<Vec<_>>().join(&b'/')
}
