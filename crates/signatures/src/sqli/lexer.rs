//! A value, taken apart as SQL would be: without knowing where in a statement it will stand.

use super::words::{Word, classify};
use crate::bytes::{at, from, is_space, is_word, until};

/// A piece of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    Number,
    /// `'` or `"`; the same of it, so far and with this one, an odd number of times.
    Quote {
        odd: bool,
    },
    Backtick,
    Open,
    Close,
    Semicolon,
    Comma,
    Dot,
    Star,
    /// `=`, `<`, `!=` and the like.
    Compare,
    /// `||`
    Or,
    /// `&&`
    And,
    /// `+`, `-`, `^` and the like.
    Operator,
    /// `--` or `#`, which make a comment of the rest; whether nothing stands right behind it.
    Comment {
        loose: bool,
    },
    /// `/*` without its end.
    OpenComment,
    /// `@` or `@@` before a name.
    Variable,
    /// Something else.
    Other,
    /// The end of the value, and what lies before its beginning.
    Nothing,
}

/// A token, where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) token: Token,
    /// Nothing separates it from the one before.
    pub(super) glued: bool,
}

/// The tokens of a value in lower case.
pub(super) struct Lexer<'v> {
    value: &'v [u8],
    at: usize,
    single: bool,
    double: bool,
    /// Whether a comment that begins has no end any more.
    open_comment: bool,
}

impl<'v> Lexer<'v> {
    pub(super) const fn new(value: &'v [u8]) -> Self {
        Self { value, at: 0, single: false, double: false, open_comment: false }
    }

    /// Skips blanks and closed comments; whether there were any.
    fn skip(&mut self) -> Option<bool> {
        let start = self.at;
        loop {
            let rest = from(self.value, self.at);
            match rest {
                [] => return None,
                [byte, ..] if is_space(*byte) || *byte == 0xa0 => self.at += 1,
                // What stands in it is executed by MySQL.
                [b'/', b'*', b'!', digits @ ..] => self.at += 3 + digits.iter().take_while(|byte| byte.is_ascii_digit()).count(),
                [b'/', b'*', comment @ ..] if !self.open_comment => match memchr::memmem::find(comment, b"*/") {
                    Some(end) => self.at += end + 4,
                    None => self.open_comment = true,
                },
                [b'*', b'/', ..] => self.at += 2,
                [b'#', b'\n', ..] => self.at += 2,
                [b'-', b'-', b'\n', ..] => self.at += 3,
                _ => return Some(self.at > start),
            }
        }
    }

    fn token(&mut self) -> (Token, usize) {
        let rest = from(self.value, self.at);
        match rest {
            [b'\'', ..] if self.is_apostrophe() => (Token::Other, 1),
            [b'\'', ..] => {
                self.single = !self.single;
                (Token::Quote { odd: self.single }, 1)
            }
            [b'"', ..] => {
                self.double = !self.double;
                (Token::Quote { odd: self.double }, 1)
            }
            [b'`', ..] => (Token::Backtick, 1),
            [b'(', ..] => (Token::Open, 1),
            [b')', ..] => (Token::Close, 1),
            [b';', ..] => (Token::Semicolon, 1),
            [b',', ..] => (Token::Comma, 1),
            [b'*', ..] => (Token::Star, 1),
            [b'|', b'|', ..] => (Token::Or, 2),
            [b'&', b'&', ..] => (Token::And, 2),
            [b'<', b'=', b'>', ..] => (Token::Compare, 3),
            [b'<' | b'>' | b'!', b'=', ..] | [b'<', b'>' | b'<', ..] | [b'>', b'>', ..] => (Token::Compare, 2),
            [b'=' | b'<' | b'>', ..] => (Token::Compare, 1),
            [b'-', b'-', tail @ ..] => (Token::Comment { loose: is_loose(tail) }, 2),
            [b'#', tail @ ..] => (Token::Comment { loose: tail.is_empty() }, 1),
            [b'/', b'*', ..] => (Token::OpenComment, 2),
            [b'@', b'@', ..] => (Token::Variable, 2),
            [b'@', ..] => (Token::Variable, 1),
            [b'.', digit, ..] if digit.is_ascii_digit() => (Token::Number, number(rest)),
            [b'.', ..] => (Token::Dot, 1),
            [b'+' | b'-' | b'/' | b'%' | b'^' | b'|' | b'&' | b'!' | b'~', ..] => (Token::Operator, 1),
            [byte, ..] if byte.is_ascii_digit() => (Token::Number, number(rest)),
            [byte, ..] if is_word(*byte) || *byte == b'$' => {
                let length = rest.iter().take_while(|byte| is_word(**byte) || **byte == b'$').count();
                (Token::Word(classify(until(rest, length))), length)
            }
            _ => (Token::Other, 1),
        }
    }

    /// `it's`, `o'brien`: between letters, and no operator follows.
    fn is_apostrophe(&self) -> bool {
        let before = self.at.checked_sub(1).map_or(0, |before| at(self.value, before));
        let tail = from(self.value, self.at + 1);
        if !(before.is_ascii_alphabetic() || before >= 0x80)
            || !tail.first().is_some_and(|byte| is_word(*byte) && !byte.is_ascii_digit())
        {
            return false;
        }
        let length = tail.iter().take_while(|byte| is_word(**byte)).count().min(16);
        !matches!(
            classify(until(tail, length)),
            Word::Or
                | Word::And
                | Word::Union
                | Word::Select
                | Word::Having
                | Word::Compare
                | Word::Where
                | Word::Order
                | Word::Group
        )
    }
}

/// `1`, `0x1f`, `1.5e3`; what is glued to it belongs to it: `12abc` is a name to nobody who injects.
fn number(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'.').count().max(1)
}

fn is_loose(tail: &[u8]) -> bool {
    tail.first().is_none_or(|byte| is_space(*byte) || matches!(byte, b'-' | b'+' | b'\'' | b'"' | b')' | b';'))
}

impl Iterator for Lexer<'_> {
    type Item = Placed;

    fn next(&mut self) -> Option<Placed> {
        let separated = self.skip()?;
        let glued = !separated && self.at > 0;
        let (token, length) = self.token();
        self.at += length;
        Some(Placed { token, glued })
    }
}
