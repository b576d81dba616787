//! The corpus of Portcullis: cases in YAML (`cases/<plugin>/*.yaml`), on every host.

pub mod corpus;
mod hosts;

pub use corpus::{Corpus, Summary};
pub use hosts::{run_native, run_native_after, run_wasm};
