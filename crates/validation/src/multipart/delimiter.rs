//! The search for the delimiter: each byte is looked at once, and nothing of the content is kept (Knuth, Morris, Pratt).

/// `CRLF--boundary`, and the search for it.
#[derive(Debug)]
pub(super) struct Delimiter {
    /// With the line end.
    whole: Pattern,
    /// Without it.
    bare: Pattern,
}

/// What a search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The piece is over.
    Nothing,
    /// The delimiter.
    Delimiter,
    /// A boundary that is not at the beginning of a line.
    BareBoundary,
}

/// A text that is searched for, and how much of it has just come.
#[derive(Debug)]
struct Pattern {
    text: Vec<u8>,
    /// For each beginning of the text, how long the longest other beginning is that it ends with.
    borders: Vec<usize>,
    came: usize,
}

impl Delimiter {
    /// `None` where it is no boundary.
    pub(super) fn new(boundary: &str) -> Option<Self> {
        let is_boundary = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
        let fine = (1..=70).contains(&boundary.len()) && boundary.bytes().all(is_boundary);
        let text = |start: &str| Pattern::new(format!("{start}--{boundary}").into_bytes());
        fine.then(|| Self { whole: text("\r\n"), bare: text("") })
    }

    /// The delimiter without the line end.
    pub(super) fn bare(&self) -> &[u8] {
        &self.bare.text
    }

    /// A part begins.
    pub(super) fn reset(&mut self) {
        self.whole.came = 0;
        self.bare.came = 0;
    }

    /// Takes bytes off `rest` until the delimiter has come; what is known to be content goes to `content`.
    pub(super) fn search<E>(&mut self, rest: &mut &[u8], mut content: impl FnMut(&[u8]) -> Result<(), E>) -> Result<Found, E> {
        while !rest.is_empty() {
            if self.whole.came == 0 && self.bare.came == 0 {
                let run = memchr::memchr2(b'\r', b'-', rest).unwrap_or(rest.len());
                let (plain, tail) = rest.split_at_checked(run).unwrap_or_default();
                if !plain.is_empty() {
                    content(plain)?;
                }
                *rest = tail;
            }
            let [byte, tail @ ..] = *rest else { break };
            *rest = tail;
            let withheld = self.whole.came;
            self.whole.push(*byte);
            self.bare.push(*byte);
            if self.whole.is_complete() {
                return Ok(Found::Delimiter);
            }
            if self.bare.is_complete() {
                return Ok(Found::BareBoundary);
            }
            self.release(withheld, *byte, &mut content)?;
        }
        Ok(Found::Nothing)
    }

    /// What was withheld, and the byte after it, is content as far as it is no beginning of a delimiter any more.
    fn release<E>(&self, withheld: usize, byte: u8, content: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let released = withheld + 1 - self.whole.came;
        let from_text = released.min(withheld);
        if from_text > 0 {
            content(self.whole.text.get(..from_text).unwrap_or_default())?;
        }
        if released > withheld { content(&[byte]) } else { Ok(()) }
    }
}

impl Pattern {
    fn new(text: Vec<u8>) -> Self {
        let mut pattern = Self { borders: vec![0; text.len()], text, came: 0 };
        for at in 1..pattern.text.len() {
            if let Some(byte) = pattern.text.get(at).copied() {
                pattern.push(byte);
            }
            if let Some(border) = pattern.borders.get_mut(at) {
                *border = pattern.came;
            }
        }
        pattern.came = 0;
        pattern
    }

    fn is_complete(&self) -> bool {
        self.came == self.text.len()
    }

    fn push(&mut self, byte: u8) {
        while self.came > 0 && self.text.get(self.came) != Some(&byte) {
            self.came = self.borders.get(self.came - 1).copied().unwrap_or_default();
        }
        if self.text.get(self.came) == Some(&byte) {
            self.came += 1;
        }
    }
}
