//! The corpus of Portcullis: cases in YAML (`cases/<plugin>/*.yaml`), the keys and tokens they name, and the runner that holds
//! every host to them.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "test code, never in a proxy: a panic is a failed test")]

pub mod case;
pub mod checks;
pub mod corpus;
mod expand;
mod expect;
pub mod keys;
mod metadata;
pub mod mint;
pub mod runner;
mod secrets;
mod simulated;

pub use corpus::{Corpus, Summary};
pub use runner::{Host, Observed, Prepared, UpstreamSaw};
pub use simulated::{run_native, run_native_after, run_wasm};
