//! Why a plugin does not load, does not start, or stops.

use std::fmt;
use std::path::PathBuf;

/// A module that cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read `{path}`: {cause}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// It is no valid WebAssembly.
    #[error("not a valid WebAssembly module: {0}")]
    Invalid(String),
    /// It exports no `proxy_abi_version_0_2_x`.
    #[error("not a proxy-wasm 0.2 module: it exports no `proxy_abi_version_0_2_1`")]
    NotProxyWasm,
    /// It imports what Envoy does not provide.
    #[error("imports what no proxy provides: {0}")]
    Import(String),
}

/// A plugin that does not start. Envoy rejects the configuration, or does not start itself.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The plugin refused its configuration.
    #[error("configuration refused: {0}")]
    Refused(String),
    /// The plugin refused to start its VM.
    #[error("`proxy_on_vm_start` answered false")]
    VmStart,
    /// The plugin trapped.
    #[error("{0}")]
    Trap(Trap),
    /// The module cannot be instantiated.
    #[error("cannot instantiate the module: {0}")]
    Instantiate(String),
}

/// A VM that died.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trap {
    /// The callback in which it died.
    pub callback: String,
    /// What happened.
    pub cause: String,
    /// The wasm functions on the stack, innermost first.
    pub frames: Vec<String>,
    /// The last thing that the VM wrote to stderr: a panic's message.
    pub message: Option<String>,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "trap in `{}`: {}", self.callback, self.cause)?;
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        for frame in &self.frames {
            write!(f, "\n    at {frame}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Trap {}
