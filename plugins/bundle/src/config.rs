//! The configuration as people write it: the common block once, and each part as its plugin has it.

use portcullis_config::{ConfigError, json, load};
use portcullis_filter::Filter as _;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::filter::Bundle;
use crate::part::Part;

/// All plugins as one filter. A part that is absent judges nothing. Each may have an `instance`, a `mode`, a `path` and `decisions` of
/// its own; else those of the bundle are its, and its instance is its name, behind the bundle's where that is set.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BundleConfig {
    /// Who calls, as jwt-auth has it. Absent: nobody is verified.
    pub jwt_auth: Option<Map<String, Value>>,
    /// What may come in, as input-validation has it. Absent: anything.
    pub input_validation: Option<Map<String, Value>>,
    /// How often, as rate-limit has it. Absent: without limits.
    pub rate_limit: Option<Map<String, Value>>,
    /// Who may, as rbac has it. Absent: everybody.
    pub rbac: Option<Map<String, Value>>,
}

/// What parts have from the bundle, unless they have it themselves.
const SHARED: [&str; 3] = ["mode", "path", "decisions"];

/// The document of each part that `config` has, in the order of [`Part::ALL`], as its plugin reads it.
///
/// # Errors
/// When `config` is no configuration of a bundle, whatever its parts say, or has no part.
pub(crate) fn configs(config: &[u8]) -> Result<Vec<(Part, Vec<u8>)>, ConfigError> {
    let loaded = load::<BundleConfig>(config, Bundle::NAME)?.plugin;
    let Value::Object(common) = json::parse(config).map_err(|error| ConfigError::at("", error))? else {
        return Err(ConfigError::at("", "expected an object at the top level"));
    };
    let parts = [
        (Part::JwtAuth, loaded.jwt_auth),
        (Part::InputValidation, loaded.input_validation),
        (Part::RateLimit, loaded.rate_limit),
        (Part::Rbac, loaded.rbac),
    ];
    let parts = parts.into_iter().filter_map(|(part, config)| Some(document(part, config?, &common)));
    let parts = ConfigError::gather(parts)?;
    if parts.is_empty() {
        let names = Part::ALL.map(|part| format!("`{}`", part.name())).join(", ");
        return Err(ConfigError::at("", format!("expected at least one of {names}")));
    }
    Ok(parts)
}

fn document(part: Part, mut config: Map<String, Value>, common: &Map<String, Value>) -> Result<(Part, Vec<u8>), ConfigError> {
    if config.contains_key("version") {
        return Err(ConfigError::at("version", "the bundle has one for all its parts").within(part.name()));
    }
    for key in ["version"].into_iter().chain(SHARED) {
        if let (Some(value), false) = (common.get(key), config.contains_key(key)) {
            config.insert(key.to_owned(), value.clone());
        }
    }
    if let (Some(Value::String(instance)), false) = (common.get("instance"), config.contains_key("instance")) {
        config.insert("instance".to_owned(), format!("{instance}_{}", part.name()).into());
    }
    Ok((part, Value::Object(config).to_string().into_bytes()))
}
