//! What deserves a second look, although the configuration is accepted.

use portcullis_config::Finding;

use crate::config::configs;
use crate::part::Part;

/// What is suspicious in `config`, each with its place; nothing of a configuration that is refused.
#[must_use]
pub fn warnings(config: &[u8]) -> Vec<Finding> {
    let parts = configs(config).unwrap_or_default().into_iter();
    let of_part = |(part, config): (Part, Vec<u8>)| {
        part.warnings(&config)
            .into_iter()
            .map(move |Finding { path, message }| Finding { path: format!("{}.{path}", part.name()), message })
    };
    parts.flat_map(of_part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_of_a_part_is_told_at_its_place() {
        let policy = r#"{"name": "p", "action": "DENY", "condition": "jwt.claims.a == 1"}"#;
        let config = format!(r#"{{"version": 1, "rbac": {{"policies": [{policy}]}}}}"#);
        let places: Vec<String> = warnings(config.as_bytes()).into_iter().map(|finding| finding.path).collect();
        assert!(places.first().is_some_and(|place| place.starts_with("rbac.policies[0].condition")), "{places:?}");
    }
}
