//! The block that every plugin's configuration begins with.

use std::fmt;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::{ConfigError, Scalar, expected, impl_scalar};

/// The version of the configuration language that this build reads.
const VERSION: u32 = 1;

/// How many claims a record may hold.
const CLAIMS_MAX: usize = 32;

/// What every plugin's configuration has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common {
    /// Names this configuration in metrics, records and shared data.
    pub instance: Instance,
    /// Whether refusals are enforced.
    pub mode: Mode,
    /// How paths are read.
    pub path: PathOptions,
    /// What is recorded of decisions.
    pub decisions: DecisionOptions,
}

/// Names a configuration; it becomes a segment of metric names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Instance(String);

impl Instance {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Scalar for Instance {
    const EXPECTED: &'static str = "a name of up to 63 lower-case letters, digits and underscores that begins with a letter";
    const PATTERN: &'static str = "^[a-z][a-z0-9_]{0,62}$";
    const NAME: &'static str = "Instance";

    fn parse(text: &str) -> Result<Self, String> {
        let well_formed = text.len() <= 63
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if well_formed { Ok(Self(text.to_owned())) } else { Err(expected::<Self>(text)) }
    }
}

impl_scalar!(Instance);

/// Whether refusals are enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Refused requests are answered by the plugin.
    #[default]
    Enforce,
    /// Refusals are recorded, and the requests pass at once; forged identity headers are still removed, no unverified identity is
    /// published, and a proxy that fails to do so still refuses.
    Shadow,
}

/// How paths are read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PathOptions {
    /// What becomes of a path that two parties could read differently. Rejected, no upstream can see another path than the rules.
    pub on_ambiguous: OnAmbiguous,
}

/// What becomes of a path that two parties could read differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnAmbiguous {
    /// The request is refused with 400.
    #[default]
    Reject,
    /// It is normalised, and the upstream gets what was judged; what has no safe normal form is still refused.
    Rewrite,
}

/// What is recorded of decisions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionOptions {
    /// Whether allowed requests get a record too; they are counted anyway.
    pub allowed: bool,
    /// The claims that a record of a verified caller holds, at most 32; by default who it was, and nothing more.
    #[serde(deserialize_with = "claims")]
    #[schemars(length(max = 32))]
    pub claims: Vec<String>,
    /// How many records of each outcome each worker writes in a second. The rest is counted: a flood of refusals does not fill the
    /// disk. 0 is refused, because it reads as "none" to one person and as "unlimited" to the next.
    #[serde(deserialize_with = "max_per_second")]
    #[schemars(schema_with = "max_per_second_schema")]
    pub max_per_second: Option<NonZeroU32>,
}

impl Default for DecisionOptions {
    fn default() -> Self {
        Self { allowed: false, claims: vec!["iss".to_owned(), "sub".to_owned()], max_per_second: NonZeroU32::new(100) }
    }
}

fn claims<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let claims = Vec::<String>::deserialize(deserializer)?;
    if claims.len() > CLAIMS_MAX {
        return Err(de::Error::custom(format_args!("expected at most {CLAIMS_MAX} claims, found {}", claims.len())));
    }
    Ok(claims)
}

fn max_per_second<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NonZeroU32>, D::Error> {
    deserializer.deserialize_any(MaxPerSecond)
}

struct MaxPerSecond;

impl Visitor<'_> for MaxPerSecond {
    type Value = Option<NonZeroU32>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 1 to 4294967295, or `unlimited`")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        let value = u32::try_from(value).ok().and_then(NonZeroU32::new);
        value.map(Some).ok_or_else(|| E::invalid_value(de::Unexpected::Other("number"), &self))
    }

    /// Protobuf knows no integers: `100` may arrive as `1e2`.
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast saturates, and only 0 is out of range"
        )]
        let whole = if value.fract() == 0.0 { value as u64 } else { 0 };
        self.visit_u64(whole)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        if value == "unlimited" { Ok(None) } else { Err(E::invalid_value(de::Unexpected::Str(value), &self)) }
    }
}

fn max_per_second_schema(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "oneOf": [
        { "type": "integer", "minimum": 1, "maximum": u32::MAX },
        { "const": "unlimited" },
    ] })
}

/// The block as it stands in the document.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommonBlock {
    /// The version of the configuration language: a later build knows what this document means.
    #[schemars(schema_with = "version_schema")]
    #[expect(dead_code, reason = "checked before the block is read; here for its schema")]
    version: Number,
    /// Names this configuration in metrics, records and shared data: up to 63 lower-case letters, digits and `_`, a letter first.
    /// Default: the plugin's name.
    #[serde(default)]
    instance: Option<Instance>,
    /// Whether refusals are enforced.
    #[serde(default)]
    mode: Mode,
    /// How paths are read.
    #[serde(default)]
    path: PathOptions,
    /// What is recorded of decisions.
    #[serde(default)]
    decisions: DecisionOptions,
}

impl CommonBlock {
    /// The keys that are the block's; no plugin may have a field of such a name at its top level.
    pub(crate) const KEYS: &[&'static str] = &["version", "instance", "mode", "path", "decisions"];

    /// Comes first: what else is wrong with a document of another version, nobody can say.
    pub(crate) fn check_version(version: Option<&Value>) -> Result<(), ConfigError> {
        let Some(version) = version else {
            return Err(ConfigError::at("", format_args!("missing field `version`; this build reads `version: {VERSION}`")));
        };
        let found: f64 = crate::from_value(version).map_err(|error| error.within("version"))?;
        if found == f64::from(VERSION) {
            return Ok(());
        }
        Err(ConfigError::at("version", format_args!("this build reads version {VERSION}, found {found}")))
    }

    pub(crate) fn into_common(self, plugin_name: &str) -> Result<Common, ConfigError> {
        let instance = match self.instance {
            Some(instance) => instance,
            None => plugin_name.parse().map_err(|error: ConfigError| error.within("instance"))?,
        };
        Ok(Common { instance, mode: self.mode, path: self.path, decisions: self.decisions })
    }
}

fn version_schema(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "const": VERSION })
}
