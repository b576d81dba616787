//! How much JSON may be.

/// What a JSON text may hold at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonLimits {
    /// How deep objects and arrays nest; a scalar alone has depth 0.
    pub max_depth: u32,
    /// Entries of each object.
    pub max_entries: u64,
    /// Elements of each array.
    pub max_array: u64,
    /// Bytes of each key, in UTF-8, escapes resolved.
    pub max_key_bytes: u64,
    /// Bytes of each string, in UTF-8, escapes resolved.
    pub max_string_bytes: u64,
    /// Bytes of each number as it is written.
    pub max_number_bytes: u64,
    /// Values altogether, objects and arrays included.
    pub max_values: u64,
    /// What becomes of an object with the same key twice.
    pub duplicate_keys: DuplicateKeys,
}

/// What becomes of an object with the same key twice: parsers disagree about which of the two counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DuplicateKeys {
    /// It is refused.
    #[default]
    Reject,
    /// It is accepted.
    Allow,
}

impl JsonLimits {
    /// No limit at all, but that of the depth.
    #[must_use]
    pub const fn unlimited(max_depth: u32) -> Self {
        Self {
            max_depth,
            max_entries: u64::MAX,
            max_array: u64::MAX,
            max_key_bytes: u64::MAX,
            max_string_bytes: u64::MAX,
            max_number_bytes: u64::MAX,
            max_values: u64::MAX,
            duplicate_keys: DuplicateKeys::Reject,
        }
    }
}
