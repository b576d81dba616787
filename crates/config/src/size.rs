//! Sizes: `64KiB`, `1MiB`, `512B`, `10KB`.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::{Scalar, expected, impl_scalar};

/// A number of bytes: a whole number and one unit of B, KB, MB, GB (powers of 1000), KiB, MiB, GiB (powers of 1024).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ByteSize(u64);

impl ByteSize {
    /// So many bytes.
    #[must_use]
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The number of bytes.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number of bytes as an index; the largest one where it does not fit.
    #[must_use]
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

const UNITS: [(&str, u64); 7] =
    [("B", 1), ("KB", 1_000), ("KiB", 1 << 10), ("MB", 1_000_000), ("MiB", 1 << 20), ("GB", 1_000_000_000), ("GiB", 1 << 30)];

impl Scalar for ByteSize {
    const EXPECTED: &'static str = "a size such as \"64KiB\"";
    const PATTERN: &'static str = "^[0-9]+(B|KB|MB|GB|KiB|MiB|GiB)$";
    const NAME: &'static str = "ByteSize";

    fn parse(text: &str) -> Result<Self, String> {
        bytes(text).map(Self).ok_or_else(|| expected::<Self>(text))
    }
}

impl_scalar!(ByteSize);

/// As it would stand in a configuration, in the largest unit that divides it.
impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, size) = UNITS.iter().rev().find(|(_, size)| self.0 > 0 && self.0.is_multiple_of(*size)).unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / size)
    }
}

/// The same: a default in a JSON Schema.
impl Serialize for ByteSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
    let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<u64> {
        ByteSize::parse(text).ok().map(ByteSize::get)
    }

    #[test]
    fn reads_every_unit() {
        assert_eq!(parsed("0B"), Some(0));
        assert_eq!(parsed("512B"), Some(512));
        assert_eq!(parsed("10KB"), Some(10_000));
        assert_eq!(parsed("64KiB"), Some(65_536));
        assert_eq!(parsed("1MB"), Some(1_000_000));
        assert_eq!(parsed("1MiB"), Some(1_048_576));
        assert_eq!(parsed("1GB"), Some(1_000_000_000));
        assert_eq!(parsed("2GiB"), Some(2_147_483_648));
    }

    #[test]
    fn refuses_everything_else() {
        for text in
            ["", "512", "B", "1.5MiB", "-1B", "+1B", "1 B", "1b", "1kib", "1K", "1TiB", "18446744073709551616B", "17179869184GiB"]
        {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }

    #[test]
    fn prints_what_it_reads() {
        for text in ["0B", "1B", "10KB", "64KiB", "3MiB", "1GiB"] {
            assert_eq!(ByteSize::parse(text).unwrap().to_string(), text);
        }
    }
}
