//! Header lines, serialized.

/// Pairs as the ABI wants them; the reverse of `HeaderBlock::parse`.
pub(crate) fn serialize(pairs: &[(impl AsRef<[u8]>, impl AsRef<[u8]>)]) -> Vec<u8> {
    let size = pairs.iter().map(|(name, value)| name.as_ref().len() + value.as_ref().len() + 10).sum::<usize>() + 4;
    let mut bytes = Vec::with_capacity(size);
    push_length(&mut bytes, pairs.len());
    for (name, value) in pairs {
        push_length(&mut bytes, name.as_ref().len());
        push_length(&mut bytes, value.as_ref().len());
    }
    for (name, value) in pairs {
        for piece in [name.as_ref(), value.as_ref()] {
            bytes.extend_from_slice(piece);
            bytes.push(0);
        }
    }
    bytes
}

fn push_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend_from_slice(&(length as u32).to_le_bytes());
}
