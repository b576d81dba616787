//! What goes wrong in the harness itself.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// Of the harness.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the harness or of Envoy; an answer that a test did not expect is not one.
#[derive(thiserror::Error)]
pub enum Error {
    /// The binary is missing.
    #[error("no Envoy at `{}`: run `make setup`", .0.display())]
    NoEnvoy(PathBuf),
    /// It gave up by itself, most often over its configuration.
    #[error("Envoy stopped before it was ready ({status}):\n{log}")]
    Stopped {
        /// How it ended.
        status: ExitStatus,
        /// Its last log lines.
        log: String,
    },
    /// It takes too long.
    #[error("Envoy is not ready after {} s:\n{log}", .after.as_secs())]
    NotReady {
        /// How long it had.
        after: Duration,
        /// Its last log lines.
        log: String,
    },
    /// `--mode validate` failed, with its log.
    #[error("Envoy refuses the configuration:\n{0}")]
    Refused(String),
    /// The operating system refused.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was tried, as a verb phrase.
        doing: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A peer does not speak HTTP/1.1.
    #[error("malformed HTTP: {0}")]
    MalformedHttp(&'static str),
    /// A peer speaks, but says something else than it must.
    #[error("unexpected answer: {0}")]
    Unexpected(String),
}

/// As people read it: `unwrap` in a test prints this.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// For `map_err`: says what was tried.
pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { doing: doing.into(), source }
}
