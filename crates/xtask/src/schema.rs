//! What is generated from the types of every plugin's configuration: its JSON Schema in `docs/schema`, for editors, and the options
//! in its README; with them the reference of the policy language, and the options of the command line.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::wasm::BUNDLE;
use crate::{TaskResult, pages, readme, reference, root};

/// Each plugin, by its folder, and the schema of its configuration.
fn plugins() -> [(&'static str, Value); 5] {
    [
        (BUNDLE, bundle::schema()),
        ("input-validation", input_validation::schema()),
        ("jwt-auth", jwt_auth::schema()),
        ("rate-limit", rate_limit::schema()),
        ("rbac", rbac::schema()),
    ]
}

/// Writes every schema and every README's options.
pub(crate) fn write() -> TaskResult {
    for (path, content) in generated()? {
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        fs::write(path, content)?;
    }
    Ok(())
}

/// Fails where a committed file is not what the code says.
pub(crate) fn check() -> TaskResult {
    for (path, content) in generated()? {
        if fs::read_to_string(&path).ok().as_ref() != Some(&content) {
            return Err(format!("{} is out of date: run `make schema`", path.display()).into());
        }
    }
    Ok(())
}

/// Every file with something generated in it, as it must be.
fn generated() -> Result<Vec<(PathBuf, String)>, Box<dyn Error>> {
    let mut files = reference::files()?;
    files.extend(pages::files()?);
    for (plugin, schema) in plugins() {
        let text = serde_json::to_string_pretty(&schema)? + "\n";
        files.push((folder().join(format!("{plugin}.schema.json")), text));
        // The bundle's options are those of its parts, and stand with them.
        if plugin != BUNDLE {
            files.extend(readme::of(plugin, &schema)?);
        }
    }
    Ok(files)
}

fn folder() -> PathBuf {
    root().join("docs/schema")
}
