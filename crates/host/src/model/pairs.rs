//! Header maps on their way in and out of a VM.

use super::HeaderList;
use crate::exchange::HeaderLines;

/// Envoy reads no more pairs than this from a VM.
const MAX_PAIRS: usize = 1024;

/// Envoy reads no more bytes of pairs than this from a VM.
const MAX_BYTES: usize = 1 << 20;

/// `u32 count`, `count` times `u32 name length, u32 value length`, then each name and value, followed by NUL.
pub(crate) fn encode_pairs(headers: &HeaderList) -> Vec<u8> {
    if headers.len() == 0 {
        return Vec::new();
    }
    let mut bytes = length(headers.len()).to_vec();
    for (name, value) in headers.lines() {
        bytes.extend(length(name.len()));
        bytes.extend(length(value.len()));
    }
    for (name, value) in headers.lines() {
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(value);
        bytes.push(0);
    }
    bytes
}

/// The inverse. As in Envoy, too many pairs, too many bytes or a malformed block are silently no pairs at all.
pub(crate) fn decode_pairs(bytes: &[u8]) -> HeaderLines {
    if bytes.len() > MAX_BYTES { Vec::new() } else { decode(bytes).unwrap_or_default() }
}

fn decode(bytes: &[u8]) -> Option<HeaderLines> {
    let count = number(bytes, 0)?;
    if count > MAX_PAIRS {
        return None;
    }
    let mut data = bytes.get(4 + 8 * count..)?;
    let mut lines = Vec::with_capacity(count);
    for sizes in (0..count).map(|index| 4 + 8 * index) {
        let name = piece(&mut data, number(bytes, sizes)?)?;
        let value = piece(&mut data, number(bytes, sizes + 4)?)?;
        lines.push((name, value));
    }
    Some(lines)
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize)
}

fn piece(data: &mut &[u8], length: usize) -> Option<Vec<u8>> {
    let (piece, rest) = data.split_at_checked(length)?;
    *data = rest.get(1..)?;
    Some(piece.to_vec())
}

#[cfg(test)]
mod tests;
