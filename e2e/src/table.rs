//! A table of answers beside what was expected of them.

use std::fmt;
use std::process::ExitCode;

/// One request and its answer.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was sent, in a few words.
    pub request: String,
    /// The status that it should have.
    pub expected: u16,
    /// The status that it had.
    pub status: u16,
    /// Why: the details in the access log, the title of the problem, the challenge.
    pub reason: String,
    /// What the reason must contain; anything when absent.
    pub expected_reason: Option<String>,
}

impl Row {
    /// Whether the answer is as expected.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.status == self.expected && self.expected_reason.as_ref().is_none_or(|part| self.reason.contains(part))
    }

    fn cells(&self) -> [String; 5] {
        let mark = if self.holds() { "✓" } else { "✗" };
        let expected = match &self.expected_reason {
            Some(part) if !self.holds() => format!("{} {part}", self.expected),
            _ => self.expected.to_string(),
        };
        [mark.to_owned(), self.request.clone(), expected, self.status.to_string(), self.reason.clone()]
    }
}

/// Rows that print aligned.
#[derive(Debug, Clone, Default)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Adds a row at the end.
    pub fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Success when every answer is as expected.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        if self.rows.iter().all(Row::holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

const TITLES: [&str; 5] = ["", "request", "expected", "answer", "why"];

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = [TITLES.map(str::to_owned)].into_iter().chain(self.rows.iter().map(Row::cells)).collect();
        let widths =
            lines.iter().fold([0; 5], |widths, cells| max_each(widths, cells.each_ref().map(|cell| cell.chars().count())));
        for cells in &lines {
            let padded: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            writeln!(f, "{}", padded.join("  ").trim_end())?;
        }
        let holding = self.rows.iter().filter(|row| row.holds()).count();
        writeln!(f, "\n{holding} of {} as expected", self.rows.len())
    }
}

fn max_each(mut widths: [usize; 5], others: [usize; 5]) -> [usize; 5] {
    for (width, other) in widths.iter_mut().zip(others) {
        *width = (*width).max(other);
    }
    widths
}

#[cfg(test)]
mod tests;
