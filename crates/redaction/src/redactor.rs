//! One text on its way.

use std::collections::BTreeMap;

use crate::key::{self, Beginning, Rest};
use crate::syntax::Syntax;
use crate::{Found, Kind, MARK, NUMBER_MARK, Pattern, card};

/// What is taken out.
#[derive(Debug, Clone, Default)]
pub struct Redaction {
    /// Numbers of payment cards.
    pub cards: bool,
    /// Keys and tokens that are known by how they begin, and private keys in PEM.
    pub keys: bool,
    /// What these match.
    pub patterns: Vec<Pattern>,
}

/// How much before a place is looked at, to tell where numbers and words begin.
const BEHIND: usize = 2;

/// A text on its way.
#[derive(Debug)]
pub struct Redactor {
    /// Of JSON, a number is replaced by what is a value there.
    json: Option<Syntax>,
    /// What came last and has gone out, [`BEHIND`] bytes at most, and what is held back behind it.
    held: Vec<u8>,
    /// How much of `held` has gone out.
    gone: usize,
    /// The key that is being taken out.
    within: Option<Rest>,
    /// How often each kind was taken out.
    counts: BTreeMap<Kind, u64>,
}

impl Redactor {
    /// Before the first byte of a text; whether it is JSON.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json: json.then(Syntax::default), held: Vec::new(), gone: 0, within: None, counts: BTreeMap::new() }
    }

    /// Reads the next piece, the last one if `end`: what goes out.
    pub fn feed(&mut self, redaction: &Redaction, piece: &[u8], end: bool) -> Vec<u8> {
        let mut text = std::mem::take(&mut self.held);
        text.extend_from_slice(piece);
        let limit = if end { text.len() } else { self.limit(redaction, &text) };
        let mut out = Vec::with_capacity(text.len());
        let mut at = self.gone;
        let mut matches = vec![Match::Unknown; redaction.patterns.len()];
        loop {
            at = self.swallow(&text, at, end);
            if at >= limit || self.within.is_some() {
                break;
            }
            let found = redaction.first(&text, at, limit, &mut matches);
            let plain = text.get(at..found.map_or(limit, |found| found.start)).unwrap_or_default();
            self.pass(plain, &mut out);
            let Some(found) = found else {
                at = limit;
                break;
            };
            let number = self.json.is_some_and(|json| !json.in_string()) && found.kind == Kind::Card;
            out.extend_from_slice(if number { NUMBER_MARK } else { MARK });
            *self.counts.entry(found.kind).or_default() += 1;
            if found.kind == Kind::Key {
                self.within = key_rest(&text, found.start);
            }
            at = found.end;
        }
        let keep = at.saturating_sub(BEHIND);
        self.gone = at - keep;
        self.held = text.split_off(keep.min(text.len()));
        out
    }

    /// How often something was taken out since this was asked last.
    pub fn take_counts(&mut self) -> BTreeMap<Kind, u64> {
        std::mem::take(&mut self.counts)
    }

    /// How many bytes are held back.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.len().saturating_sub(self.gone)
    }

    fn pass(&mut self, plain: &[u8], out: &mut Vec<u8>) {
        if let Some(json) = &mut self.json {
            json.read(plain);
        }
        out.extend_from_slice(plain);
    }

    /// Skips what belongs to the key that is being taken out.
    fn swallow(&mut self, text: &[u8], at: usize, end: bool) -> usize {
        let rest = text.get(at..).unwrap_or_default();
        match self.within {
            None => at,
            Some(Rest::While(holds)) => {
                let length = rest.iter().take_while(|byte| holds(**byte)).count();
                if length < rest.len() {
                    self.within = None;
                }
                at + length
            }
            Some(Rest::Block) => match key::block_ends(rest) {
                Some(length) => {
                    self.within = None;
                    at + length
                }
                None if end => text.len(),
                None => at + rest.len().saturating_sub(key::BLOCK_END_MAX),
            },
        }
    }

    /// Where what may still become something begins, at the end of `text`.
    fn limit(&self, redaction: &Redaction, text: &[u8]) -> usize {
        let length = text.len();
        let card = if redaction.cards { card::unfinished(text) } else { length };
        let key = if redaction.keys {
            let tail = length.saturating_sub(key::REACH)..length;
            tail.into_iter().find(|at| matches!(key::begins(text, *at), Beginning::Unknown)).unwrap_or(length)
        } else {
            length
        };
        let reach = redaction.patterns.iter().map(Pattern::reach).max().unwrap_or_default();
        card.min(key).min(length.saturating_sub(reach)).max(self.gone)
    }
}

impl Redaction {
    /// Whether there is nothing to take out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.cards && !self.keys && self.patterns.is_empty()
    }

    /// The first thing to take out that begins from `from` on and before `limit`.
    fn first(&self, text: &[u8], from: usize, limit: usize, matches: &mut [Match]) -> Option<Found> {
        let fixed = (from..limit).find_map(|start| self.at(text, start));
        let patterns = self.patterns.iter().zip(matches).enumerate().filter_map(|(index, (pattern, next))| {
            let (start, end) = next.from(from, || pattern.find(text, from))?;
            (start < limit).then_some(Found { start, end, kind: Kind::Pattern(index) })
        });
        fixed.into_iter().chain(patterns).min_by_key(|found| found.start)
    }

    fn at(&self, text: &[u8], start: usize) -> Option<Found> {
        let byte = text.get(start)?;
        if byte.is_ascii_digit() {
            let end = if self.cards { card::ends(text, start)? } else { return None };
            return Some(Found { start, end, kind: Kind::Card });
        }
        match key::begins(text, start) {
            Beginning::Yes(length, _) if self.keys => Some(Found { start, end: start + length, kind: Kind::Key }),
            _ => None,
        }
    }
}

/// The next match of a pattern, so that no text is searched twice.
#[derive(Debug, Clone, Copy)]
enum Match {
    Unknown,
    Next(Option<(usize, usize)>),
}

impl Match {
    fn from(&mut self, from: usize, find: impl FnOnce() -> Option<(usize, usize)>) -> Option<(usize, usize)> {
        let known = match *self {
            Self::Next(None) => true,
            Self::Next(Some((start, _))) => start >= from,
            Self::Unknown => false,
        };
        if !known {
            *self = Self::Next(find());
        }
        match *self {
            Self::Next(next) => next,
            Self::Unknown => None,
        }
    }
}

fn key_rest(text: &[u8], start: usize) -> Option<Rest> {
    match key::begins(text, start) {
        Beginning::Yes(_, rest) => Some(rest),
        _ => None,
    }
}
