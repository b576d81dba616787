//! Under which keys a limit's state is kept: the same as long as the limit is the same.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::config::LimitConfig;

/// What keys of shared data begin with, whose states mean the same: they outlive a reload of the configuration that leaves the
/// limit's name, terms and key as they are.
pub(super) fn prefix(instance: &str, config: &LimitConfig) -> String {
    let LimitConfig { name, key, quota, window, burst, algorithm, max_keys, .. } = config;
    let key: Vec<&str> = key.iter().flatten().map(String::as_str).collect();
    let window = window.map(|window| window.get().as_nanos().to_string());
    let terms = (instance, name, key, quota, window, burst, algorithm, max_keys);
    let text = serde_json::to_vec(&terms).unwrap_or_default();
    let mut prefix = "portcullis/1/rate_limit/".to_owned();
    for byte in Sha256::digest(text) {
        // Writing to a text cannot fail.
        let _ = write!(prefix, "{byte:02x}");
    }
    prefix
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(instance: &str, config: Value) -> String {
        prefix(instance, &serde_json::from_value(config).unwrap())
    }

    #[test]
    fn it_depends_on_what_the_states_mean_and_on_nothing_else() {
        let limit = || json!({ "name": "a", "quota": 10, "window": "1s", "key": ["jwt.claims.sub"] });
        let with = |field: &str, value: Value| {
            let mut limit = limit();
            limit[field] = value;
            of("rate_limit", limit)
        };
        let same = of("rate_limit", limit());
        for (field, value) in [("shadow", json!(true)), ("condition", json!("true")), ("enforce", json!("5%"))] {
            assert_eq!(with(field, value), same, "{field}");
        }
        assert_eq!(with("window", json!("1000ms")), same);
        for (field, value) in [
            ("name", json!("b")),
            ("quota", json!(11)),
            ("window", json!("2s")),
            ("burst", json!(1)),
            ("key", json!(["source.address"])),
            ("algorithm", json!("fixed_window")),
            ("max_keys", json!(8)),
        ] {
            assert_ne!(with(field, value), same, "{field}");
        }
        assert_ne!(of("other", limit()), same);
    }
}
