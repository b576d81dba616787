//! A policy file: a configuration with what it is for.

use std::path::Path;

use portcullis_config::{ConfigError, from_value};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::check::document::{Document, Unfit};
use crate::check::file::placed;
use crate::check::format::line;

/// A configuration with what it is for, as it is kept beside its tests.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    /// The plugin's folder: `rbac`.
    pub plugin: String,
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is good for, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// The plugin's configuration.
    pub config: Json,
}

impl PolicyFile {
    /// The policy in the YAML or JSON file at `path`.
    ///
    /// # Errors
    /// When it cannot be read, or is no policy: where and why.
    pub fn read(path: &Path) -> Result<Self, String> {
        with_document(path, |document| from_value(&document.value))
    }
}

/// What `read` makes of the one document in the YAML or JSON file at `path`.
///
/// # Errors
/// When it cannot be read, holds none or several, or is not what it should be: a line each with its place.
pub(crate) fn with_document<T>(path: &Path, read: impl FnOnce(&Document<'_>) -> Result<T, ConfigError>) -> Result<T, String> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?;
    let unfit = |Unfit { at, message }| format!("{file}:{}:{}: error: {message}", at.line, at.column);
    let mut documents = Document::all(&text).map_err(unfit)?.into_iter();
    let document = match (documents.next(), documents.next()) {
        (Some(document), None) => document.map_err(unfit)?,
        (None, _) => return Err(format!("{file}:1:1: error: the file is empty")),
        (Some(_), Some(_)) => return Err(format!("{file}:1:1: error: expected one document, found several")),
    };
    read(&document).map_err(|error| {
        let lines: String = placed(&file, &document, &error).iter().map(line).collect();
        lines.trim_end().to_owned()
    })
}
