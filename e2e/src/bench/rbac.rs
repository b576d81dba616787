//! What policies cost: few and many, beside Envoy's own `rbac` with the same rules.

use serde_json::{Map, Value, json};

use super::Group;
use super::Variant;
use super::sections::Subjects;
use crate::Request;
use crate::bootstrap::type_url;

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

/// Envoy's filter and ours, and ours alone where only it has something of the kind.
pub(super) fn groups(subjects: &Subjects) -> Vec<Group> {
    let forms = [(Form::Path, &DISTINCT[..]), (Form::Template, DISTINCT.get(..4).unwrap_or_default())];
    let beside = |form, counts: &[usize]| counts.iter().flat_map(|count| beside(subjects, form, *count)).collect::<Vec<_>>();
    let both = forms.into_iter().flat_map(|(form, counts)| beside(form, counts));
    let asked = SHARED.into_iter().flat_map(|count| asked(subjects, count));
    vec![Group { variants: both.chain(asked).collect(), ..Group::default() }]
}

/// Envoy's filter and ours, with the same rules.
fn beside(subjects: &Subjects, form: Form, count: usize) -> [Variant; 2] {
    let what = match form {
        Form::Path => "paths",
        Form::Template => "templates",
    };
    let [native_name, own] = ["native rbac", "rbac"].map(|filter| format!("{filter}, {count} {what}"));
    let requests = spread(form, count);
    [
        Variant::new(&native_name, vec![native(form, count)], requests.clone()).at(&format!("native rbac, {what}"), count),
        plugin(subjects, &own, &policies(form, count), requests).beside(&native_name).at(&format!("rbac, {what}"), count),
    ]
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

fn plugin(subjects: &Subjects, name: &str, policies: &Value, requests: Vec<Vec<u8>>) -> Variant {
    let configuration = json!({ "version": 1, "policies": policies });
    Variant::new(name, vec![subjects.plugin(name, "rbac", &configuration)], requests)
}

/// Policies that are all for the same request, and whose conditions are all asked: they share a path, or have none.
fn asked(subjects: &Subjects, count: usize) -> [Variant; 2] {
    let policies = |matches: &Value| -> Value {
        let condition = |number: usize| {
            let team = if number + 1 == count { "red".to_owned() } else { format!("team-{number}") };
            format!("request.headers[\"x-team\"] == \"{team}\"")
        };
        let policy = |number: usize| json!({ "name": format!("policy-{number}"), "action": "ALLOW", "match": matches, "condition": condition(number) });
        (0..count).map(policy).collect()
    };
    [("on one path", json!({ "paths": [path(0)] })), ("without a path", json!({}))].map(|(what, matches)| {
        let name = format!("rbac, {count} conditions {what}");
        plugin(subjects, &name, &policies(&matches), vec![request(&path(0))]).at(&format!("rbac, conditions {what}"), count)
    })
}
