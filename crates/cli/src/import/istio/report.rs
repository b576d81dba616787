//! What is told of an import.

use std::cell::RefCell;
use std::fmt;

use portcullis_policy::Position;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It cannot be said in our words: nothing is imported.
    Refused,
    /// It means something else now.
    Differs,
    /// It means the same, and is worth a look.
    Note,
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Line and column, from 1.
    pub at: Position,
}

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How much it matters.
    pub level: Level,
    /// Where it stands; absent where it is about everything that is imported.
    pub place: Option<Place>,
    /// The field; empty for a whole document.
    pub path: String,
    /// One line.
    pub message: String,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "refused",
            Self::Differs => "differs",
            Self::Note => "note",
        })
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Place { file, at }) = &self.place {
            write!(f, "{file}:{}:{}: ", at.line, at.column)?;
        }
        let colon = if self.path.is_empty() { "" } else { ": " };
        write!(f, "{}: {}{colon}{}", self.level, self.path, self.message)
    }
}

/// The remarks as they come.
#[derive(Debug, Default)]
pub(super) struct Report(RefCell<Vec<Remark>>);

impl Report {
    /// The same thing is told once.
    pub(super) fn tell(&self, remark: Remark) {
        let mut remarks = self.0.borrow_mut();
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }

    /// That nothing can be imported, for a reason that has no place.
    pub(super) fn refuse(&self, message: impl Into<String>) {
        self.tell(Remark { level: Level::Refused, place: None, path: String::new(), message: message.into() });
    }

    /// A difference of everything that is imported.
    pub(super) fn differs(&self, message: &str) {
        self.tell(Remark { level: Level::Differs, place: None, path: String::new(), message: message.to_owned() });
    }

    /// Those with a place first, in the order of their places; what is about everything last.
    pub(super) fn into_remarks(self) -> Vec<Remark> {
        let mut remarks = self.0.into_inner();
        let place = |remark: &Remark| remark.place.as_ref().map(|place| (place.file.clone(), place.at.line, place.at.column));
        remarks.sort_by_key(|remark| (remark.place.is_none(), place(remark)));
        remarks
    }
}
