use schemars::JsonSchema;
use serde::Deserialize;

use super::*;
use crate::{Duration, NonEmpty, Secret};

/// A plugin's configuration.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is wanted")]
struct Plugin {
    /// Who signs.
    issuer: String,
    #[serde(default = "a_minute")]
    timeout: Duration,
    #[serde(default)]
    audiences: Option<NonEmpty<String>>,
    #[serde(default)]
    secret: Option<Secret>,
}

fn a_minute() -> Duration {
    std::time::Duration::from_secs(60).into()
}

#[test]
fn holds_both_parts() {
    let schema = schema::<Plugin>("jwt-auth");
    assert_eq!(schema["title"], "jwt-auth");
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["version", "issuer"]));
    let properties: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(properties, ["audiences", "decisions", "instance", "issuer", "mode", "path", "secret", "timeout", "version"]);
    assert_eq!(schema["properties"]["version"]["const"], 1);
    assert_eq!(schema["properties"]["issuer"]["description"], "Who signs.");
}

#[test]
fn defaults_stand_there_as_in_a_configuration() {
    let schema = schema::<Plugin>("jwt-auth");
    assert_eq!(schema["properties"]["timeout"]["default"], "1m");
    assert_eq!(schema["properties"]["mode"]["default"], "enforce");
    assert_eq!(schema["$defs"]["PathOptions"]["properties"]["on_ambiguous"]["default"], "reject");
}

#[test]
fn every_reference_has_a_target() {
    let schema = schema::<Plugin>("jwt-auth");
    let text = schema.to_string();
    let references: Vec<&str> = text.split("\"#/$defs/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(references.len() > 3, "{text}");
    for reference in references {
        assert!(schema["$defs"].get(reference).is_some(), "{reference}");
    }
}

#[test]
fn scalars_have_patterns_and_lists_a_minimum() {
    let schema = schema::<Plugin>("jwt-auth");
    assert_eq!(schema["$defs"]["Duration"]["pattern"], r"^[0-9]+(\.[0-9]{1,9})?(ns|us|ms|s|m|h|d)$");
    assert!(schema["properties"]["audiences"].to_string().contains("\"minItems\":1"), "{}", schema["properties"]["audiences"]);
}
