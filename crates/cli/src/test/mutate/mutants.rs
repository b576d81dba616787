//! What is changed in a policy, one thing at a time.

use serde_json::{Value as Json, json};

use crate::plugin::Plugin;
use crate::rules::Rules;

/// A policy's configuration with one change.
#[derive(Debug)]
pub(crate) struct Mutant {
    /// Where the change is, in the configuration.
    pub(crate) path: String,
    /// The change: ``that rule `read-orders` is gone``.
    pub(crate) what: String,
    change: Change,
}

/// What a rule may ask of a request besides its match.
const DEMANDS: [&str; 9] = ["condition", "scopes", "step_up", "params", "query", "headers", "cookies", "content_types", "body"];

/// Where a rule of input-validation has what is named by the client: each may be asked for something of its own.
const NAMED: [&[&str]; 6] = [
    &["params"],
    &["query", "params"],
    &["headers"],
    &["cookies", "params"],
    &["body", "form", "fields"],
    &["body", "multipart", "parts"],
];

/// What a rule of input-validation may ask of a body.
const OF_A_BODY: [&[&str]; 3] = [&["body", "json"], &["body", "form"], &["body", "multipart"]];

/// What a provider of jwt-auth may ask of its tokens.
const TERMS: [&str; 9] = [
    "issuer",
    "audiences",
    "subjects",
    "algorithms",
    "required_typ",
    "max_lifetime",
    "not_revoked",
    "certificate_binding",
    "condition",
];

#[derive(Debug)]
enum Change {
    /// An element of a list is gone.
    Remove { list: &'static str, index: usize },
    /// What is at a JSON pointer is something else.
    Set { pointer: String, value: Json },
    /// A member of the object at a JSON pointer is gone.
    Drop { pointer: String, member: String },
}

impl Mutant {
    /// Every mutant of `config`: each rule removed, each condition negated, each `match` and whatever else is asked for dropped,
    /// `on_no_match` turned round.
    pub(crate) fn all(plugin: Plugin, config: &Json) -> Vec<Self> {
        let list = match plugin {
            Plugin::InputValidation | Plugin::JwtAuth => "rules",
            Plugin::RateLimit => "limits",
            Plugin::Rbac => "policies",
        };
        let rules = elements(config, list).flat_map(|(index, rule)| of_rule(list, index, rule));
        rules.chain(of_providers(config)).chain(of_on_no_match(plugin, config)).collect()
    }

    /// Makes the change in `config`.
    pub(crate) fn apply(&self, config: &mut Json) {
        match &self.change {
            Change::Remove { list, index } => {
                if let Some(elements) = config.get_mut(*list).and_then(Json::as_array_mut).filter(|list| *index < list.len()) {
                    elements.remove(*index);
                }
            }
            Change::Set { pointer, value } => {
                let (parent, member) = pointer.rsplit_once('/').unwrap_or_default();
                if let Some(members) = config.pointer_mut(parent).and_then(Json::as_object_mut) {
                    members.insert(member.to_owned(), value.clone());
                }
            }
            Change::Drop { pointer, member } => {
                if let Some(members) = config.pointer_mut(pointer).and_then(Json::as_object_mut) {
                    members.remove(member);
                }
            }
        }
    }
}

fn elements<'c>(config: &'c Json, list: &str) -> impl Iterator<Item = (usize, &'c Json)> {
    config.get(list).and_then(Json::as_array).into_iter().flatten().enumerate()
}

fn of_rule(list: &'static str, index: usize, rule: &Json) -> Vec<Mutant> {
    let name = rule.get("name").and_then(Json::as_str).unwrap_or_default();
    let (path, pointer) = (format!("{list}[{index}]"), format!("/{list}/{index}"));
    let removed = Mutant { path: path.clone(), what: format!("that `{name}` is gone"), change: Change::Remove { list, index } };
    let negated = rule.get("condition").and_then(Json::as_str).map(|condition| Mutant {
        path: format!("{path}.condition"),
        what: format!("that the condition of `{name}` is negated"),
        change: Change::Set { pointer: format!("{pointer}/condition"), value: negated(condition) },
    });
    let matches = rule.get("match").and_then(Json::as_object).filter(|matches| !matches.is_empty());
    let dropped = matches.map(|_| Mutant {
        path: format!("{path}.match"),
        what: format!("that `{name}` is for every request"),
        change: Change::Drop { pointer: pointer.clone(), member: "match".to_owned() },
    });
    let demands = DEMANDS.into_iter().filter(|demand| rule.get(*demand).is_some()).map(|demand| Mutant {
        path: format!("{path}.{demand}"),
        what: format!("that `{name}` has no `{demand}`"),
        change: Change::Drop { pointer: pointer.clone(), member: demand.to_owned() },
    });
    std::iter::once(removed).chain(negated).chain(dropped).chain(demands).chain(of_parts(&path, &pointer, name, rule)).collect()
}

/// What input-validation asks of the parts of a request.
fn of_parts(path: &str, pointer: &str, rule_name: &str, rule: &Json) -> Vec<Mutant> {
    let at = |place: &[&str]| place.iter().try_fold(rule, |json, member| json.get(*member));
    let named = NAMED.into_iter().flat_map(|place| {
        let names = at(place).and_then(Json::as_object).into_iter().flatten();
        names.map(move |(name, _)| (place.to_vec(), name.clone())).collect::<Vec<_>>()
    });
    let forms = OF_A_BODY.into_iter().filter(|place| at(place).is_some()).filter_map(|place| {
        let (form, above) = place.split_last()?;
        Some((above.to_vec(), (*form).to_owned()))
    });
    let schema = at(&["body", "json", "schema"]).map(|_| (vec!["body", "json"], "schema".to_owned()));
    let dropped = |(place, member): (Vec<&str>, String)| Mutant {
        path: format!("{path}.{}.{member}", place.join(".")),
        what: format!("that `{rule_name}` has no `{}.{member}`", place.join(".")),
        change: Change::Drop { pointer: format!("{pointer}/{}", place.join("/")), member },
    };
    named.chain(forms).chain(schema).map(dropped).collect()
}

/// What jwt-auth asks of tokens.
fn of_providers(config: &Json) -> impl Iterator<Item = Mutant> {
    let providers = config.get("providers").and_then(Json::as_object).into_iter().flatten();
    providers.flat_map(|(name, provider)| {
        let pointer = format!("/providers/{}", name.replace('~', "~0").replace('/', "~1"));
        let path = |term: &str| format!("providers.{name}.{term}");
        let negated = provider.get("condition").and_then(Json::as_str).map(|condition| Mutant {
            path: path("condition"),
            what: format!("that the condition of provider `{name}` is negated"),
            change: Change::Set { pointer: format!("{pointer}/condition"), value: negated(condition) },
        });
        let terms = TERMS.into_iter().filter(|term| provider.get(*term).is_some()).map(|term| Mutant {
            path: path(term),
            what: format!("that provider `{name}` has no `{term}`"),
            change: Change::Drop { pointer: pointer.clone(), member: term.to_owned() },
        });
        negated.into_iter().chain(terms).collect::<Vec<_>>()
    })
}

/// None where no request comes to it.
fn of_on_no_match(plugin: Plugin, config: &Json) -> Option<Mutant> {
    let configured = config.get("on_no_match");
    if configured.is_none() && !Rules::of(plugin, config).is_ok_and(|rules| rules.may_not_match) {
        return None;
    }
    let set = |value: &str| Change::Set { pointer: "/on_no_match".to_owned(), value: json!(value) };
    let (what, change) = match (plugin, configured.and_then(Json::as_str)) {
        (Plugin::Rbac, Some("ALLOW")) => ("DENY", set("DENY")),
        (Plugin::Rbac, _) => ("ALLOW", set("ALLOW")),
        (Plugin::JwtAuth, Some("none")) => ("a token", Change::Drop { pointer: String::new(), member: "on_no_match".to_owned() }),
        (Plugin::JwtAuth, _) => ("none", set("none")),
        (Plugin::InputValidation, Some("pass")) => ("reject", set("reject")),
        (Plugin::InputValidation, _) => ("pass", set("pass")),
        (Plugin::RateLimit, _) => return None,
    };
    Some(Mutant { path: "on_no_match".to_owned(), what: format!("that `on_no_match` is {what}"), change })
}

/// A comment at the end of the condition ends before the parenthesis.
fn negated(condition: &str) -> Json {
    json!(format!("!({condition}\n)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(plugin: Plugin, config: &Json) -> Vec<(String, Json)> {
        let mutants = Mutant::all(plugin, config).into_iter();
        let changed = mutants.map(|mutant| {
            let mut changed = config.clone();
            mutant.apply(&mut changed);
            assert_ne!(changed, *config, "{mutant:?}");
            (mutant.what, changed)
        });
        changed.collect()
    }

    #[test]
    fn of_rbac_every_policy_condition_and_match_is_changed_and_what_holds_without_any() {
        let a = json!({"name": "a", "action": "ALLOW", "match": {"methods": ["GET"]}, "condition": "x // y"});
        let b = json!({"name": "b", "action": "DENY", "match": {}});
        let config = json!({"version": 1, "policies": [a, b]});
        let with = |policies: Json| json!({"version": 1, "policies": policies});
        let expected = [
            ("that `a` is gone", with(json!([b]))),
            (
                "that the condition of `a` is negated",
                with(json!([{"name": "a", "action": "ALLOW", "match": {"methods": ["GET"]}, "condition": "!(x // y\n)"}, b])),
            ),
            ("that `a` is for every request", with(json!([{"name": "a", "action": "ALLOW", "condition": "x // y"}, b]))),
            ("that `a` has no `condition`", with(json!([{"name": "a", "action": "ALLOW", "match": {"methods": ["GET"]}}, b]))),
            ("that `b` is gone", with(json!([a]))),
        ];
        let expected = expected.map(|(what, config)| (what.to_owned(), config));
        assert_eq!(changed(Plugin::Rbac, &config), expected);
    }

    #[test]
    fn on_no_match_is_turned_round() {
        let rbac = |on_no_match: Json| {
            let mut config = json!({"version": 1, "policies": [{"name": "a", "action": "ALLOW", "condition": "true"}]});
            config["on_no_match"] = on_no_match;
            changed(Plugin::Rbac, &config).pop().unwrap().1["on_no_match"].clone()
        };
        assert_eq!((rbac(json!("DENY")), rbac(json!("ALLOW"))), (json!("ALLOW"), json!("DENY")));
        let defaulted = json!({"version": 1, "policies": []});
        assert_eq!(changed(Plugin::Rbac, &defaulted).pop().unwrap().1["on_no_match"], json!("ALLOW"));
        let mut tokens = json!({"version": 1, "providers": {"a": {"local_jwks": {"inline": {"keys": []}}}}});
        assert_eq!(changed(Plugin::JwtAuth, &tokens).pop().unwrap().1["on_no_match"], json!("none"));
        tokens["on_no_match"] = json!("none");
        assert_eq!(changed(Plugin::JwtAuth, &tokens).pop().unwrap().1.get("on_no_match"), None);
    }

    #[test]
    fn of_jwt_auth_every_term_of_a_provider_and_every_demand_of_a_rule_is_dropped() {
        let rule = json!({"name": "r", "requires": {"provider_name": "a/b"}, "scopes": ["s"], "step_up": {}});
        let provider = json!({"issuer": "i", "audiences": ["a"], "condition": "c", "forward": true, "local_jwks": {}});
        let config = json!({"version": 1, "providers": {"a/b": provider}, "rules": [rule]});
        let changed = changed(Plugin::JwtAuth, &config);
        let whats: Vec<&str> = changed.iter().map(|(what, _)| what.as_str()).collect();
        let expected = [
            "that `r` is gone",
            "that `r` has no `scopes`",
            "that `r` has no `step_up`",
            "that the condition of provider `a/b` is negated",
            "that provider `a/b` has no `issuer`",
            "that provider `a/b` has no `audiences`",
            "that provider `a/b` has no `condition`",
        ];
        assert_eq!(whats, expected);
        assert_eq!(changed[3].1["providers"]["a/b"]["condition"], json!("!(c\n)"));
        assert_eq!(changed[5].1["providers"]["a/b"].get("audiences"), None);
    }

    #[test]
    fn of_input_validation_whatever_a_rule_asks_of_a_part_of_the_request_is_dropped() {
        let body = json!({"max_bytes": "1KiB", "json": {"schema": {}}, "form": {"fields": {"f": {}}}});
        let rule = json!({"name": "r", "query": {"params": {"q": {}}}, "headers": {"x-a": {}, "x-b": {}}, "body": body});
        let config = json!({"version": 1, "rules": [rule]});
        let changed = changed(Plugin::InputValidation, &config);
        let whats: Vec<&str> = changed.iter().filter_map(|(what, _)| what.strip_prefix("that `r` has no ")).collect();
        let expected = [
            "`query`",
            "`headers`",
            "`body`",
            "`query.params.q`",
            "`headers.x-a`",
            "`headers.x-b`",
            "`body.form.fields.f`",
            "`body.json`",
            "`body.form`",
            "`body.json.schema`",
        ];
        assert_eq!(whats, expected);
        assert_eq!(changed[5].1["rules"][0]["headers"], json!({"x-b": {}}));
        assert_eq!(changed[10].1["rules"][0]["body"]["json"], json!({}));
    }

    #[test]
    fn what_no_request_comes_to_is_not_turned_round() {
        let all = json!({"name": "all", "requires": {"provider_name": "a"}});
        let config = json!({"version": 1, "providers": {"a": {}}, "rules": [all]});
        assert_eq!(changed(Plugin::JwtAuth, &config).len(), 1);
    }
}
