//! Secrets that stand in a policy, and so in everything that is rendered from it.

use serde_json::Value as Json;

use super::policy::Policy;
use super::yaml::Yaml;

/// The members of a JWK that verify nothing and sign or decrypt (RFC 7518 section 6).
const PRIVATE: [&str; 7] = ["k", "d", "p", "q", "dp", "dq", "qi"];

/// A line for each place with a secret; without the secret.
pub(super) fn warnings(policy: &Policy) -> Vec<String> {
    let mut found = Vec::new();
    collect(&policy.config, policy.below, &mut found);
    let warning = |path: &String| {
        format!(
            "{}: warning: {path}: a secret stands here, and in what is rendered; `{{ env: NAME }}` keeps it out of both",
            policy.file
        )
    };
    found.iter().map(warning).collect()
}

fn collect(value: &Yaml, path: &str, found: &mut Vec<String>) {
    if is_secret(value) {
        found.push(path.to_owned());
        return;
    }
    let dot = if path.is_empty() { "" } else { "." };
    value.entries().for_each(|(name, value)| collect(value, &format!("{path}{dot}{name}"), found));
    if let Yaml::List(items) = value {
        items.iter().enumerate().for_each(|(number, item)| collect(item, &format!("{path}[{number}]"), found));
    }
}

/// A key with private parts, or the text of a key set with such a key.
fn is_secret(value: &Yaml) -> bool {
    match value {
        Yaml::Map(_) => value.entry("kty").is_some() && PRIVATE.iter().any(|member| value.entry(member).is_some()),
        Yaml::Text(text) if text.contains("\"kty\"") => {
            let keys = serde_json::from_str::<Json>(text).unwrap_or_default();
            let keys = keys.get("keys").and_then(Json::as_array);
            keys.is_some_and(|keys| keys.iter().any(|key| PRIVATE.iter().any(|member| key.get(member).is_some())))
        }
        _ => false,
    }
}
