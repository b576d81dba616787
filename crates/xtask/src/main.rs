//! What the Makefile needs beyond cargo.

mod dist;
mod options;
mod pages;
mod prune;
mod readme;
mod reference;
mod schema;
mod wasm;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask wasm [PLUGIN…]  build, prune and sign these plugins, or every one, into target/wasm
       cargo xtask wasm bundle --parts PART,…  the bundle with these plugins alone
       cargo xtask dist  write what is shipped into target/dist, out of target/wasm
       cargo xtask schema [--check]  write docs/schema, docs/reference and all options in documentation, or say which file is out of date";

/// What a task answers: nothing, or why it failed.
type TaskResult = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["wasm", "bundle", "--parts", parts] => wasm::build_parts(parts),
        ["wasm", plugins @ ..] => wasm::build(plugins),
        ["dist"] => dist::write(),
        ["schema"] => schema::write(),
        ["schema", "--check"] => schema::check(),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    let crate_dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    crate_dir.ancestors().nth(2).map_or_else(|| crate_dir.clone(), PathBuf::from)
}
