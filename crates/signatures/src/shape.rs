//! Which bytes a value has at all: most values have none that matter.

/// The kinds of bytes in a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape(u16);

const QUOTE: u16 = 1;
const ANGLE: u16 = 1 << 1;
const SPACE: u16 = 1 << 2;
const OPEN: u16 = 1 << 3;
const SLASH: u16 = 1 << 4;
const SHELL: u16 = 1 << 5;
const ESCAPE: u16 = 1 << 6;
const LINE: u16 = 1 << 7;
const EQUALS: u16 = 1 << 8;
const HASH: u16 = 1 << 9;
/// Nothing alone, and something with others.
const SIGN: u16 = 1 << 10;

const KINDS: [u16; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        {
            kinds[byte] = kind(byte as u8);
        }
        byte += 1;
    }
    kinds
};

const fn kind(byte: u8) -> u16 {
    match byte {
        b'\'' | b'"' => QUOTE,
        b'`' => QUOTE | SHELL,
        b'<' | b'>' => ANGLE,
        b' ' | 9 | 11 | 12 => SPACE,
        0 => LINE,
        b'\n' | b'\r' => SPACE | LINE,
        b'(' | b'[' => OPEN,
        b'{' => OPEN,
        b'/' => SLASH,
        b'\\' => SLASH | ESCAPE,
        b';' | b'|' => SHELL,
        b'$' => SHELL | HASH,
        b'&' => SHELL | ESCAPE,
        b'%' | 0xc0 | 0xc1 | 0xe0 | 0xef => ESCAPE,
        b'=' => EQUALS,
        b':' | b'_' | b'.' | b'*' | b'!' | b')' | b']' | b'}' | b'@' | b'+' | b'^' | b'~' | 0xbc => SIGN,
        b'#' => HASH,
        _ => 0,
    }
}

impl Shape {
    pub(crate) fn of(value: &[u8]) -> Self {
        Self(value.iter().fold(0, |kinds, byte| kinds | KINDS.get(usize::from(*byte)).copied().unwrap_or_default()))
    }

    /// Words and hyphens alone, in which nothing can be.
    pub(crate) const fn is_plain(self) -> bool {
        self.0 == 0
    }

    /// Whether it may mean something else to whoever decodes it again.
    pub(crate) const fn may_be_escaped(self) -> bool {
        self.0 & ESCAPE != 0
    }

    pub(crate) const fn has_quotes_or_comparisons(self) -> bool {
        self.0 & (QUOTE | ANGLE | EQUALS | HASH) != 0
    }

    pub(crate) const fn has_shell(self) -> bool {
        self.0 & (SHELL | SPACE | SLASH | OPEN | LINE) != 0
    }

    pub(crate) const fn has_lines(self) -> bool {
        self.0 & LINE != 0
    }
}
