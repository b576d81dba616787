//! What is right in a configuration and yet worth a second look: for people, before a proxy loads it.

use portcullis_config::{Finding, load};
use portcullis_filter::Filter;

use crate::config::RbacConfig;
use crate::filter::Rbac;
use crate::policy::Policy;
use crate::settings::Settings;

/// What is suspicious in `config`, each with its place; nothing of a configuration that is refused.
#[must_use]
pub fn warnings(config: &[u8]) -> Vec<Finding> {
    let settings = load::<RbacConfig>(config, Rbac::NAME).and_then(Settings::new);
    let Ok(settings) = settings else { return Vec::new() };
    let roles_from = settings.roles_from.iter().flat_map(|expression| portcullis_attributes::warnings("roles_from", expression));
    roles_from.chain(settings.policies.iter().flat_map(of_policy)).collect()
}

fn of_policy(policy: &Policy) -> impl Iterator<Item = Finding> {
    let number = policy.number;
    let within = move |Finding { path, message }| Finding { path: format!("policies[{number}].{path}"), message };
    policy.warnings().into_iter().map(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(config: &str) -> Vec<String> {
        warnings(config.as_bytes()).into_iter().map(|finding| finding.path).collect()
    }

    #[test]
    fn a_deny_that_reads_what_may_be_absent_is_told_and_an_allow_is_not() {
        let policies = |action: &str| {
            format!(r#"{{"version": 1, "policies": [{{"name": "p", "action": "{action}", "condition": "jwt.claims.a == 1"}}]}}"#)
        };
        assert_eq!(places(&policies("DENY")), ["policies[0].condition:1:12"]);
        assert!(places(&policies("ALLOW")).is_empty());
    }

    #[test]
    fn what_never_holds_is_told_of_every_policy() {
        let config = r#"{"version": 1, "policies": [{"name": "p", "action": "LOG", "condition": "request.method == 'get'"}]}"#;
        assert_eq!(places(config), ["policies[0].condition:1:19"]);
    }

    #[test]
    fn of_a_configuration_that_is_refused_nothing_is_told() {
        assert!(
            places(r#"{"version": 1, "policies": [{"name": "p", "action": "DENY", "condition": "jwt.claim.a == 1"}]}"#)
                .is_empty()
        );
    }
}
