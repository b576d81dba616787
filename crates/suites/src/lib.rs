//! The independent suites: data of other projects that tests are held to, in the folder that `SUITES` names (default: `shared/suites`
//! beside the repository). Where it is absent, a test says so and passes.
#![expect(clippy::unwrap_used, reason = "for tests alone: a suite that cannot be read stops one")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder or file `name` of the suites; `None`, with a word about it, where it is not at hand.
#[must_use]
pub fn path(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let suites = env::var_os("SUITES").map_or_else(|| root.join("../shared/suites"), |suites| root.join(suites));
    let path = suites.join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {name} in {}", suites.display());
    None
}

/// The file `name` of the suites, in the same way.
///
/// # Panics
/// When it is there and no text.
#[must_use]
pub fn text(name: &str) -> Option<String> {
    path(name).map(|path| fs::read_to_string(path).unwrap())
}

/// The rows of the file `name` of the suites, a line of JSON each, in the same way.
///
/// # Panics
/// When it is there and one of them is no JSON.
#[must_use]
pub fn rows(name: &str) -> Option<Vec<Value>> {
    text(name).map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}
