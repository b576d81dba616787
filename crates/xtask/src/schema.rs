//! The JSON Schema of every plugin's configuration, generated into `docs/schema` for editors.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::{TaskResult, root};

/// Writes every schema.
pub(crate) fn write() -> TaskResult {
    fs::create_dir_all(folder())?;
    for (path, content) in schemas()? {
        fs::write(path, content)?;
    }
    Ok(())
}

/// Fails where a committed schema is not what the code says.
pub(crate) fn check() -> TaskResult {
    for (path, content) in schemas()? {
        if fs::read_to_string(&path).ok().as_ref() != Some(&content) {
            return Err(format!("{} is out of date: run `make schema`", path.display()).into());
        }
    }
    Ok(())
}

fn schemas() -> Result<Vec<(PathBuf, String)>, serde_json::Error> {
    let plugins: [(&str, Value); 1] = [("jwt-auth", jwt_auth::schema())];
    plugins
        .into_iter()
        .map(|(name, schema)| Ok((folder().join(format!("{name}.schema.json")), serde_json::to_string_pretty(&schema)? + "\n")))
        .collect()
}

fn folder() -> PathBuf {
    root().join("docs/schema")
}
