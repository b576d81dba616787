//! What is wrong with an expression, and where.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

/// A place in the text of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

/// One thing that is wrong with an expression, or that a reader should look at twice.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// How many characters it is about, at least one, on that line.
    pub width: u32,
    /// What is wrong: lower case, one line, no final stop.
    pub message: String,
    /// The valid name that was probably meant.
    pub suggestion: Option<String>,
}

impl Problem {
    /// Itself, its line of the text, and a mark below the place: three lines.
    #[must_use]
    pub fn render(&self, source: &str) -> String {
        render(self, source)
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with an expression, in the order of its text. Prints a line per problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// `None` where there is none; else in the order of the text, each once.
    pub(crate) fn of(mut problems: Vec<Problem>) -> Option<Self> {
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems.dedup();
        (!problems.is_empty()).then_some(Self(problems))
    }

    /// A single one.
    pub(crate) fn one(problem: Problem) -> Self {
        Self(vec![problem])
    }

    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// Each with its line of the text and a mark below the place.
    #[must_use]
    pub fn render(&self, source: &str) -> String {
        let blocks: Vec<String> = self.0.iter().map(|problem| problem.render(source)).collect();
        blocks.join("\n")
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// So much of a long line is shown on each side of the place.
const MARGIN: usize = 60;

fn render(problem: &Problem, source: &str) -> String {
    let line = source.split('\n').nth(index(problem.line)).unwrap_or_default();
    let column = index(problem.column);
    let skipped = column.saturating_sub(MARGIN);
    let shown: String = line.chars().skip(skipped).take(2 * MARGIN).map(plain).collect();
    let room = (2 * MARGIN).saturating_sub(column - skipped).max(1);
    let mark = "^".repeat((problem.width.max(1) as usize).min(room));
    format!("{problem}\n  | {shown}\n  | {}{mark}", " ".repeat(column - skipped))
}

fn index(from_one: u32) -> usize {
    from_one.saturating_sub(1) as usize
}

/// One column for one character: tabs and controls would move the mark.
fn plain(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}

#[cfg(test)]
mod tests;
