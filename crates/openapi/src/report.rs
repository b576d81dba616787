//! What is told of an import.

use std::cell::RefCell;
use std::fmt;

/// How much a remark matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The document cannot be read: nothing is imported.
    Refused,
    /// The document demands it, and the proxy does not look.
    Unenforced,
    /// The proxy refuses what the document allows.
    Stricter,
    /// It is as the document says, and worth a look.
    Note,
}

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How much it matters.
    pub level: Level,
    /// The place in the document, as a JSON pointer (RFC 6901); empty where it is about all of it.
    pub pointer: String,
    /// One line.
    pub message: String,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "refused",
            Self::Unenforced => "unenforced",
            Self::Stricter => "stricter",
            Self::Note => "note",
        })
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colon = if self.pointer.is_empty() { "" } else { ": " };
        write!(f, "{}: {}{colon}{}", self.level, self.pointer, self.message)
    }
}

/// The remarks as they come.
#[derive(Debug, Default)]
pub(crate) struct Report(RefCell<Vec<Remark>>);

impl Report {
    /// The same thing is told once. What comes from the document may not break the line.
    pub(crate) fn tell(&self, level: Level, pointer: &str, message: impl Into<String>) {
        let plain = |text: String| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        let remark = Remark { level, pointer: plain(pointer.to_owned()), message: plain(message.into()) };
        let mut remarks = self.0.borrow_mut();
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }

    pub(crate) fn refuse(&self, pointer: &str, message: impl Into<String>) {
        self.tell(Level::Refused, pointer, message);
    }

    pub(crate) fn unenforced(&self, pointer: &str, message: impl Into<String>) {
        self.tell(Level::Unenforced, pointer, message);
    }

    pub(crate) fn stricter(&self, pointer: &str, message: impl Into<String>) {
        self.tell(Level::Stricter, pointer, message);
    }

    pub(crate) fn note(&self, pointer: &str, message: impl Into<String>) {
        self.tell(Level::Note, pointer, message);
    }

    /// Those with a place first, in its order; what is about everything last.
    pub(crate) fn into_remarks(self) -> Vec<Remark> {
        let mut remarks = self.0.into_inner();
        remarks.sort_by(|a, b| {
            let key = |remark: &Remark| (remark.pointer.is_empty(), remark.pointer.clone(), remark.level);
            key(a).cmp(&key(b))
        });
        remarks
    }
}
