//! JSON (RFC 8259), checked as it comes: each byte is read once, nothing recurses, and memory is bounded by the limits.

mod keys;
mod limits;
mod number;
mod problem;
mod scan;
mod text;
mod value;

use keys::{Keys, Seen};
use number::Number;
use text::{Step, Text};

pub use limits::{DuplicateKeys, JsonLimits};
pub use problem::{JsonFault, JsonProblem};
pub use value::parse;

/// One JSON text on its way in.
#[derive(Debug)]
pub struct JsonCheck {
    limits: JsonLimits,
    state: State,
    /// The objects and arrays that are open, the innermost last. INVARIANT: never more than `limits.max_depth`.
    open: Vec<Open>,
    /// The keys of the open objects.
    keys: Keys,
    values: u64,
    read: u64,
    failed: Option<JsonFault>,
}

/// What may come next.
#[derive(Debug, Clone, Copy)]
enum State {
    /// A value.
    Value,
    /// A value, or the end of the array that has just begun.
    ElementOrEnd,
    /// A key.
    Key,
    /// A key, or the end of the object that has just begun.
    KeyOrEnd,
    /// The colon after a key.
    Colon,
    /// What may follow a value: a comma, an end, or nothing but blanks.
    After,
    /// More of a string.
    Text(Text),
    /// More of a number.
    Number(Number),
    /// The rest of `true`, `false` or `null`.
    Word(&'static [u8]),
}

/// An object or an array that has begun.
#[derive(Debug)]
enum Open {
    Array { elements: u64 },
    Object { entries: u64, seen: Seen },
}

impl JsonCheck {
    /// Before the first byte.
    #[must_use]
    pub fn new(limits: JsonLimits) -> Self {
        Self { limits, state: State::Value, open: Vec::new(), keys: Keys::default(), values: 0, read: 0, failed: None }
    }

    /// Reads the next piece.
    ///
    /// # Errors
    /// When the text cannot become JSON within the limits, whatever follows. It then stays so.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), JsonFault> {
        if let Some(fault) = self.failed {
            return Err(fault);
        }
        let mut rest = piece;
        while !rest.is_empty() {
            if let Err(problem) = self.step(&mut rest) {
                return Err(self.fail(problem, piece.len().saturating_sub(rest.len())));
            }
        }
        self.read = self.read.saturating_add(length(piece));
        Ok(())
    }

    /// The text is over.
    ///
    /// # Errors
    /// When it is no JSON yet.
    pub fn finish(&mut self) -> Result<(), JsonFault> {
        if let Some(fault) = self.failed {
            return Err(fault);
        }
        let complete = match self.state {
            State::After => true,
            State::Number(number) => number.is_complete(),
            _ => false,
        };
        if complete && self.open.is_empty() { Ok(()) } else { Err(self.fail(JsonProblem::Truncated, 0)) }
    }

    /// How many bytes it holds at the moment, for tests of its bounds.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.open.capacity() * size_of::<Open>() + self.keys.memory() + self.open.iter().map(Open::memory).sum::<usize>()
    }

    fn fail(&mut self, problem: JsonProblem, into_piece: usize) -> JsonFault {
        let fault = JsonFault { problem, at: self.read.saturating_add(u64::try_from(into_piece).unwrap_or(u64::MAX)) };
        self.failed = Some(fault);
        fault
    }

    /// Takes at least one byte off `rest`, which has one, or changes the state.
    fn step(&mut self, rest: &mut &[u8]) -> Result<(), JsonProblem> {
        match self.state {
            State::Text(text) => self.text(text, rest),
            State::Number(number) => self.number(number, rest),
            State::Word(left) => self.word(left, rest),
            _ => {
                scan::skip_blanks(rest);
                let [byte, tail @ ..] = *rest else { return Ok(()) };
                self.token(*byte)?;
                *rest = tail;
                // What has begun goes on at once, as far as it has come.
                match self.state {
                    State::Text(text) => self.text(text, rest),
                    State::Number(number) => self.number(number, rest),
                    _ => Ok(()),
                }
            }
        }
    }

    /// One byte outside of strings, numbers and words.
    fn token(&mut self, byte: u8) -> Result<(), JsonProblem> {
        match (self.state, byte, self.open.last()) {
            (State::ElementOrEnd, b']', _) | (State::After, b']', Some(Open::Array { .. })) => self.close(),
            (State::KeyOrEnd, b'}', _) | (State::After, b'}', Some(Open::Object { .. })) => self.close(),
            (State::Value | State::ElementOrEnd, ..) => return self.begin_value(byte),
            (State::Key | State::KeyOrEnd, b'"', _) => return self.begin_key(),
            (State::Colon, b':', _) => self.state = State::Value,
            (State::After, b',', Some(Open::Array { .. })) => self.state = State::Value,
            (State::After, b',', Some(Open::Object { .. })) => self.state = State::Key,
            (State::After, _, None) => return Err(JsonProblem::Trailing),
            _ => return Err(JsonProblem::Unexpected),
        }
        Ok(())
    }

    fn begin_value(&mut self, byte: u8) -> Result<(), JsonProblem> {
        self.state = match byte {
            b'"' => State::Text(Text::value()),
            b'-' | b'0'..=b'9' => State::Number(Number::beginning(byte)),
            b'{' => State::KeyOrEnd,
            b'[' => State::ElementOrEnd,
            b't' => State::Word(b"rue"),
            b'f' => State::Word(b"alse"),
            b'n' => State::Word(b"ull"),
            0xef if self.values == 0 && self.open.is_empty() => return Err(JsonProblem::ByteOrderMark),
            _ => return Err(JsonProblem::Unexpected),
        };
        self.count_value()?;
        match byte {
            b'{' => self.open(Open::Object { entries: 0, seen: self.keys.begin_object() }),
            b'[' => self.open(Open::Array { elements: 0 }),
            _ => Ok(()),
        }
    }

    fn count_value(&mut self) -> Result<(), JsonProblem> {
        self.values = count(self.values, self.limits.max_values, JsonProblem::TooManyValues)?;
        if let Some(Open::Array { elements }) = self.open.last_mut() {
            *elements = count(*elements, self.limits.max_array, JsonProblem::TooManyElements)?;
        }
        Ok(())
    }

    fn begin_key(&mut self) -> Result<(), JsonProblem> {
        if let Some(Open::Object { entries, .. }) = self.open.last_mut() {
            *entries = count(*entries, self.limits.max_entries, JsonProblem::TooManyEntries)?;
        }
        self.keys.begin();
        self.state = State::Text(Text::key());
        Ok(())
    }

    fn open(&mut self, open: Open) -> Result<(), JsonProblem> {
        if length(&self.open) >= u64::from(self.limits.max_depth) {
            return Err(JsonProblem::TooDeep);
        }
        self.open.push(open);
        Ok(())
    }

    fn close(&mut self) {
        if let Some(Open::Object { seen, .. }) = self.open.pop() {
            self.keys.end_object(seen);
        }
        self.state = State::After;
    }

    fn text(&mut self, mut text: Text, rest: &mut &[u8]) -> Result<(), JsonProblem> {
        let keys = (text.is_key && self.limits.duplicate_keys == DuplicateKeys::Reject).then_some(&mut self.keys);
        let step = text.step(rest, keys)?;
        let (max, problem) = match text.is_key {
            true => (self.limits.max_key_bytes, JsonProblem::KeyTooLong),
            false => (self.limits.max_string_bytes, JsonProblem::StringTooLong),
        };
        if text.bytes > max {
            return Err(problem);
        }
        self.state = match step {
            Step::More => State::Text(text),
            Step::End if text.is_key => self.end_key()?,
            Step::End => State::After,
        };
        Ok(())
    }

    fn end_key(&mut self) -> Result<State, JsonProblem> {
        if let (DuplicateKeys::Reject, Some(Open::Object { seen, .. })) = (self.limits.duplicate_keys, self.open.last_mut())
            && !self.keys.end(seen)
        {
            return Err(JsonProblem::RepeatedKey);
        }
        Ok(State::Colon)
    }

    fn number(&mut self, mut number: Number, rest: &mut &[u8]) -> Result<(), JsonProblem> {
        let more = number.step(rest)?;
        if number.bytes > self.limits.max_number_bytes {
            return Err(JsonProblem::NumberTooLong);
        }
        self.state = if more { State::Number(number) } else { State::After };
        Ok(())
    }

    fn word(&mut self, left: &'static [u8], rest: &mut &[u8]) -> Result<(), JsonProblem> {
        let ([expected, left @ ..], [byte, tail @ ..]) = (left, *rest) else { return Err(JsonProblem::Unexpected) };
        if expected != byte {
            return Err(JsonProblem::Unexpected);
        }
        *rest = tail;
        self.state = if left.is_empty() { State::After } else { State::Word(left) };
        Ok(())
    }
}

impl Open {
    fn memory(&self) -> usize {
        match self {
            Self::Array { .. } => 0,
            Self::Object { seen, .. } => seen.memory(),
        }
    }
}

fn count(so_far: u64, max: u64, problem: JsonProblem) -> Result<u64, JsonProblem> {
    if so_far < max { Ok(so_far + 1) } else { Err(problem) }
}

fn length<T>(slice: &[T]) -> u64 {
    u64::try_from(slice.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
