//! The data that the workers of one proxy share.

use std::collections::HashMap;

use super::Status;

/// Keys and values with compare-and-swap numbers. As in Envoy, no key is ever deleted.
#[derive(Debug)]
pub struct SharedData {
    values: HashMap<Vec<u8>, (Vec<u8>, u32)>,
    next_cas: u32,
}

impl Default for SharedData {
    fn default() -> Self {
        Self { values: HashMap::new(), next_cas: 1 }
    }
}

impl SharedData {
    /// The value under `key`, if it was ever set.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&[u8]> {
        self.get(key.as_bytes()).map(|(value, _)| value)
    }

    /// Sets the value under `key`, whatever it was.
    pub fn replace(&mut self, key: &str, value: &[u8]) {
        // Without a number to compare, setting cannot fail.
        let _ = self.set(key.as_bytes(), value, 0);
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether nothing was ever set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(crate) fn get(&self, key: &[u8]) -> Option<(&[u8], u32)> {
        self.values.get(key).map(|(value, cas)| (value.as_slice(), *cas))
    }

    /// `cas` 0 compares nothing, and where there is no value nothing is compared either.
    pub(crate) fn set(&mut self, key: &[u8], value: &[u8], cas: u32) -> Result<(), Status> {
        if let Some((_, current)) = self.values.get(key)
            && cas != 0
            && cas != *current
        {
            return Err(Status::CasMismatch);
        }
        self.values.insert(key.to_vec(), (value.to_vec(), self.next_cas));
        self.next_cas = self.next_cas.checked_add(1).unwrap_or(1);
        Ok(())
    }
}
