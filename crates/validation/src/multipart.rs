//! `multipart/form-data` (RFC 7578, RFC 2046 section 5.1) as it comes, read strictly: whatever two parsers could divide differently
//! is refused. So is a boundary that stands anywhere but in a delimiter, anything before the first and after the last part, and
//! every header field that a form does not need.

mod delimiter;
mod head;
mod problem;

use delimiter::{Delimiter, Found};
use head::Lines;

pub use head::PartHead;
pub use problem::{MultipartFault, MultipartProblem, Refused};

use crate::MediaType;

/// How much a form may be, whatever its parts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MultipartLimits {
    /// How many parts.
    pub max_parts: usize,
    /// Bytes of the head of each part.
    pub max_head_bytes: usize,
}

/// Who judges the parts.
pub trait Parts {
    /// Why one is refused.
    type Refusal;

    /// A part begins.
    ///
    /// # Errors
    /// When it may not.
    fn begin(&mut self, head: PartHead) -> Result<(), Self::Refusal>;

    /// More of its content.
    ///
    /// # Errors
    /// When it may not be.
    fn content(&mut self, bytes: &[u8]) -> Result<(), Self::Refusal>;

    /// It is complete.
    ///
    /// # Errors
    /// When it may not be.
    fn end(&mut self) -> Result<(), Self::Refusal>;
}

/// A form on its way in. Of its content nothing is kept.
#[derive(Debug)]
pub struct MultipartCheck {
    limits: MultipartLimits,
    delimiter: Delimiter,
    state: State,
    parts: usize,
    read: u64,
    failed: Option<MultipartFault>,
}

#[derive(Debug)]
enum State {
    /// The first delimiter, which has no line end before it: so many bytes of it have come.
    First(usize),
    /// What follows a delimiter: a line end, or two hyphens.
    AfterDelimiter(Option<u8>),
    /// The head of a part.
    Head(Lines),
    /// The content of a part.
    Content,
    /// The last delimiter has come; a line end may follow, and so many bytes of it have.
    Closed(usize),
}

const LINE_END: &[u8] = b"\r\n";

impl MultipartCheck {
    /// Before the first byte of a form that is divided by `boundary`.
    ///
    /// # Errors
    /// When it is no boundary (RFC 2046: 1 to 70 characters, the last one no blank; no other blank either, which some take for its
    /// end).
    pub fn new(boundary: &str, limits: MultipartLimits) -> Result<Self, MultipartProblem> {
        let delimiter = Delimiter::new(boundary).ok_or(MultipartProblem::Boundary)?;
        Ok(Self { limits, delimiter, state: State::First(0), parts: 0, read: 0, failed: None })
    }

    /// The same, with the boundary of a `content-type`.
    ///
    /// # Errors
    /// When it has none.
    pub fn of(media_type: &MediaType, limits: MultipartLimits) -> Result<Self, MultipartProblem> {
        Self::new(media_type.parameter("boundary").ok_or(MultipartProblem::Boundary)?, limits)
    }

    /// Reads the next piece; each part goes to `parts`.
    ///
    /// # Errors
    /// When it cannot become a form within the limits, or a part is refused. It then stays so.
    pub fn feed<P: Parts>(&mut self, piece: &[u8], parts: &mut P) -> Result<(), Refused<P::Refusal>> {
        self.failed.map_or(Ok(()), |fault| Err(Refused::Form(fault)))?;
        let mut rest = piece;
        while !rest.is_empty() {
            if let Err(error) = self.step(&mut rest, parts) {
                let into_piece = u64::try_from(piece.len().saturating_sub(rest.len())).unwrap_or(u64::MAX);
                let at = self.read.saturating_add(into_piece);
                return Err(match error {
                    Stop::Form(problem) => Refused::Form(self.fail(problem, at)),
                    Stop::Part(refusal) => {
                        self.fail(MultipartProblem::Part, at);
                        Refused::Part(refusal)
                    }
                });
            }
        }
        self.read = self.read.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// The form is over.
    ///
    /// # Errors
    /// When its last delimiter has not come.
    pub fn finish(&mut self) -> Result<(), MultipartFault> {
        match (self.failed, &self.state) {
            (Some(fault), _) => Err(fault),
            (None, State::Closed(0 | 2)) => Ok(()),
            (None, _) => Err(self.fail(MultipartProblem::Truncated, self.read)),
        }
    }

    fn fail(&mut self, problem: MultipartProblem, at: u64) -> MultipartFault {
        let fault = MultipartFault { problem, at };
        self.failed = Some(fault);
        fault
    }

    /// Takes at least one byte off `rest`, which has one.
    fn step<P: Parts>(&mut self, rest: &mut &[u8], parts: &mut P) -> Result<(), Stop<P::Refusal>> {
        if matches!(self.state, State::Content) {
            return self.content(rest, parts);
        }
        let [byte, tail @ ..] = *rest else { return Ok(()) };
        let next = match &mut self.state {
            State::First(came) if self.delimiter.bare().get(*came) == Some(byte) => {
                *came += 1;
                (*came == self.delimiter.bare().len()).then_some(State::AfterDelimiter(None))
            }
            State::First(_) => return Err(Stop::Form(MultipartProblem::Preamble)),
            State::AfterDelimiter(came) => Some(after_delimiter(*came, *byte).map_err(Stop::Form)?),
            State::Head(lines) => {
                let head = lines.push(*byte, self.limits.max_head_bytes).map_err(Stop::Form)?;
                head.map(|head| parts.begin(head).map(|()| State::Content)).transpose().map_err(Stop::Part)?
            }
            State::Closed(came) if LINE_END.get(*came) == Some(byte) => Some(State::Closed(*came + 1)),
            State::Closed(_) | State::Content => return Err(Stop::Form(MultipartProblem::Epilogue)),
        };
        *rest = tail;
        next.map_or(Ok(()), |next| self.enter(next))
    }

    fn enter<R>(&mut self, next: State) -> Result<(), Stop<R>> {
        match next {
            State::Head(_) if self.parts >= self.limits.max_parts => return Err(Stop::Form(MultipartProblem::TooManyParts)),
            State::Head(_) => self.parts += 1,
            State::Content => self.delimiter.reset(),
            _ => {}
        }
        self.state = next;
        Ok(())
    }

    fn content<P: Parts>(&mut self, rest: &mut &[u8], parts: &mut P) -> Result<(), Stop<P::Refusal>> {
        let found = self.delimiter.search(rest, |content| parts.content(content)).map_err(Stop::Part)?;
        match found {
            Found::Nothing => Ok(()),
            Found::Delimiter => {
                parts.end().map_err(Stop::Part)?;
                self.enter(State::AfterDelimiter(None))
            }
            Found::BareBoundary => Err(Stop::Form(MultipartProblem::BareBoundary)),
        }
    }
}

/// Why a step went wrong.
enum Stop<R> {
    Form(MultipartProblem),
    Part(R),
}

fn after_delimiter(came: Option<u8>, byte: u8) -> Result<State, MultipartProblem> {
    match (came, byte) {
        (None, b'\r' | b'-') => Ok(State::AfterDelimiter(Some(byte))),
        (Some(b'\r'), b'\n') => Ok(State::Head(Lines::default())),
        (Some(b'-'), b'-') => Ok(State::Closed(0)),
        _ => Err(MultipartProblem::AfterBoundary),
    }
}

#[cfg(test)]
mod tests;
