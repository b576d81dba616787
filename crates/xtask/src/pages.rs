//! The generated part of every page about a command: its options, as the command line itself has them.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::{readme, root};

/// Every page, and what it must hold.
///
/// # Errors
/// When the command line cannot be built, or a page has no place for options.
pub(crate) fn files() -> Result<Vec<(PathBuf, String)>, Box<dyn Error>> {
    let folder = root().join("docs");
    // Linked into this program, it would have every task wait for wasmtime. The whole workspace is selected so that the features of
    // dependencies are those that the tests have: alone, the package would have them built once more.
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(root()).args(["build", "--quiet", "--locked", "--workspace", "--example", "pages"]);
    if !build.status()?.success() {
        return Err("the command line cannot be built".into());
    }
    let output = Command::new(env::current_exe()?.with_file_name("examples").join("pages")).output()?;
    if !output.status.success() {
        return Err(format!("the command line's options cannot be told: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let pages: Value = serde_json::from_slice(&output.stdout)?;
    let page = |(name, options): (&String, &Value)| {
        let path = if name.is_empty() { folder.join("cli.md") } else { folder.join("cli").join(format!("{name}.md")) };
        readme::at(path, options.as_str().unwrap_or_default())
    };
    Ok(pages.as_object().into_iter().flatten().map(page).collect::<Result<_, String>>()?)
}
