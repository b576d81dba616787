//! What is remembered of tokens: at most so many entries, whatever clients send.

use std::collections::BTreeMap;

use portcullis_filter::is_same;

/// The longest token that is remembered, in bytes: a thousand of them stay within a few megabytes.
const TOKEN_MAX: usize = 4 * 1024;

/// Values by token and provider. Two halves: what is asked for moves to the young one; when that is full, the old one is dropped.
#[derive(Debug)]
pub(crate) struct Cache<V> {
    half: usize,
    young: Half<V>,
    old: Half<V>,
}

/// By the token's place, then by the whole token: an ordered map has no hash that a client could aim at.
#[derive(Debug)]
struct Half<V> {
    // INVARIANT: no inner map is empty.
    values: BTreeMap<Place, BTreeMap<Box<[u8]>, V>>,
    len: usize,
}

/// The token's last bytes, and the provider's number: signatures differ there, while the tokens of one issuer begin alike and
/// would be compared at length.
type Place = (u64, usize);

fn place(provider: usize, token: &[u8]) -> Place {
    (token.last_chunk().map_or(0, |end| u64::from_be_bytes(*end)), provider)
}

impl<V: Clone> Cache<V> {
    /// For at most `max_entries` values (one more where that is odd); none at all for 0.
    pub(crate) fn new(max_entries: usize) -> Self {
        Self { half: max_entries.div_ceil(2), young: Half::default(), old: Half::default() }
    }

    /// What is remembered of the token.
    pub(crate) fn get(&mut self, provider: usize, token: &[u8]) -> Option<V> {
        if let Some(value) = self.young.get(provider, token) {
            return Some(value.clone());
        }
        let value = self.old.remove(provider, token)?;
        self.put(provider, token, value.clone());
        Some(value)
    }

    /// What is remembered of the token for whichever provider.
    pub(crate) fn get_any(&self, token: &[u8]) -> Option<&V> {
        self.young.get_any(token).or_else(|| self.old.get_any(token))
    }

    /// Remembers `value`.
    pub(crate) fn put(&mut self, provider: usize, token: &[u8], value: V) {
        if self.half == 0 || token.len() > TOKEN_MAX {
            return;
        }
        self.old.remove(provider, token);
        if self.young.len >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(provider, token, value);
    }

    /// Forgets the token.
    pub(crate) fn forget(&mut self, provider: usize, token: &[u8]) {
        self.young.remove(provider, token);
        self.old.remove(provider, token);
    }
}

impl<V> Default for Half<V> {
    fn default() -> Self {
        Self { values: BTreeMap::new(), len: 0 }
    }
}

impl<V> Half<V> {
    fn get(&self, provider: usize, token: &[u8]) -> Option<&V> {
        of_token(self.values.get(&place(provider, token))?, token)
    }

    fn get_any(&self, token: &[u8]) -> Option<&V> {
        let every_provider = place(usize::MIN, token)..=place(usize::MAX, token);
        self.values.range(every_provider).find_map(|(_, same_end)| of_token(same_end, token))
    }

    fn insert(&mut self, provider: usize, token: &[u8], value: V) {
        let replaced = self.values.entry(place(provider, token)).or_default().insert(Box::from(token), value);
        self.len += usize::from(replaced.is_none());
    }

    fn remove(&mut self, provider: usize, token: &[u8]) -> Option<V> {
        let place = place(provider, token);
        let same_end = self.values.get_mut(&place)?;
        let removed = same_end.remove(token)?;
        if same_end.is_empty() {
            self.values.remove(&place);
        }
        self.len -= 1;
        Some(removed)
    }
}

fn of_token<'m, V>(same_end: &'m BTreeMap<Box<[u8]>, V>, token: &[u8]) -> Option<&'m V> {
    match same_end.first_key_value() {
        Some((known, value)) if same_end.len() == 1 => is_same(known, token).then_some(value),
        _ => same_end.get(token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(cache: &Cache<usize>) -> usize {
        cache.young.len + cache.old.len
    }

    #[test]
    fn never_holds_more_than_it_may() {
        for max in [0, 1, 2, 10] {
            let mut cache = Cache::new(max);
            for number in 0..1_000_usize {
                cache.put(0, &number.to_be_bytes(), number);
                assert!(remembered(&cache) <= max.next_multiple_of(2), "{max}");
            }
        }
    }

    #[test]
    fn what_is_asked_for_stays() {
        let mut cache = Cache::new(10);
        cache.put(0, b"kept", 7);
        for number in 0..1_000_usize {
            cache.put(0, &number.to_be_bytes(), number);
            assert_eq!(cache.get(0, b"kept"), Some(7));
        }
    }

    #[test]
    fn providers_do_not_share() {
        let mut cache = Cache::new(10);
        cache.put(0, b"token", 1);
        assert_eq!(cache.get(1, b"token"), None);
        assert_eq!(cache.get(0, b"token"), Some(1));
        assert_eq!((cache.get_any(b"token"), cache.get_any(b"other token")), (Some(&1), None));
        cache.forget(0, b"token");
        assert_eq!((cache.get(0, b"token"), cache.get_any(b"token")), (None, None));
    }

    #[test]
    fn tokens_that_end_alike_are_told_apart() {
        let mut cache = Cache::new(10);
        cache.put(0, b"one.signature", 1);
        cache.put(0, b"two.signature", 2);
        cache.forget(0, b"one.signature");
        assert_eq!((cache.get(0, b"one.signature"), cache.get(0, b"two.signature")), (None, Some(2)));
        cache.forget(0, b"two.signature");
        assert!(cache.young.values.is_empty() && cache.old.values.is_empty());
    }

    #[test]
    fn a_huge_token_is_not_kept() {
        let mut cache = Cache::new(10);
        cache.put(0, &[b'x'; TOKEN_MAX + 1], 1);
        assert_eq!(remembered(&cache), 0);
    }
}
