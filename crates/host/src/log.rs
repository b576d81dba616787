//! What plugins say, and where.

use std::fmt;

use portcullis_filter::LogLevel;

/// Where a VM runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In the trial run of a new configuration.
    Canary,
    /// On the main thread: no requests, but ticks.
    Main,
    /// On a worker thread.
    Worker(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Canary => f.write_str("canary"),
            Self::Main => f.write_str("main"),
            Self::Worker(index) => write!(f, "worker {index}"),
        }
    }
}

/// A line in the proxy's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Who wrote it.
    pub place: Place,
    /// How much it matters; `trace` is `Debug` here and `critical` is `Error`.
    pub level: LogLevel,
    /// The text, bytes that are not UTF-8 replaced.
    pub text: String,
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}: {}", self.place, self.level.name(), self.text)
    }
}
