//! SQL that leaves the literal in which it was to stand. A value is taken apart into tokens, and a window of them is looked at from each:
//! phrases that only statements have, comparisons that are always true, a quotation mark that closes what the server has opened.

mod lexer;
mod phrases;
mod words;

use lexer::{Lexer, Placed, Token};

use crate::bytes::{at, from, word};
use crate::triggers::Trigger;
use crate::{Place, Seen};

/// How many tokens are looked at from one, before and after it.
const BEHIND: usize = 4;
const AHEAD: usize = 24;

/// How many tokens are kept at once.
const KEPT: usize = 512;

/// Words and signs without which only quotation marks and comparisons can be SQL.
pub(crate) const TRIGGERS: &[&[u8]] = &include!("triggers_sql.in");

/// Whether it is there.
pub(crate) fn is_in(seen: Seen<'_>) -> bool {
    let worth = seen.triggers.has(Trigger::Sql) || seen.shape.has_quotes_or_comparisons();
    names_operator(seen) || (worth && any_window(seen.value, phrases::begins))
}

/// `user[$ne]`, `$where`: an operator of a document database where a name was expected.
fn names_operator(seen: Seen<'_>) -> bool {
    const OPERATORS: [&[u8]; 14] =
        [b"eq", b"exists", b"expr", b"function", b"gt", b"gte", b"in", b"lt", b"lte", b"ne", b"nin", b"not", b"regex", b"where"];
    seen.place == Place::Name
        && memchr::memchr_iter(b'$', seen.value).any(|dollar| {
            let begins = dollar == 0 || at(seen.value, dollar - 1) == b'[';
            let (name, rest) = {
                let rest = from(seen.value, dollar + 1);
                let name = word(rest);
                (name, from(rest, name.len()))
            };
            begins && matches!(rest.first(), None | Some(b']')) && OPERATORS.contains(&name)
        })
}

/// Tokens around one.
#[derive(Debug, Clone, Copy)]
struct Window<'t> {
    tokens: &'t [Placed],
    at: usize,
}

impl Window<'_> {
    /// The token so many after this one.
    fn ahead(self, by: usize) -> Token {
        self.tokens.get(self.at + by).map_or(Token::Nothing, |placed| placed.token)
    }

    /// The token so many before this one.
    fn behind(self, by: usize) -> Token {
        self.at.checked_sub(by).and_then(|at| self.tokens.get(at)).map_or(Token::Nothing, |placed| placed.token)
    }

    /// Whether the token so many after this one is glued to what is before it.
    fn glued(self, by: usize) -> bool {
        self.tokens.get(self.at + by).is_some_and(|placed| placed.glued)
    }

    /// Where, within reach, the first token is for which `wanted` holds.
    fn find(self, start: usize, wanted: impl Fn(Token) -> bool) -> Option<usize> {
        (start..AHEAD).find(|by| wanted(self.ahead(*by)))
    }
}

/// Whether `holds` for any token of the value; memory is bounded, whatever its length.
fn any_window(value: &[u8], holds: impl Fn(Window<'_>) -> bool) -> bool {
    let mut lexer = Lexer::new(value);
    let mut tokens: Vec<Placed> = Vec::new();
    let mut at = 0;
    loop {
        tokens.extend(lexer.by_ref().take(KEPT));
        let ended = tokens.len() < at + AHEAD + 1;
        let end = if ended { tokens.len() } else { tokens.len() - AHEAD };
        if (at..end).any(|at| holds(Window { tokens: &tokens, at })) {
            return true;
        }
        if ended {
            return false;
        }
        let done = end.saturating_sub(BEHIND);
        tokens.drain(..done);
        at = end - done;
    }
}
