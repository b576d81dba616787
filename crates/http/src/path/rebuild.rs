//! The slow way to a canonical path: segment by segment, judging each doubt.

use portcullis_config::OnAmbiguous;

use super::Ambiguity;

/// A path under construction, twice: decoded, and as it would be forwarded.
pub(super) struct Rebuild {
    on_ambiguous: OnAmbiguous,
    mended: bool,
    decoded: Vec<u8>,
    forward: Vec<u8>,
    /// Where each segment begins, with its slash, in both.
    starts: Vec<Start>,
}

#[derive(Clone, Copy)]
struct Start {
    decoded: usize,
    forward: usize,
}

impl Rebuild {
    pub(super) fn new(on_ambiguous: OnAmbiguous, length: usize) -> Self {
        let bytes = || Vec::with_capacity(length);
        Self { on_ambiguous, mended: false, decoded: bytes(), forward: bytes(), starts: Vec::new() }
    }

    /// Notes a doubt that has a safe normal form; the end of it where paths are not to be rewritten.
    pub(super) fn mend(&mut self, doubt: Ambiguity) -> Result<(), Ambiguity> {
        match self.on_ambiguous {
            OnAmbiguous::Reject => Err(doubt),
            OnAmbiguous::Rewrite => {
                self.mended = true;
                Ok(())
            }
        }
    }

    pub(super) fn path(&mut self, path: &[u8]) -> Result<(), Ambiguity> {
        let Some((b'/', rest)) = path.split_first() else { return Err(Ambiguity::NotAbsolute) };
        if rest.contains(&b'\\') {
            self.mend(Ambiguity::Backslash)?;
        }
        let mut segments = rest.split(|byte| matches!(byte, b'/' | b'\\')).peekable();
        while let Some(segment) = segments.next() {
            self.segment(segment, segments.peek().is_none())?;
        }
        Ok(())
    }

    /// The decoded path, and the `:path` to forward where it is not the client's.
    pub(super) fn finish(mut self, query: &[u8]) -> Result<(String, Option<String>), Ambiguity> {
        // Only now: `..` removes an empty segment like any other (RFC 3986 section 5.2.4).
        merge_slashes(&mut self.decoded);
        let decoded = text(self.decoded)?;
        if !self.mended {
            return Ok((decoded, None));
        }
        merge_slashes(&mut self.forward);
        self.forward.extend_from_slice(query);
        Ok((decoded, Some(text(self.forward)?)))
    }

    fn segment(&mut self, raw: &[u8], last: bool) -> Result<(), Ambiguity> {
        let start = self.open();
        let name = self.without_parameters(raw)?;
        self.decode(name)?;
        let decoded = self.decoded.get(start.decoded + 1..).unwrap_or_default();
        inspect(decoded)?;
        match decoded {
            b"" if !last => self.mend(Ambiguity::DuplicateSlash),
            b"." => self.step_back(1, last),
            b".." => self.step_back(2, last),
            _ => Ok(()),
        }
    }

    fn open(&mut self) -> Start {
        let start = Start { decoded: self.decoded.len(), forward: self.forward.len() };
        self.starts.push(start);
        self.decoded.push(b'/');
        self.forward.push(b'/');
        start
    }

    fn without_parameters<'a>(&mut self, segment: &'a [u8]) -> Result<&'a [u8], Ambiguity> {
        let (name, parameters) = super::split_before(segment, b';');
        if !parameters.is_empty() {
            self.mend(Ambiguity::Parameters)?;
        }
        Ok(name)
    }

    fn decode(&mut self, name: &[u8]) -> Result<(), Ambiguity> {
        let mut rest = name;
        while let Some((&byte, tail)) = rest.split_first() {
            rest = tail;
            match byte {
                b'%' => rest = self.escape(tail)?,
                b' ' | 0x80.. => {
                    self.mend(Ambiguity::Unescaped)?;
                    self.decoded.push(byte);
                    self.forward.extend(percent_encode(byte));
                }
                _ => {
                    self.decoded.push(byte);
                    self.forward.push(byte);
                }
            }
        }
        Ok(())
    }

    /// Takes the digits after a `%`.
    fn escape<'a>(&mut self, after: &'a [u8]) -> Result<&'a [u8], Ambiguity> {
        let (digits, rest) = after.split_first_chunk::<2>().ok_or(Ambiguity::BadEscape)?;
        let byte = hex_pair(*digits).ok_or(Ambiguity::BadEscape)?;
        match byte {
            b'/' => return Err(Ambiguity::EncodedSlash),
            b'\\' => return Err(Ambiguity::Backslash),
            b';' => return Err(Ambiguity::Parameters),
            _ => self.decoded.push(byte),
        }
        self.forward.push(b'%');
        self.forward.extend_from_slice(digits);
        Ok(rest)
    }

    /// Removes the last `count` segments; above the root there is none.
    fn step_back(&mut self, count: usize, last: bool) -> Result<(), Ambiguity> {
        self.mend(Ambiguity::DotSegment)?;
        for _ in 0..count {
            let start = self.starts.pop().ok_or(Ambiguity::DotSegment)?;
            self.decoded.truncate(start.decoded);
            self.forward.truncate(start.forward);
        }
        if last {
            self.open();
        }
        Ok(())
    }
}

/// What no decoded segment may hold, whatever becomes of it.
fn inspect(decoded: &[u8]) -> Result<(), Ambiguity> {
    if decoded.iter().any(u8::is_ascii_control) {
        return Err(Ambiguity::Control);
    }
    let text = str::from_utf8(decoded).map_err(|_| Ambiguity::NotUtf8)?;
    if text.chars().any(char::is_control) {
        return Err(Ambiguity::Control);
    }
    if decoded.windows(3).any(|window| matches!(window, [b'%', high, low] if hex_pair([*high, *low]).is_some())) {
        return Err(Ambiguity::DoubleEncoding);
    }
    Ok(())
}

fn text(bytes: Vec<u8>) -> Result<String, Ambiguity> {
    String::from_utf8(bytes).map_err(|_| Ambiguity::NotUtf8)
}

fn merge_slashes(path: &mut Vec<u8>) {
    path.dedup_by(|next, previous| *next == b'/' && *previous == b'/');
}

fn hex_pair([high, low]: [u8; 2]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

fn percent_encode(byte: u8) -> [u8; 3] {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 };
    [b'%', digit(byte >> 4), digit(byte & 15)]
}
