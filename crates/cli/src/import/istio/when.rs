//! `when`: further conditions, by the keys of Istio's reference.

use portcullis_config::nearest;

use super::cel::Cel;
use super::claims;
use super::context::{Context, Translate, placed};
use super::methods;
use super::network;
use super::pattern::{Pattern, literal, matching};
use super::peer;
use super::resource::At;
use super::wire::Condition;

/// The keys that stand alone.
const KEYS: [(&str, Translate); 11] = [
    ("source.ip", network::peers),
    ("remote.ip", network::remotes),
    ("source.namespace", peer::namespaces),
    ("source.principal", peer::principals),
    ("source.serviceAccount", peer::service_accounts),
    ("source.trustDomain", peer::trust_domains),
    ("request.auth.principal", claims::request_principals),
    ("request.auth.audiences", claims::audiences),
    ("request.auth.presenter", claims::presenters),
    ("destination.ip", network::destinations),
    ("destination.port", network::ports),
];

/// What is told wherever a policy looks at headers.
const ONE_VALUE: &str = "a header that came several times is an error, which denies in a DENY and does not allow in an ALLOW; Istio \
    joins its values with commas";

/// That the condition holds.
pub(super) fn condition(condition: &Condition, context: &Context<'_>, at: &At<'_>) -> Cel {
    let Condition { key, values, not_values } = condition;
    if values.is_none() && not_values.is_none() {
        at.refuse("expected `values` or `notValues`");
    }
    let translate = translation(key, &at.field("key"));
    let both = |translate: &dyn Fn(&[String], &Context<'_>, &At<'_>) -> Cel| {
        context.both(("values", "notValues"), (values, not_values), translate, at)
    };
    match translate {
        Some(Translation::Key(translate)) => both(&translate),
        Some(Translation::Header(name)) => both(&|values, _, at| header(&name, values, at)),
        Some(Translation::Claim(path)) => both(&|values, context, at| claims::claim(&path, values, context, at)),
        None => Cel::Never,
    }
}

/// How the values of a key are read.
enum Translation<'k> {
    Key(Translate),
    Header(String),
    Claim(Vec<&'k str>),
}

fn translation<'k>(key: &'k str, at: &At<'_>) -> Option<Translation<'k>> {
    if let Some((_, translate)) = KEYS.iter().find(|(known, _)| *known == key) {
        return Some(Translation::Key(*translate));
    }
    let translation = match key.split_once('[').map_or((key, None), |(start, _)| (start, key.get(start.len()..))) {
        ("connection.sni", None) => return Some(Translation::Key(network::server_names)),
        ("request.headers", Some(name)) => bracketed(name).and_then(|names| of_header(&names, at)),
        ("request.auth.claims", Some(path)) => bracketed(path).map(Translation::Claim),
        _ => None,
    };
    if translation.is_none() {
        at.refuse(unknown(key));
    }
    translation
}

/// `[a][b]` as `a`, `b`.
fn bracketed(text: &str) -> Option<Vec<&str>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let names: Vec<&str> = inner.split("][").collect();
    names.iter().all(|name| !name.is_empty() && !name.contains(['[', ']'])).then_some(names)
}

/// Pseudo-headers have words of their own.
fn of_header<'k>(names: &[&str], _: &At<'_>) -> Option<Translation<'k>> {
    let [name] = names else { return None };
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        ":method" => Some(Translation::Key(methods::condition)),
        "host" => None,
        _ if name.starts_with(':') => None,
        _ => Some(Translation::Header(name)),
    }
}

fn unknown(key: &str) -> String {
    if key.starts_with("experimental.envoy.filters.") {
        return "the metadata of other filters cannot be read".to_owned();
    }
    match key.to_ascii_lowercase().as_str() {
        "request.headers[:authority]" | "request.headers[host]" => return "write `hosts` in an operation".to_owned(),
        "request.headers[:path]" => return "write `paths` in an operation".to_owned(),
        _ => {}
    }
    let words = KEYS.iter().map(|(known, _)| *known).chain(["connection.sni", "request.headers[…]", "request.auth.claims[…]"]);
    match nearest(key, words) {
        Some(near) => format!("unknown key; did you mean `{near}`?"),
        None => "unknown key".to_owned(),
    }
}

/// `request.headers[name]`
fn header(name: &str, values: &[String], at: &At<'_>) -> Cel {
    at.differs_everywhere(ONE_VALUE);
    let key = literal(name);
    let patterns: Vec<Pattern<'_>> = placed(values, at).map(|(value, at)| Pattern::of(value, &at)).collect();
    let there = Cel::In(key.clone(), "request.headers".to_owned());
    let test = matching(&format!("request.headers[{key}]"), &patterns, &Cel::Always);
    Cel::all([there, test])
}
