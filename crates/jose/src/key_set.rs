//! Key sets: a JWKS (RFC 7517 section 5), indexed by `kid`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::error::{KeyError, KeySetError};
use crate::json;
use crate::key::Key;

/// The longest document that is read, in bytes.
pub const MAX_KEY_SET_BYTES: usize = 1024 * 1024;

/// How many keys of a document are considered.
pub const MAX_KEYS: usize = 1000;

/// How many keys are tried on one token: it bounds what a token without `kid` can cost.
pub const MAX_CANDIDATES: usize = 4;

/// Whether a set may hold `oct` keys: only one that the operator wrote and that no one else can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymmetricKeys {
    /// An `oct` key is left out.
    Refuse,
    /// An `oct` key is taken, for HS* alone.
    Accept,
}

/// Keys to verify tokens with; at least one.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Key>,
    /// A tree and not a hash map: that would import randomness from the host.
    by_id: BTreeMap<String, Vec<usize>>,
    without_id: Vec<usize>,
}

/// What became of a document.
#[derive(Debug)]
pub struct ParsedKeySet {
    /// The usable keys.
    pub keys: KeySet,
    /// The index of every other key, and what is wrong with it.
    pub skipped: Vec<(usize, KeyError)>,
}

impl KeySet {
    /// Reads a JWKS. Keys that cannot be used are skipped, so that one of them does not take the others down.
    ///
    /// # Errors
    /// When the document is too long, is no object with an array `keys`, or has no usable key.
    pub fn parse(jwks: &[u8], symmetric: SymmetricKeys) -> Result<ParsedKeySet, KeySetError> {
        if jwks.len() > MAX_KEY_SET_BYTES {
            return Err(KeySetError::TooLong);
        }
        let document = json::object(jwks).ok_or(KeySetError::Json)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(KeySetError::Keys)?;
        Self::from_keys(keys, symmetric)
    }

    /// The same for a document that was parsed already, strictly.
    ///
    /// # Errors
    /// When it is no object with an array `keys`, or has no usable key.
    pub fn from_value(jwks: &Value, symmetric: SymmetricKeys) -> Result<ParsedKeySet, KeySetError> {
        let document = jwks.as_object().ok_or(KeySetError::Json)?;
        let keys = document.get("keys").and_then(Value::as_array).ok_or(KeySetError::Keys)?;
        Self::from_keys(keys, symmetric)
    }

    fn from_keys(jwks: &[Value], symmetric: SymmetricKeys) -> Result<ParsedKeySet, KeySetError> {
        let (mut keys, mut skipped) = (Vec::new(), Vec::new());
        for (index, jwk) in jwks.iter().enumerate().take(MAX_KEYS) {
            match Key::parse(jwk, symmetric) {
                Ok(key) => keys.push(key),
                Err(error) => skipped.push((index, error)),
            }
        }
        if jwks.len() > MAX_KEYS {
            skipped.push((MAX_KEYS, KeyError::BeyondLimit));
        }
        if keys.is_empty() {
            return Err(KeySetError::NoUsableKey { skipped });
        }
        Ok(ParsedKeySet { keys: Self::index(keys), skipped })
    }

    fn index(keys: Vec<Key>) -> Self {
        let (mut by_id, mut without_id) = (BTreeMap::<String, Vec<usize>>::new(), Vec::new());
        for (index, key) in keys.iter().enumerate() {
            match key.id() {
                Some(id) => by_id.entry(id.to_owned()).or_default().push(index),
                None => without_id.push(index),
            }
        }
        Self { keys, by_id, without_id }
    }

    /// How many keys there are.
    #[expect(clippy::len_without_is_empty, reason = "a set is never empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The keys to try on a token, at most [`MAX_CANDIDATES`]: those of its `kid`, then those without one (as Envoy does); any
    /// fitting key for a token without `kid`.
    pub(crate) fn candidates(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&Key> {
        let fits = |key: &&Key| key.fits(algorithm);
        let Some(id) = id else { return self.keys.iter().filter(fits).take(MAX_CANDIDATES).collect() };
        let named = self.by_id.get(id).into_iter().flatten();
        let keys = named.chain(&self.without_id).filter_map(|index| self.keys.get(*index));
        keys.filter(fits).take(MAX_CANDIDATES).collect()
    }
}

#[cfg(test)]
mod tests;
