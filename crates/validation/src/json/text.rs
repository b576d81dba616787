//! A string (RFC 8259 section 7) on its way in: a value, or a key.

use super::keys::Keys;
use super::{JsonProblem, scan};
use crate::utf8::Utf8;

/// A string, as far as it has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    /// Whether it is a key.
    pub(super) is_key: bool,
    /// How long it is so far: bytes in UTF-8, escapes resolved.
    pub(super) bytes: u64,
    part: Part,
}

/// What came last.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// A whole character.
    Plain,
    /// Some bytes of a character.
    Character(Utf8),
    /// A backslash.
    Backslash,
    /// `\u` and some digits of it; after the first half of a surrogate pair, with that half.
    Unicode { high: Option<u16>, digits: u8, value: u16 },
    /// The first half of a surrogate pair.
    High(u16),
    /// The backslash after it.
    HighBackslash(u16),
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// More is to come.
    More,
    /// The closing quotation mark.
    End,
}

impl Text {
    pub(super) const fn value() -> Self {
        Self { is_key: false, bytes: 0, part: Part::Plain }
    }

    pub(super) const fn key() -> Self {
        Self { is_key: true, bytes: 0, part: Part::Plain }
    }

    /// Takes a run, or one byte, off `rest`; what it says goes to `keys`.
    pub(super) fn step(&mut self, rest: &mut &[u8], mut keys: Option<&mut Keys>) -> Result<Step, JsonProblem> {
        if matches!(self.part, Part::Plain) {
            let (run, tail) = rest.split_at_checked(scan::plain(rest)).unwrap_or_default();
            self.say(run, keys.as_deref_mut());
            *rest = tail;
        }
        let [byte, tail @ ..] = rest else { return Ok(Step::More) };
        if matches!(self.part, Part::Plain) && *byte == b'"' {
            *rest = tail;
            return Ok(Step::End);
        }
        self.part = self.after(*byte, keys)?;
        *rest = tail;
        Ok(Step::More)
    }

    fn after(&mut self, byte: u8, keys: Option<&mut Keys>) -> Result<Part, JsonProblem> {
        match (self.part, byte) {
            (Part::Plain, b'\\') => Ok(Part::Backslash),
            (Part::Plain, 0..0x20) => Err(JsonProblem::ControlCharacter),
            (Part::Plain, _) => self.character(Utf8::default(), byte, keys),
            (Part::Character(utf8), _) => self.character(utf8, byte, keys),
            (Part::Backslash, b'u') => Ok(Part::Unicode { high: None, digits: 0, value: 0 }),
            (Part::Backslash, _) => {
                self.say(&[escaped(byte).ok_or(JsonProblem::Escape)?], keys);
                Ok(Part::Plain)
            }
            (Part::Unicode { high, digits, value }, _) => {
                let digit = char::from(byte).to_digit(16).and_then(|digit| u16::try_from(digit).ok());
                let value = value << 4 | digit.ok_or(JsonProblem::Escape)?;
                if digits < 3 { Ok(Part::Unicode { high, digits: digits + 1, value }) } else { self.unit(high, value, keys) }
            }
            (Part::High(high), b'\\') => Ok(Part::HighBackslash(high)),
            (Part::HighBackslash(high), b'u') => Ok(Part::Unicode { high: Some(high), digits: 0, value: 0 }),
            (Part::High(_) | Part::HighBackslash(_), _) => Err(JsonProblem::LoneSurrogate),
        }
    }

    /// A byte of a character that is not ASCII.
    fn character(&mut self, mut utf8: Utf8, byte: u8, keys: Option<&mut Keys>) -> Result<Part, JsonProblem> {
        utf8.push(byte).map_err(|_| JsonProblem::Utf8)?;
        self.say(&[byte], keys);
        Ok(if utf8.is_complete() { Part::Plain } else { Part::Character(utf8) })
    }

    /// A complete `\u` escape, which may be half a character.
    fn unit(&mut self, high: Option<u16>, unit: u16, keys: Option<&mut Keys>) -> Result<Part, JsonProblem> {
        if high.is_none() && (0xd800..0xdc00).contains(&unit) {
            return Ok(Part::High(unit));
        }
        let mut decoded = char::decode_utf16(high.into_iter().chain([unit]));
        let (Some(Ok(character)), None) = (decoded.next(), decoded.next()) else { return Err(JsonProblem::LoneSurrogate) };
        self.say(character.encode_utf8(&mut [0; 4]).as_bytes(), keys);
        Ok(Part::Plain)
    }

    fn say(&mut self, bytes: &[u8], keys: Option<&mut Keys>) {
        self.bytes = self.bytes.saturating_add(super::length(bytes));
        if let Some(keys) = keys {
            keys.push(bytes);
        }
    }
}

/// What `\` and this byte stand for.
const fn escaped(byte: u8) -> Option<u8> {
    Some(match byte {
        b'"' | b'\\' | b'/' => byte,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}
