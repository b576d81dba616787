//! A configuration of rbac, a line for a thing, so that mutations stay configurations:
//!
//! ```text
//! on_no_match ALLOW
//! rewrite
//! shadow
//! ignore_overrides
//! identity mtls
//! roles_from jwt.claims.roles
//! role editor orders:write < reader
//! DENY GET,PUT api.example /admin/{*rest} request.headers["x-role"] == "guest"
//! shadow ALLOW - - /orders/{id} true
//! ```
//!
//! A policy's methods, host and path are `-` where it has none, its condition the rest of the line.

use serde_json::{Map, Value, json};

/// The configuration that `text` spells.
pub fn parse(text: &str) -> Value {
    let mut config = json!({"version": 1, "policies": [], "roles": {}});
    for (number, line) in text.lines().enumerate() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "on_no_match" => config["on_no_match"] = json!(rest),
            "rewrite" => config["path"] = json!({"on_ambiguous": "rewrite"}),
            "shadow" if rest.is_empty() => config["mode"] = json!("shadow"),
            "ignore_overrides" => config["method_override"] = json!("ignore"),
            "identity" => config["identity_from"] = rest.split(' ').map(source).collect(),
            "roles_from" => config["roles_from"] = json!(rest),
            "role" => {
                let (name, role) = role(rest);
                config["roles"][name] = role;
            }
            _ => {
                let policy = policy(number, line);
                config["policies"].as_array_mut().unwrap().push(policy);
            }
        }
    }
    config
}

fn source(name: &str) -> Value {
    match name {
        "jwt_authn" => json!({"jwt_authn": {}}),
        "forwarded_client_cert" => json!({"forwarded_client_cert": {"trusted_proxies": ["spiffe://mesh/gateway"]}}),
        name => json!(name),
    }
}

fn role(line: &str) -> (&str, Value) {
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (permissions, inherits) = rest.split_once('<').unwrap_or((rest, ""));
    let words = |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    let mut role = Map::new();
    for (key, words) in [("permissions", words(permissions)), ("inherits", words(inherits))] {
        if !words.is_empty() {
            role.insert(key.to_owned(), json!(words));
        }
    }
    (name, Value::Object(role))
}

fn policy(number: usize, line: &str) -> Value {
    let shadow = line.strip_prefix("shadow ");
    let mut words = shadow.unwrap_or(line).splitn(5, ' ');
    let mut next = || words.next().unwrap_or_default();
    let mut policy =
        json!({"name": format!("p{number}"), "action": next(), "shadow": shadow.is_some(), "match": {}, "raw_path": true});
    for key in ["methods", "hosts", "paths"] {
        let text = next();
        if !matches!(text, "" | "-") {
            policy["match"][key] = text.split(',').collect();
        }
    }
    let condition = next();
    if !condition.is_empty() {
        policy["condition"] = json!(condition);
    }
    policy
}
