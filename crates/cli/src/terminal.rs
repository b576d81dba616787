//! Colours, which the streams of `anstream` leave out where nobody sees them.

use std::fmt::Display;

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
