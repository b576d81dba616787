//! Colours, which the streams of `anstream` leave out where nobody sees them, and how far things are.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};

/// What is as it should be.
pub(crate) fn good(text: impl Display) -> String {
    painted(AnsiColor::Green.on_default().bold(), text)
}

/// What is not.
pub(crate) fn bad(text: impl Display) -> String {
    painted(AnsiColor::Red.on_default().bold(), text)
}

/// What everything else is about.
pub(crate) fn strong(text: impl Display) -> String {
    painted(Style::new().bold(), text)
}

fn painted(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A line at the bottom of a terminal; nothing where standard error is none.
#[derive(Debug)]
pub(crate) struct Progress {
    what: &'static str,
    all: usize,
    done: usize,
}

impl Progress {
    /// Of `all` things none is done.
    pub(crate) fn new(what: &'static str, all: usize) -> Self {
        let progress = Self { what, all, done: 0 };
        progress.show();
        progress
    }

    /// One more is done.
    pub(crate) fn step(&mut self) {
        self.done += 1;
        self.show();
    }

    fn show(&self) {
        let Self { what, all, done } = self;
        write_over(&format!("{what}: {done} of {all}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        write_over("");
    }
}

/// Puts `text` in place of the line that the cursor is in.
fn write_over(text: &str) {
    let mut terminal = io::stderr().lock();
    if terminal.is_terminal() {
        // Best effort: nothing depends on it.
        let _ = write!(terminal, "\r\u{1b}[K{text}").and_then(|()| terminal.flush());
    }
}
