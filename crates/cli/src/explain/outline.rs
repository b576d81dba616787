//! A tree that a person reads at once. Colours stand in it as escape sequences, which whoever writes it takes out again where no
//! terminal is.

use anstyle::{AnsiColor, Color, Style};

/// What stands before a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// It holds, it passes.
    Yes,
    /// It does not.
    No,
    /// Nobody can tell.
    Failed,
    /// Nobody asked.
    Skipped,
    /// It is nothing to be asked.
    Plain,
}

/// A line, and what stands below it.
#[derive(Debug, Clone)]
pub(super) struct Node {
    mark: Mark,
    text: String,
    /// What it comes to.
    answer: Option<(Mark, String)>,
    below: Vec<Node>,
}

impl Node {
    pub(super) fn new(mark: Mark, text: impl Into<String>) -> Self {
        Self { mark, text: one_line(&text.into()), answer: None, below: Vec::new() }
    }

    /// A line without a mark.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::new(Mark::Plain, text)
    }

    pub(super) const fn mark(&self) -> Mark {
        self.mark
    }

    /// The same line, which comes to `answer`.
    pub(super) fn answering(self, mark: Mark, answer: &str) -> Self {
        Self { answer: Some((mark, one_line(answer))), ..self }
    }

    /// The same line, with these below it.
    pub(super) fn with(mut self, below: impl IntoIterator<Item = Node>) -> Self {
        self.below.extend(below);
        self
    }

    /// The line, and everything below it.
    pub(super) fn write(&self, text: &mut String) {
        self.line(text);
        branch(&self.below, "", text);
    }

    fn line(&self, text: &mut String) {
        if let Some(glyph) = self.mark.glyph() {
            let style = self.mark.style();
            text.push_str(&format!("{style}{glyph}{style:#} "));
        }
        let style = if self.mark == Mark::Skipped { self.mark.style() } else { Style::new() };
        text.push_str(&format!("{style}{}{style:#}", self.text));
        if let Some((mark, answer)) = &self.answer {
            let style = mark.style();
            text.push_str(&format!(" → {style}{answer}{style:#}"));
        }
        text.push('\n');
    }
}

/// Nodes below one another, behind `indent`.
fn branch(nodes: &[Node], indent: &str, text: &mut String) {
    for (index, node) in nodes.iter().enumerate() {
        let (corner, below) = if index + 1 == nodes.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        text.push_str(indent);
        text.push_str(corner);
        node.line(text);
        branch(&node.below, &format!("{indent}{below}"), text);
    }
}

impl Mark {
    /// Of what holds, or does not.
    pub(super) const fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    const fn glyph(self) -> Option<char> {
        match self {
            Self::Yes => Some('✓'),
            Self::No => Some('✗'),
            Self::Failed => Some('!'),
            Self::Skipped => Some('·'),
            Self::Plain => None,
        }
    }

    fn style(self) -> Style {
        let color = |color: AnsiColor| Style::new().fg_color(Some(Color::Ansi(color)));
        match self {
            Self::Yes => color(AnsiColor::Green),
            Self::No => color(AnsiColor::Red),
            Self::Failed => color(AnsiColor::Yellow),
            Self::Skipped => Style::new().dimmed(),
            Self::Plain => Style::new(),
        }
    }
}

/// What came from a client may hold anything: no line of ours is ended by it, and no terminal commanded.
pub(super) fn one_line(text: &str) -> String {
    let plain = |character: char| match character {
        control if control.is_control() => control.escape_default().to_string(),
        plain => plain.to_string(),
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_below_one_another_and_hold_no_control_characters() {
        let leaf = || Node::plain("leaf").answering(Mark::Plain, "\"a\u{1b}[2J\n\"");
        let tree =
            Node::plain("root").with([Node::new(Mark::Yes, "one").with([leaf()]), Node::new(Mark::No, "two").with([leaf()])]);
        let mut text = String::new();
        tree.write(&mut text);
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(plain, "root\n├─ ✓ one\n│  └─ leaf → \"a\\u{1b}[2J\\n\"\n└─ ✗ two\n   └─ leaf → \"a\\u{1b}[2J\\n\"\n");
    }
}
