//! Where a key's state is kept: by a keyed hash, so that nobody can aim at somebody else's place.

use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128 as _, SipHasher24};

/// The secret of a proxy, which all its workers share.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HashKey([u8; Self::SIZE]);

/// The place of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The number of its slot.
    pub slot: u32,
    /// What tells it from the other keys of the slot: 64 bits that nothing else depends on.
    pub fingerprint: u64,
}

impl HashKey {
    /// Its size, in bytes.
    pub const SIZE: usize = 16;

    /// From random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; Self::SIZE]) -> Self {
        Self(bytes)
    }

    /// The key as a store keeps it.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::SIZE] {
        &self.0
    }

    /// The place, among `slots` of them, of the key that these parts make together; without any part, of the one key that is nobody's.
    #[must_use]
    pub fn place<'a>(&self, parts: impl IntoIterator<Item = &'a str>, slots: u32) -> Place {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        for part in parts {
            // With its length, so that two lists of parts never read the same.
            hasher.write(&(part.len() as u64).to_le_bytes());
            hasher.write(part.as_bytes());
        }
        let hash = hasher.finish128();
        // The upper half of the product: less than `slots`.
        let slot = (u128::from(hash.h1) * u128::from(slots)) >> u64::BITS;
        Place { slot: u32::try_from(slot).unwrap_or_default(), fingerprint: hash.h2 }
    }
}

/// Nothing of the secret.
impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const KEY: HashKey = HashKey::new([7; HashKey::SIZE]);

    #[test]
    fn parts_are_told_apart() {
        let lists: [&[&str]; 7] = [&[], &[""], &["", ""], &["ab"], &["a", "b"], &["", "ab"], &["ab", ""]];
        let places: BTreeSet<u64> = lists.iter().map(|list| KEY.place(list.iter().copied(), 1).fingerprint).collect();
        assert_eq!(places.len(), lists.len());
    }

    #[test]
    fn another_secret_is_another_place() {
        let place = |key: HashKey| key.place(["alice"], 1 << 20);
        assert_eq!(place(KEY), place(KEY));
        let (one, other) = (place(KEY), place(HashKey::new([8; HashKey::SIZE])));
        assert!(one.slot != other.slot && one.fingerprint != other.fingerprint);
    }

    #[test]
    fn every_slot_gets_its_share() {
        let mut counts = [0; 8];
        for number in 0..8_000 {
            counts[KEY.place([number.to_string().as_str()], 8).slot as usize] += 1;
        }
        assert!(counts.iter().all(|count| (850..1_150).contains(count)), "{counts:?}");
        assert_eq!(KEY.place(["alice"], 1).slot, 0);
    }
}
