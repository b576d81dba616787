//! The corpus of Portcullis: cases in YAML (`cases/<plugin>/*.yaml`), on every host.

mod bundled;
pub mod corpus;
mod documents;
mod hosts;
pub mod scenarios;

pub use corpus::{Corpus, Summary};
pub use documents::json_list;
pub use hosts::{run_native, run_native_after, run_native_corpus, run_wasm};
