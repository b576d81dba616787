//! Envoy's own RBAC and JWT filters, as Istio configures them for its policies: what the imported policies are compared with.

use serde_json::{Value, json};

/// How Envoy calls what a request does, and who does it.
struct Words {
    set: &'static str,
    all: &'static str,
    any: &'static str,
    not: &'static str,
}

const PERMISSION: Words = Words { set: "rules", all: "and_rules", any: "or_rules", not: "not_rule" };
const PRINCIPAL: Words = Words { set: "ids", all: "and_ids", any: "or_ids", not: "not_id" };

/// A filter that denies for the DENY policies, and one that allows for the ALLOW policies, if there are any.
pub(crate) fn rbac(policies: &[Value]) -> Vec<Value> {
    let filter = |action: &str| {
        let meant: Vec<&Value> =
            policies.iter().filter(|it| it["spec"]["action"].as_str().unwrap_or("ALLOW") == action).collect();
        let rules = meant.iter().flat_map(|it| it["spec"]["rules"].as_array().into_iter().flatten());
        let rules: Value =
            rules.enumerate().map(|(number, rule)| (number.to_string(), policy(rule))).collect::<serde_json::Map<_, _>>().into();
        let config = json!({
            "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
            "rules": { "action": action, "policies": rules },
        });
        (!meant.is_empty()).then(|| json!({ "name": "rbac", "typed_config": config }))
    };
    ["DENY", "ALLOW"].into_iter().filter_map(filter).collect()
}

/// A good token makes the caller known, none is fine.
pub(crate) fn jwt_authn(issuer: &str, jwks: &str) -> Value {
    json!({ "name": "jwt_authn", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        "providers": { "origins-0": {
            "issuer": issuer,
            "local_jwks": { "inline_string": jwks },
            "payload_in_metadata": "payload",
            "normalize_payload_in_metadata": { "space_delimited_claims": ["permission", "scope"] },
        } },
        "rules": [{ "match": { "prefix": "/" }, "requires": { "requires_any": { "requirements": [
            { "provider_name": "origins-0" },
            { "allow_missing": {} },
        ] } } }],
    } })
}

fn policy(rule: &Value) -> Value {
    let is_permission = |key: &str| key.starts_with("destination.") || key == "connection.sni";
    let conditions = |wanted: bool| -> Vec<&Value> {
        let all = rule["when"].as_array().into_iter().flatten();
        all.filter(|it| is_permission(it["key"].as_str().unwrap()) == wanted).collect()
    };
    let sets = |parts: &Value, inner: &str, words: &Words, conditions: &[&Value]| -> Value {
        let conditions = conditions.iter().flat_map(|it| {
            let key = it["key"].as_str().unwrap();
            both(key, &it["values"], &it["notValues"], words)
        });
        let base: Vec<Value> = conditions.collect();
        let of = |part: &Value| all(part[inner].as_object().unwrap(), &base, words);
        match parts.as_array() {
            Some(parts) => parts.iter().map(of).collect(),
            None => json!([joined(base, words)]),
        }
    };
    json!({
        "permissions": sets(&rule["to"], "operation", &PERMISSION, &conditions(true)),
        "principals": sets(&rule["from"], "source", &PRINCIPAL, &conditions(false)),
    })
}

/// Every field of a source or an operation, and the conditions.
fn all(fields: &serde_json::Map<String, Value>, base: &[Value], words: &Words) -> Value {
    let of_field = |(name, values): (&String, &Value)| {
        let Some((first, rest)) = name.strip_prefix("not").and_then(|name| name.split_at_checked(1)) else {
            return both(name, values, &Value::Null, words);
        };
        both(&format!("{}{rest}", first.to_lowercase()), &Value::Null, values, words)
    };
    joined(fields.iter().flat_map(of_field).chain(base.iter().cloned()).collect(), words)
}

fn joined(parts: Vec<Value>, words: &Words) -> Value {
    if parts.is_empty() { json!({ "any": true }) } else { json!({ words.all: { words.set: parts } }) }
}

fn both(key: &str, values: &Value, not_values: &Value, words: &Words) -> Vec<Value> {
    let any = |values: &Value| -> Option<Value> {
        let values: Vec<Value> = values.as_array()?.iter().map(|value| matcher(key, value.as_str().unwrap())).collect();
        Some(json!({ words.any: { words.set: values } }))
    };
    let negative = any(not_values).map(|not| json!({ words.not: not }));
    any(values).into_iter().chain(negative).collect()
}

fn matcher(key: &str, value: &str) -> Value {
    match key {
        "hosts" => header(":authority", value, true),
        "methods" => header(":method", value, false),
        "paths" => path(value),
        "principals" | "source.principal" => authenticated(&principal(value)),
        "namespaces" | "source.namespace" => authenticated(&regex(&format!(".*/ns/{}/.*", value.replace('*', ".*")))),
        "remoteIpBlocks" | "remote.ip" => json!({ "remote_ip": range(value) }),
        "requestPrincipals" | "request.auth.principal" => request_principal(value),
        "request.auth.audiences" => claim(&["aud"], value),
        _ => {
            let (kind, name) = key.split_once('[').unwrap();
            let names: Vec<&str> = name.trim_end_matches(']').split("][").collect();
            if kind == "request.headers" { header(names[0], value, false) } else { claim(&names, value) }
        }
    }
}

fn header(name: &str, value: &str, ignore_case: bool) -> Value {
    if value == "*" {
        return json!({ "header": { "name": name, "present_match": true } });
    }
    let mut matcher = string(value);
    matcher["ignore_case"] = json!(ignore_case);
    json!({ "header": { "name": name, "string_match": matcher } })
}

fn path(value: &str) -> Value {
    if !value.contains("{*}") && !value.contains("{**}") {
        return json!({ "url_path": { "path": string(value) } });
    }
    json!({ "uri_template": { "name": "uri-template", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
        "path_template": value.replace("{*}", "*").replace("{**}", "**"),
    } } })
}

fn string(value: &str) -> Value {
    match (value, value.strip_prefix('*'), value.strip_suffix('*')) {
        ("*", ..) => regex(".+"),
        (_, Some(suffix), _) => json!({ "suffix": suffix }),
        (_, _, Some(prefix)) => json!({ "prefix": prefix }),
        _ => json!({ "exact": value }),
    }
}

fn regex(regex: &str) -> Value {
    json!({ "safe_regex": { "regex": regex } })
}

fn principal(value: &str) -> Value {
    match (value, value.strip_prefix('*')) {
        ("*", _) => regex(".+"),
        (_, Some(suffix)) => regex(&format!("spiffe://.*{suffix}")),
        _ => string(&format!("spiffe://{value}")),
    }
}

fn authenticated(name: &Value) -> Value {
    json!({ "authenticated": { "principal_name": name } })
}

fn range(value: &str) -> Value {
    let whole = if value.contains(':') { 128 } else { 32 };
    let (address, length) = value.split_once('/').map_or((value, whole), |(address, length)| (address, length.parse().unwrap()));
    json!({ "address_prefix": address, "prefix_len": length })
}

/// Issuer and subject, parted at the last slash; a lone wildcard is any text that is not empty.
fn request_principal(value: &str) -> Value {
    let any = || regex(".+");
    let (issuer, subject) = match value.rsplit_once('/') {
        None => (any(), any()),
        Some((issuer, subject)) => (
            if issuer == "*" { any() } else { json!({ "exact": issuer }) },
            match subject.strip_suffix('*') {
                Some("") => any(),
                Some(prefix) if !value.starts_with('*') => json!({ "prefix": prefix }),
                _ => json!({ "exact": subject }),
            },
        ),
    };
    let texts = [("iss", issuer), ("sub", subject)].map(|(name, text)| metadata(&[name], &json!({ "string_match": text })));
    json!({ "and_ids": { "ids": texts } })
}

/// A text, or a list with such a text.
fn claim(path: &[&str], value: &str) -> Value {
    let text = json!({ "string_match": string(value) });
    metadata(path, &json!({ "or_match": { "value_matchers": [text, { "list_match": { "one_of": text } }] } }))
}

fn metadata(path: &[&str], value: &Value) -> Value {
    let path: Value = ["payload"].iter().chain(path).map(|key| json!({ "key": key })).collect();
    json!({ "metadata": { "filter": "envoy.filters.http.jwt_authn", "path": path, "value": value } })
}
