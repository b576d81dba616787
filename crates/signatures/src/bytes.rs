//! Reading bytes by their place.

use memchr::memmem;

/// The byte at `at`; NUL beyond the end.
pub(crate) fn at(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or_default()
}

/// What follows `at`.
pub(crate) fn from(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or_default()
}

/// What comes before `at`.
pub(crate) fn until(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(..at).unwrap_or(bytes)
}

/// Part of a word.
pub(crate) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// White space, in the wide sense of those who skip it.
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 9..=13)
}

/// How much white space is skipped at most: what is looked at from many places must be bounded.
const BLANKS_MAX: usize = 64;

/// Without white space at the front.
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    from(bytes, bytes.iter().take(BLANKS_MAX).take_while(|byte| is_space(**byte)).count())
}

/// The word at the front, as far as 64 bytes.
pub(crate) fn word(bytes: &[u8]) -> &[u8] {
    until(bytes, bytes.iter().take(64).take_while(|byte| is_word(**byte)).count())
}

/// Whether any of `needles` is somewhere.
pub(crate) fn contains_any(bytes: &[u8], needles: &[&[u8]]) -> bool {
    needles.iter().any(|needle| memmem::find(bytes, needle).is_some())
}

/// What comes before and what follows each `needle`.
pub(crate) fn around<'b>(bytes: &'b [u8], needle: &'b [u8]) -> impl Iterator<Item = (&'b [u8], &'b [u8])> {
    memmem::find_iter(bytes, needle).map(move |at| (until(bytes, at), from(bytes, at + needle.len())))
}

/// Whether no word ends here.
pub(crate) fn ends_no_word(before: &[u8]) -> bool {
    before.last().is_none_or(|byte| !is_word(*byte))
}
