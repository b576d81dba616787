//! Documents of any size.

/// A JSON list of small objects, of exactly `size` bytes.
#[must_use]
pub fn json_list(size: usize) -> Vec<u8> {
    let mut text = b"[".to_vec();
    while text.len() + 64 < size {
        text.extend_from_slice(b"{\"id\":12345,\"name\":\"somebody\"},");
    }
    text.extend_from_slice(b"0");
    text.resize(size - 1, b' ');
    text.push(b']');
    text
}
