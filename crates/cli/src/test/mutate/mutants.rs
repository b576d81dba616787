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

/// What a limit of rate-limit may say of how it counts.
const COUNTING: [&str; 6] = ["key", "on_missing_key", "burst", "algorithm", "over_limit", "scope"];

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
    /// Every mutant of `config`: each rule removed, each condition negated, each `match` and whatever else is asked for dropped, each
    /// quota doubled, `on_no_match` turned round.
    pub(crate) fn all(plugin: Plugin, config: &Json) -> Vec<Self> {
        let list = match plugin {
            Plugin::InputValidation | Plugin::JwtAuth => "rules",
            // Its parts have rules.
            Plugin::Bundle => "",
            Plugin::RateLimit => "limits",
            Plugin::Rbac => "policies",
        };
        let rules = elements(config, list).flat_map(|(index, rule)| of_rule(list, index, rule));
        let limits = elements(config, "limits").flat_map(|(index, limit)| of_limit(index, limit));
        rules.chain(limits).chain(of_providers(config)).chain(of_on_no_match(plugin, config)).collect()
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

/// What a limit counts, and how.
fn of_limit(index: usize, limit: &Json) -> Vec<Mutant> {
    let name = limit.get("name").and_then(Json::as_str).unwrap_or_default();
    let (path, pointer) = (format!("limits[{index}]"), format!("/limits/{index}"));
    let doubled = limit.get("quota").and_then(Json::as_u64).map(|quota| Mutant {
        path: format!("{path}.quota"),
        what: format!("that the quota of `{name}` is doubled"),
        change: Change::Set { pointer: format!("{pointer}/quota"), value: json!(quota.saturating_mul(2)) },
    });
    let counting = COUNTING.into_iter().filter(|field| limit.get(*field).is_some()).map(|field| Mutant {
        path: format!("{path}.{field}"),
        what: format!("that `{name}` has no `{field}`"),
        change: Change::Drop { pointer: pointer.clone(), member: field.to_owned() },
    });
    let key = limit.get("key").and_then(Json::as_array).filter(|parts| parts.len() > 1);
    let narrowed = key.into_iter().flat_map(|parts| (0..parts.len()).map(move |part| (parts, part))).map(|(parts, part)| {
        let others = parts.iter().enumerate().filter(|(at, _)| *at != part).map(|(_, other)| other.clone());
        Mutant {
            path: format!("{path}.key[{part}]"),
            what: format!("that `{name}` has no `key[{part}]`"),
            change: Change::Set { pointer: format!("{pointer}/key"), value: others.collect() },
        }
    });
    let charges = ["request", "response"].into_iter().filter(|when| limit.pointer(&format!("/charge/{when}")).is_some());
    let free = charges.map(|when| Mutant {
        path: format!("{path}.charge.{when}"),
        what: format!("that `{name}` has no `charge.{when}`"),
        change: Change::Drop { pointer: format!("{pointer}/charge"), member: when.to_owned() },
    });
    doubled.into_iter().chain(counting).chain(narrowed).chain(free).collect()
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
        (Plugin::Bundle | Plugin::RateLimit, _) => return None,
    };
    Some(Mutant { path: "on_no_match".to_owned(), what: format!("that `on_no_match` is {what}"), change })
}

/// A comment at the end of the condition ends before the parenthesis.
fn negated(condition: &str) -> Json {
    json!(format!("!({condition}\n)"))
}

#[cfg(test)]
mod tests;
