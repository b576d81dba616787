//! Header maps as the host hands them over: one serialized block, indexed once, never copied.

use std::fmt;
use std::ops::Range;

/// All headers of one map, in order, names in lower case, values as bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderBlock {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: Range<usize>,
    value: Range<usize>,
}

/// The host's serialized pairs contradict themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedHeaders;

impl fmt::Display for MalformedHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malformed header map")
    }
}

impl std::error::Error for MalformedHeaders {}

impl HeaderBlock {
    /// Indexes a serialized map (proxy-wasm ABI 0.2.1): `u32 count`, `count` times `u32 name length, u32 value length`, then
    /// the bytes of each name and value, each followed by NUL; integers little-endian.
    ///
    /// # Errors
    /// When a length points outside `bytes`.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, MalformedHeaders> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let count = length(&bytes, 0)?;
        let mut data = 8usize.checked_mul(count).and_then(|sizes| sizes.checked_add(4)).ok_or(MalformedHeaders)?;
        if data > bytes.len() {
            return Err(MalformedHeaders);
        }
        let mut entries = Vec::with_capacity(count);
        for sizes in (4..data).step_by(8) {
            let name = piece(&mut data, length(&bytes, sizes)?)?;
            let value = piece(&mut data, length(&bytes, sizes + 4)?)?;
            entries.push(Entry { name, value });
        }
        if data > bytes.len() {
            return Err(MalformedHeaders);
        }
        Ok(Self { bytes, entries })
    }

    /// A block of these pairs.
    pub fn from_pairs<N: AsRef<[u8]>, V: AsRef<[u8]>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut block = Self::default();
        for (name, value) in pairs {
            let name = block.append(name.as_ref());
            let value = block.append(value.as_ref());
            block.entries.push(Entry { name, value });
        }
        block
    }

    fn append(&mut self, piece: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(piece);
        start..self.bytes.len()
    }

    /// Every header, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.entries.iter().map(|entry| (self.slice(&entry.name), self.slice(&entry.value)))
    }

    /// The values of every header called `name` (lower case), in order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        // Most names differ in length: those bytes are not looked at.
        let same_length = self.entries.iter().filter(move |entry| entry.name.len() == name.len());
        same_length.filter(move |entry| self.slice(&entry.name) == name.as_bytes()).map(|entry| self.slice(&entry.value))
    }

    /// The value of `name` where exactly one line has it; `None` when it is absent or repeated.
    #[must_use]
    pub fn only(&self, name: &str) -> Option<&[u8]> {
        let mut values = self.all(name);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// How many header lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no header at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

fn length(bytes: &[u8], at: usize) -> Result<usize, MalformedHeaders> {
    let field = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>).ok_or(MalformedHeaders)?;
    Ok(u32::from_le_bytes(*field) as usize)
}

fn piece(cursor: &mut usize, length: usize) -> Result<Range<usize>, MalformedHeaders> {
    let start = *cursor;
    let end = start.checked_add(length).ok_or(MalformedHeaders)?;
    *cursor = end.checked_add(1).ok_or(MalformedHeaders)?;
    Ok(start..end)
}

#[cfg(test)]
mod tests;
