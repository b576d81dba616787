//! Where a node stands in the text.

use std::sync::Arc;

use cel::common::ast::SourceInfo;

use crate::problem::{Position, Problem};

/// The places of an expression's nodes.
pub(crate) struct Places<'a> {
    source: &'a str,
    info: Option<Arc<SourceInfo>>,
}

impl<'a> Places<'a> {
    /// Parses again with an error at the end: the parser numbers the nodes as before, and keeps their places for the report.
    pub(super) fn of(source: &'a str) -> Self {
        let broken = format!("{source}\n)");
        let info = super::parser().parse(&broken).err();
        Self { source, info: info.and_then(|errors| errors.errors.into_iter().find_map(|error| error.source_info)) }
    }

    /// Where the node starts to differ from its parts: at its name or operator.
    pub(crate) fn position(&self, id: u64) -> Option<Position> {
        self.span(id).map(|(start, _)| position(self.source, start))
    }

    /// A problem with the node; at the start of the text where its place is not known.
    pub(crate) fn problem(&self, id: u64, message: String, suggestion: Option<String>) -> Problem {
        let (start, end) = self.span(id).unwrap_or_default();
        problem(self.source, start, end, message, suggestion)
    }

    fn span(&self, id: u64) -> Option<(usize, usize)> {
        let (start, end) = self.info.as_ref()?.offset_for(id)?;
        let (start, end) = (start as usize, end as usize);
        Some(match self.source.as_bytes().get(start)? {
            b'.' => self.name_after(end),
            b'(' => self.name_before(start),
            _ => (start, end),
        })
    }

    /// A selection's node stands at its dot: people look at the field.
    fn name_after(&self, dot: usize) -> (usize, usize) {
        let rest = self.source.get(dot..).unwrap_or_default();
        let name = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '?');
        let start = dot + (rest.len() - name.len());
        let end = match name.strip_prefix('`').and_then(|quoted| quoted.find('`')) {
            Some(closing) => start + closing + 2,
            None => start + name.bytes().take_while(|byte| is_word(*byte)).count(),
        };
        (start, end)
    }

    /// A method's node stands at its bracket: people look at the method.
    fn name_before(&self, bracket: usize) -> (usize, usize) {
        let before = self.source.get(..bracket).unwrap_or_default().trim_end();
        let length = before.bytes().rev().take_while(|byte| is_word(*byte)).count();
        if length == 0 { (bracket, bracket + 1) } else { (before.len() - length, before.len()) }
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A problem with the bytes from `start` to `end`.
pub(super) fn problem(source: &str, start: usize, end: usize, message: String, suggestion: Option<String>) -> Problem {
    let Position { line, column } = position(source, start);
    let text = source.get(start..end).unwrap_or_default();
    let width = text.split('\n').next().unwrap_or_default().chars().count().max(1);
    Problem { line, column, width: count(width), message: one_line(message), suggestion: suggestion.map(one_line) }
}

/// A message may quote a literal of the expression, which may hold anything.
fn one_line(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    let plain =
        |character: char| if character.is_control() { character.escape_debug().to_string() } else { character.to_string() };
    text.chars().map(plain).collect()
}

/// The line and the column, in characters, of the byte at `offset`.
pub(super) fn position(source: &str, offset: usize) -> Position {
    let offset = (0..=offset.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let before = source.get(..offset).unwrap_or_default();
    let (lines, last) = before.rsplit_once('\n').map_or((0, before), |(lines, last)| (lines.matches('\n').count() + 1, last));
    Position { line: count(lines + 1), column: count(last.chars().count() + 1) }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
