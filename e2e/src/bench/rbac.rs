//! What policies cost: few and many, beside Envoy's own `rbac` with the same rules.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::Variant;
use crate::Request;
use crate::bootstrap::type_url;
use crate::filters::{WasmFilter, wasm_filter};

/// How many policies with paths of their own.
const DISTINCT: [usize; 5] = [1, 10, 100, 1_000, 10_000];

/// How many that all are for one request: each is asked.
const SHARED: [usize; 3] = [1, 10, 100];

/// How many requests go round; each is for another policy, evenly spread.
const REQUESTS: usize = 64;

/// What a policy with a path of its own looks at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// A path: what is cheapest for Envoy.
    Path,
    /// A method and a path template.
    Template,
}

/// The variants of `rbac`, with the module at `module` where it is built.
#[must_use]
pub fn rbac_variants(module: Option<&Path>) -> Vec<Variant> {
    let forms = [(Form::Path, &DISTINCT[..]), (Form::Template, DISTINCT.get(..4).unwrap_or_default())];
    let both = forms.into_iter().flat_map(|(form, counts)| counts.iter().flat_map(move |count| beside(form, *count, module)));
    let asked = module.into_iter().flat_map(|module| SHARED.map(|count| asked(module, count)).concat());
    both.chain(asked).collect()
}

/// Envoy's filter and ours, with the same rules.
fn beside(form: Form, count: usize, module: Option<&Path>) -> Vec<Variant> {
    let what = match form {
        Form::Path => "paths",
        Form::Template => "templates",
    };
    let native_name = format!("native rbac, {count} {what}");
    let requests = spread(form, count);
    let native = variant(&native_name, native(form, count), requests.clone(), None);
    let own = module
        .map(|module| plugin(&format!("rbac, {count} {what}"), module, &policies(form, count), requests, Some(&native_name)));
    [native].into_iter().chain(own).collect()
}

fn variant(name: &str, filter: Value, requests: Vec<Vec<u8>>, peer: Option<&str>) -> Variant {
    Variant {
        name: name.to_owned(),
        filters: vec![filter],
        requests,
        expect_status: 200,
        copies: 1,
        peer: peer.map(str::to_owned),
    }
}

pub(super) fn path(number: usize) -> String {
    format!("/service-{number}/items")
}

fn spread(form: Form, count: usize) -> Vec<Vec<u8>> {
    let steps = REQUESTS.min(count);
    let paths = (1..=steps).map(|step| path(step * count / steps - 1));
    paths.map(|path| request(&if matches!(form, Form::Path) { path } else { path + "/42" })).collect()
}

fn request(path: &str) -> Vec<u8> {
    Request::get(path).header("x-team", "red").header("user-agent", "bench").to_bytes()
}

/// Envoy's own filter: a policy for each path, for everyone.
pub(super) fn native(form: Form, count: usize) -> Value {
    let policy = |number: usize| {
        let policy = json!({ "permissions": [permission(form, &path(number))], "principals": [{ "any": true }] });
        (format!("policy-{number}"), policy)
    };
    let policies: Map<String, Value> = (0..count).map(policy).collect();
    json!({ "name": "rbac", "typed_config": {
        "@type": type_url("filters.http.rbac.v3.RBAC"),
        "rules": { "action": "ALLOW", "policies": policies },
    } })
}

fn permission(form: Form, path: &str) -> Value {
    let Form::Template = form else { return json!({ "url_path": { "path": { "exact": path } } }) };
    let template = json!({ "name": "template", "typed_config": {
        "@type": type_url("path.match.uri_template.v3.UriTemplateMatchConfig"),
        "path_template": format!("{path}/{{id}}"),
    } });
    let method = json!({ "header": { "name": ":method", "string_match": { "exact": "GET" } } });
    json!({ "and_rules": { "rules": [method, { "uri_template": template }] } })
}

/// The same for ours.
pub(super) fn policies(form: Form, count: usize) -> Value {
    (0..count).map(|number| policy(form, number)).collect()
}

fn policy(form: Form, number: usize) -> Value {
    let path = path(number);
    let matches = match form {
        Form::Path => json!({ "paths": [path] }),
        Form::Template => json!({ "methods": ["GET"], "paths": [path + "/{id}"] }),
    };
    json!({ "name": format!("policy-{number}"), "action": "ALLOW", "match": matches })
}

fn plugin(name: &str, module: &Path, policies: &Value, requests: Vec<Vec<u8>>, peer: Option<&str>) -> Variant {
    let configuration = json!({ "version": 1, "policies": policies });
    variant(name, wasm_filter(&WasmFilter::new(name, module, &configuration)), requests, peer)
}

/// Policies that are all for the same request, and whose conditions are all asked: they share a path, or have none.
fn asked(module: &Path, count: usize) -> Vec<Variant> {
    let policies = |matches: &Value| -> Value {
        let condition = |number: usize| {
            let team = if number + 1 == count { "red".to_owned() } else { format!("team-{number}") };
            format!("request.headers[\"x-team\"] == \"{team}\"")
        };
        let policy = |number: usize| json!({ "name": format!("policy-{number}"), "action": "ALLOW", "match": matches, "condition": condition(number) });
        (0..count).map(policy).collect()
    };
    let shared = policies(&json!({ "paths": [path(0)] }));
    let pathless = policies(&json!({}));
    vec![
        plugin(&format!("rbac, {count} conditions on one path"), module, &shared, vec![request(&path(0))], None),
        plugin(&format!("rbac, {count} conditions without a path"), module, &pathless, vec![request(&path(0))], None),
    ]
}
