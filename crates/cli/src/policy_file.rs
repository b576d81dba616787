//! A policy file: a configuration with what it is for.

use std::path::Path;

use portcullis_config::from_value;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::check::document::{Document, Unfit};

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
        let value = only_document(path)?;
        from_value(&value).map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// The one document in the YAML or JSON file at `path`.
///
/// # Errors
/// When it cannot be read, or holds none or several.
pub(crate) fn only_document(path: &Path) -> Result<Json, String> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?;
    let unfit = |Unfit { at, message }| format!("{file}:{}:{}: {message}", at.line, at.column);
    let mut documents = Document::all(&text).map_err(unfit)?.into_iter();
    match (documents.next(), documents.next()) {
        (Some(document), None) => document.map(|document| document.value).map_err(unfit),
        (None, _) => Err(format!("{file}: the file is empty")),
        (Some(_), Some(_)) => Err(format!("{file}: expected one document, found several")),
    }
}
