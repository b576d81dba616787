//! The keys of the objects that are open, to find one that comes twice.

use std::collections::BTreeSet;

/// So many keys of an object are compared one by one; more are kept in order.
const FEW: usize = 16;

/// The keys of all open objects. What an object has is dropped when it ends.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Their bytes, one after the other, and those of the key that is being read.
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// A key among few: its digest, and where its bytes end.
#[derive(Debug, Clone, Copy)]
struct Entry {
    digest: u32,
    end: usize,
}

/// Which keys are those of one object.
#[derive(Debug)]
pub(super) struct Seen {
    /// The object's first entry, and the first byte of its keys.
    first: usize,
    start: usize,
    /// All of its keys, once they are many. The digest comes first: keys that begin alike are told apart by it, and whoever makes
    /// digests collide gains a comparison of keys, not a search through all.
    many: BTreeSet<(u32, Box<[u8]>)>,
}

impl Keys {
    /// An object begins.
    pub(super) fn begin_object(&self) -> Seen {
        Seen { first: self.entries.len(), start: self.bytes.len(), many: BTreeSet::new() }
    }

    /// It ends, and no object within it is open.
    pub(super) fn end_object(&mut self, seen: Seen) {
        self.entries.truncate(seen.first);
        self.bytes.truncate(seen.start);
    }

    /// A key begins.
    pub(super) fn begin(&mut self) {
        let end = self.end_of_last();
        self.bytes.truncate(end);
    }

    /// More of the key, its escapes resolved.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
    }

    /// The key is complete; whether it is new among those `seen`.
    pub(super) fn end(&mut self, seen: &mut Seen) -> bool {
        let start = self.end_of_last();
        let key = self.bytes.get(start..).unwrap_or_default();
        let digest = digest(key);
        if !seen.many.is_empty() {
            let new = seen.many.insert((digest, key.into()));
            self.bytes.truncate(start);
            return new;
        }
        let new = self.of(seen).all(|(other, bytes)| other != digest || bytes != key);
        self.entries.push(Entry { digest, end: self.bytes.len() });
        if self.entries.len().saturating_sub(seen.first) > FEW {
            seen.many = self.of(seen).map(|(digest, key)| (digest, key.into())).collect();
            self.entries.truncate(seen.first);
            self.bytes.truncate(seen.start);
        }
        new
    }

    /// About how much it holds, in bytes.
    pub(super) fn memory(&self) -> usize {
        self.bytes.capacity() + self.entries.capacity() * size_of::<Entry>()
    }

    fn end_of_last(&self) -> usize {
        self.entries.last().map_or(0, |entry| entry.end)
    }

    /// The keys of one object while they are few.
    fn of(&self, seen: &Seen) -> impl Iterator<Item = (u32, &[u8])> {
        let entries = self.entries.get(seen.first..).unwrap_or_default();
        let starts = std::iter::once(seen.start).chain(entries.iter().map(|entry| entry.end));
        starts.zip(entries).map(|(start, entry)| (entry.digest, self.bytes.get(start..entry.end).unwrap_or_default()))
    }
}

impl Seen {
    /// About how much it holds, in bytes.
    pub(super) fn memory(&self) -> usize {
        self.many.iter().map(|(_, key)| key.len() + 2 * size_of::<(u32, Box<[u8]>)>()).sum()
    }
}

/// Tells most keys apart; nothing rests on it.
fn digest(key: &[u8]) -> u32 {
    let (words, tail) = key.as_chunks::<4>();
    let mix = |digest: u32, word: u32| (digest ^ word).wrapping_mul(0x9e37_79b1).rotate_left(15);
    let digest =
        words.iter().fold(u32::try_from(key.len()).unwrap_or(u32::MAX), |digest, word| mix(digest, u32::from_le_bytes(*word)));
    tail.iter().fold(digest, |digest, byte| mix(digest, u32::from(*byte)))
}
