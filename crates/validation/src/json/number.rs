//! A number (RFC 8259 section 6) on its way in.

use super::JsonProblem;

/// A number, as far as it has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    /// How long it is so far.
    pub(super) bytes: u64,
    part: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    E,
    ESign,
    Exponent,
}

impl Number {
    /// After its first byte, which is a minus or a digit.
    pub(super) fn beginning(byte: u8) -> Self {
        let part = match byte {
            b'-' => Part::Minus,
            b'0' => Part::Zero,
            _ => Part::Whole,
        };
        Self { bytes: 1, part }
    }

    /// Whether it may end here.
    pub(super) fn is_complete(self) -> bool {
        matches!(self.part, Part::Zero | Part::Whole | Part::Fraction | Part::Exponent)
    }

    /// Takes what belongs to it off `rest`; whether more may follow.
    pub(super) fn step(&mut self, rest: &mut &[u8]) -> Result<bool, JsonProblem> {
        loop {
            if matches!(self.part, Part::Whole | Part::Fraction | Part::Exponent) {
                self.skip_digits(rest);
            }
            let [byte, tail @ ..] = *rest else { return Ok(true) };
            let Some(part) = self.after(*byte) else {
                return if self.is_complete() { Ok(false) } else { Err(JsonProblem::Number) };
            };
            self.part = part;
            self.bytes = self.bytes.saturating_add(1);
            *rest = tail;
        }
    }

    fn skip_digits(&mut self, rest: &mut &[u8]) {
        let before = rest.len();
        while let [b'0'..=b'9', tail @ ..] = rest {
            *rest = tail;
        }
        self.bytes = self.bytes.saturating_add((before - rest.len()) as u64);
    }

    fn after(self, byte: u8) -> Option<Part> {
        Some(match (self.part, byte) {
            (Part::Whole, b'0'..=b'9') | (Part::Minus, b'1'..=b'9') => Part::Whole,
            (Part::Minus, b'0') => Part::Zero,
            (Part::Zero | Part::Whole, b'.') => Part::Point,
            (Part::Point | Part::Fraction, b'0'..=b'9') => Part::Fraction,
            (Part::Zero | Part::Whole | Part::Fraction, b'e' | b'E') => Part::E,
            (Part::E, b'+' | b'-') => Part::ESign,
            (Part::E | Part::ESign | Part::Exponent, b'0'..=b'9') => Part::Exponent,
            _ => return None,
        })
    }
}
