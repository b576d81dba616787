//! Forms (`application/x-www-form-urlencoded`, WHATWG URL section 5.1) as they come. What two servers could read differently is
//! refused: a `;`, which some take for a separator, and a `%` without two digits.

use std::fmt;

/// How much a form may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormLimits {
    /// How many fields.
    pub max_fields: usize,
    /// Bytes of each name, decoded.
    pub max_name_bytes: usize,
    /// Bytes of each value, decoded.
    pub max_value_bytes: usize,
}

/// A form on its way in; its fields are kept, decoded.
#[derive(Debug)]
pub struct FormCheck {
    limits: FormLimits,
    fields: Vec<(String, Vec<u8>)>,
    /// The name that came, once its `=` has.
    name: Option<String>,
    /// What is being read: a name, or a value.
    part: Vec<u8>,
    escape: Escape,
    read: u64,
    failed: Option<FormFault>,
}

/// How much of a `%41` has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Percent,
    Digit(u8),
}

/// What is wrong, and after how many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormFault {
    /// What is wrong.
    pub problem: FormProblem,
    /// The bytes before the place.
    pub at: u64,
}

/// What can be wrong with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormProblem {
    /// A `%` without two digits.
    Escape,
    /// A semicolon.
    Semicolon,
    /// A name that is not UTF-8, or has a control character.
    Name,
    /// More fields than allowed.
    TooManyFields,
    /// A name of more bytes than allowed.
    NameTooLong,
    /// A value of more bytes than allowed.
    ValueTooLong,
}

impl FormCheck {
    /// Before the first byte.
    #[must_use]
    pub fn new(limits: FormLimits) -> Self {
        Self { limits, fields: Vec::new(), name: None, part: Vec::new(), escape: Escape::None, read: 0, failed: None }
    }

    /// Reads the next piece.
    ///
    /// # Errors
    /// When it has two readings or more than the limits allow. It then stays so.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), FormFault> {
        if let Some(fault) = self.failed {
            return Err(fault);
        }
        for byte in piece {
            self.byte(*byte).map_err(|problem| self.fail(problem))?;
            self.read = self.read.saturating_add(1);
        }
        Ok(())
    }

    /// The form is over: every field, in order, repeated ones too.
    ///
    /// # Errors
    /// When it ends within an escape, or its last field is wrong.
    pub fn finish(&mut self) -> Result<Vec<(String, Vec<u8>)>, FormFault> {
        if let Some(fault) = self.failed {
            return Err(fault);
        }
        self.end_field().map_err(|problem| self.fail(problem))?;
        Ok(std::mem::take(&mut self.fields))
    }

    fn fail(&mut self, problem: FormProblem) -> FormFault {
        let fault = FormFault { problem, at: self.read };
        self.failed = Some(fault);
        fault
    }

    fn byte(&mut self, byte: u8) -> Result<(), FormProblem> {
        match (self.escape, byte) {
            (Escape::None, b'&') => return self.end_field(),
            (Escape::None, b'=') if self.name.is_none() => self.name = Some(self.end_name()?),
            (Escape::None, b';') => return Err(FormProblem::Semicolon),
            (Escape::None, b'%') => self.escape = Escape::Percent,
            (Escape::None, b'+') => return self.say(b' '),
            (Escape::None, byte) => return self.say(byte),
            (Escape::Percent, _) => self.escape = Escape::Digit(digit(byte)?),
            (Escape::Digit(high), _) => {
                self.escape = Escape::None;
                return self.say(high << 4 | digit(byte)?);
            }
        }
        Ok(())
    }

    fn say(&mut self, byte: u8) -> Result<(), FormProblem> {
        let (max, problem) = match self.name {
            None => (self.limits.max_name_bytes, FormProblem::NameTooLong),
            Some(_) => (self.limits.max_value_bytes, FormProblem::ValueTooLong),
        };
        if self.part.len() >= max {
            return Err(problem);
        }
        self.part.push(byte);
        Ok(())
    }

    fn end_name(&mut self) -> Result<String, FormProblem> {
        let name = String::from_utf8(std::mem::take(&mut self.part)).map_err(|_| FormProblem::Name)?;
        if name.contains(char::is_control) { Err(FormProblem::Name) } else { Ok(name) }
    }

    /// A field without `=` is a name; nothing at all is no field.
    fn end_field(&mut self) -> Result<(), FormProblem> {
        if self.escape != Escape::None {
            return Err(FormProblem::Escape);
        }
        let field = match self.name.take() {
            Some(name) => (name, std::mem::take(&mut self.part)),
            None if self.part.is_empty() => return Ok(()),
            None => (self.end_name()?, Vec::new()),
        };
        if self.fields.len() >= self.limits.max_fields {
            return Err(FormProblem::TooManyFields);
        }
        self.fields.push(field);
        Ok(())
    }
}

fn digit(byte: u8) -> Result<u8, FormProblem> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).ok_or(FormProblem::Escape)
}

impl FormProblem {
    /// Whether it may be a form, and is more of it than the limits allow.
    #[must_use]
    pub const fn is_limit(self) -> bool {
        matches!(self, Self::TooManyFields | Self::NameTooLong | Self::ValueTooLong)
    }
}

impl fmt::Display for FormProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Escape => "a `%` without two digits",
            Self::Semicolon => "a semicolon, which some take for a separator",
            Self::Name => "a name that is not UTF-8, or has a control character",
            Self::TooManyFields => "too many fields",
            Self::NameTooLong => "a name that is too long",
            Self::ValueTooLong => "a value that is too long",
        })
    }
}

impl fmt::Display for FormFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.problem, self.at)
    }
}

impl std::error::Error for FormFault {}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: FormLimits = FormLimits { max_fields: 4, max_name_bytes: 8, max_value_bytes: 8 };

    fn fields(text: &str, piece: usize) -> Result<Vec<(String, Vec<u8>)>, FormProblem> {
        let mut form = FormCheck::new(LIMITS);
        let fed = text.as_bytes().chunks(piece).try_for_each(|piece| form.feed(piece));
        fed.and_then(|()| form.finish()).map_err(|fault| fault.problem)
    }

    #[test]
    fn reads_fields_however_they_are_cut() {
        for (text, expected) in [
            ("", &[][..]),
            ("a=1&b=x+y&c=%2541&%64=%C3%BC", &[("a", "1"), ("b", "x y"), ("c", "%41"), ("d", "ü")]),
            ("a=1&&a=2&b&c=", &[("a", "1"), ("a", "2"), ("b", ""), ("c", "")]),
            ("=x&d=e=f&", &[("", "x"), ("d", "e=f")]),
        ] {
            let expected: Vec<_> = expected.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
            for piece in [1, 2, 3, 100] {
                assert_eq!(fields(text, piece), Ok(expected.clone()), "{text} {piece}");
            }
        }
    }

    #[test]
    fn refuses_what_has_two_readings() {
        for (text, problem) in [
            ("a=1;b=2", FormProblem::Semicolon),
            ("a=%", FormProblem::Escape),
            ("a=%4", FormProblem::Escape),
            ("a=%4&b", FormProblem::Escape),
            ("a=%4g", FormProblem::Escape),
            ("a%00=1", FormProblem::Name),
            ("%ff=1", FormProblem::Name),
            ("%ff", FormProblem::Name),
        ] {
            for piece in [1, 2, 100] {
                assert_eq!(fields(text, piece), Err(problem), "{text}");
            }
        }
    }

    #[test]
    fn each_limit_is_exact() {
        for (most, more, problem) in [
            ("a&b&c&d", "a&b&c&d&e", FormProblem::TooManyFields),
            ("12345678=1", "123456789=1", FormProblem::NameTooLong),
            ("a=1234567%38", "a=12345678%39", FormProblem::ValueTooLong),
        ] {
            assert!(fields(most, 3).is_ok(), "{most}");
            assert_eq!(fields(more, 3), Err(problem), "{more}");
            assert!(problem.is_limit());
        }
    }

    #[test]
    fn what_was_refused_stays_refused() {
        let mut form = FormCheck::new(LIMITS);
        let fault = form.feed(b"ab;").unwrap_err();
        assert_eq!(fault.at, 2);
        assert_eq!(form.feed(b"c"), Err(fault));
        assert_eq!(form.finish(), Err(fault));
    }
}
