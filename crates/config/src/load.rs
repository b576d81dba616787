//! The way in: a document becomes the common block and a plugin's own part.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::common_block::{Common, CommonBlock};
use crate::deserialize::Field;
use crate::{ConfigError, json};

/// A configuration, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded<T> {
    /// What every plugin has.
    pub common: Common,
    /// The plugin's own part.
    pub plugin: T,
}

/// Reads the configuration of the plugin `plugin_name`. The keys of the common block are taken out of the top level before `T`
/// is read, so `T` denies unknown fields and still does not repeat them.
///
/// # Errors
/// When `bytes` is not strict JSON ([`json::parse`]), is for another version, or does not fit; all that both parts find.
pub fn load<T: DeserializeOwned>(bytes: &[u8], plugin_name: &str) -> Result<Loaded<T>, ConfigError> {
    let document = json::parse(bytes).map_err(|error| ConfigError::at("", error))?;
    let Value::Object(plugin) = document else {
        return Err(ConfigError::at("", "expected an object at the top level"));
    };
    let (common, plugin) = split(plugin);
    CommonBlock::check_version(common.get("version"))?;
    let common = read::<CommonBlock>(&Value::Object(common), &[]).and_then(|block| block.into_common(plugin_name));
    let plugin = read(&Value::Object(plugin), CommonBlock::KEYS);
    match (common, plugin) {
        (Ok(common), Ok(plugin)) => Ok(Loaded { common, plugin }),
        (Err(common), Err(plugin)) => Err(common.and(plugin)),
        (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
    }
}

/// Reads any part of a document that is parsed already, with the same errors.
///
/// # Errors
/// When `value` does not fit `T`.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, ConfigError> {
    read(value, &[])
}

fn read<T: DeserializeOwned>(value: &Value, more_fields: &[&'static str]) -> Result<T, ConfigError> {
    T::deserialize(Field(value)).map_err(|fault| fault.into_config_error(more_fields))
}

/// The common block's entries, and the others.
fn split(document: Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    document.into_iter().partition(|(key, _)| CommonBlock::KEYS.contains(&key.as_str()))
}

#[cfg(test)]
mod tests;
