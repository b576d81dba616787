//! The name that somebody probably meant.

use crate::{Attribute, Place, Scope, signature};

pub(crate) use portcullis_config::nearest;

/// Names of other systems, and what they are here.
const ALIASES: &[(&str, &str)] = &[
    ("headers", "request.headers"),
    ("header", "request.headers"),
    ("request.header", "request.headers"),
    ("req.headers", "request.headers"),
    ("method", "request.method"),
    ("request.verb", "request.method"),
    ("path", "request.canonical_path"),
    ("url", "request.canonical_path"),
    ("request.uri", "request.canonical_path"),
    ("request.url", "request.canonical_path"),
    ("host", "request.host"),
    ("request.authority", "request.host"),
    ("request.hostname", "request.host"),
    ("scheme", "request.scheme"),
    ("now", "request.time"),
    ("request.body", "body"),
    ("request.json", "body"),
    ("request.params", "params"),
    ("request.path_params", "params"),
    ("request.cookies", "cookies"),
    ("request.query_params", "query"),
    ("request.args", "query"),
    ("request.user_agent", "request.useragent"),
    ("request.ip", "source.ip"),
    ("request.remote_ip", "source.ip"),
    ("remote_ip", "source.ip"),
    ("client_ip", "source.ip"),
    ("source.principal", "peer.principal"),
    ("request.auth.claims", "jwt.claims"),
    ("request.auth", "jwt.claims"),
    ("auth", "jwt.claims"),
    ("auth.identity", "jwt.claims"),
    ("token", "jwt.claims"),
    ("user", "jwt.claims"),
    ("claim", "jwt.claims"),
    ("jwt.payload", "jwt.claims"),
    ("jwt.sub", "jwt.subject"),
    ("jwt.iss", "jwt.issuer"),
    ("jwt.aud", "jwt.claims.aud"),
    ("jwt.scope", "jwt.claims.scope"),
    ("jwt.roles", "jwt.claims.roles"),
    ("jwt.groups", "jwt.claims.groups"),
    ("response.status", "response.code"),
    ("response.status_code", "response.code"),
];

/// Functions of other languages, and what they are here.
const FUNCTION_ALIASES: &[(&str, &str)] = &[
    ("len", "size"),
    ("length", "size"),
    ("count", "size"),
    ("toLower", "lowerAscii"),
    ("toLowerCase", "lowerAscii"),
    ("lower", "lowerAscii"),
    ("toUpper", "upperAscii"),
    ("toUpperCase", "upperAscii"),
    ("upper", "upperAscii"),
    ("includes", "contains"),
    ("has_prefix", "startsWith"),
    ("hasPrefix", "startsWith"),
    ("has_suffix", "endsWith"),
    ("hasSuffix", "endsWith"),
    ("match", "matches"),
    ("regex", "matches"),
    ("any", "exists"),
    ("some", "exists"),
    ("every", "all"),
    ("inIpRange", "containsIP"),
    ("abs", "math.abs"),
    ("range", "lists.range"),
    ("toString", "string"),
    ("str", "string"),
    ("parseInt", "int"),
    ("float", "double"),
    ("b64decode", "base64.decode"),
];

/// What has no counterpart that is one name.
pub(crate) fn remark(name: &str) -> Option<&'static str> {
    match name {
        "AND" | "and" => Some("write `&&`"),
        "OR" | "or" => Some("write `||`"),
        "NOT" | "not" => Some("write `!`"),
        "True" | "TRUE" => Some("write `true`"),
        "False" | "FALSE" => Some("write `false`"),
        "nil" | "None" | "undefined" | "NULL" => Some("write `null`, or ask with `has(…)` whether a field is there"),
        "source.namespace" => Some("it is part of the peer's SPIFFE id, `peer.principal`"),
        "request.size" | "request.total_size" | "request.duration" | "response.size" => {
            Some("it is not known when the policy is evaluated")
        }
        _ => None,
    }
}

/// Whether names that begin with it are attributes: `request`, `jwt`.
pub(crate) fn is_group(name: &str) -> bool {
    attributes().any(|attribute| attribute.split_once('.').is_some_and(|(group, _)| group == name))
}

/// An attribute of the group.
pub(crate) fn member_of(group: &str) -> &'static str {
    attributes().find(|attribute| attribute.split_once('.').is_some_and(|(first, _)| first == group)).unwrap_or_default()
}

/// The attribute or other known name that `name` was probably meant to be.
pub(crate) fn attribute<'a>(name: &str, scope: &Scope<'_>, known: impl Iterator<Item = &'a str>) -> Option<String> {
    if let Some((_, alias)) = ALIASES.iter().find(|(alias, _)| *alias == name) {
        return Some(if scope.token { alias.replace("jwt.claims", "claims") } else { (*alias).to_owned() });
    }
    let here = attributes().filter(|attribute| if scope.token { !attribute.starts_with("jwt.") } else { *attribute != "claims" });
    let near = match name.split_once('.').filter(|(group, _)| is_group(group)) {
        Some((group, field)) => field_of(group, field),
        None => nearest(name, known.chain(here.map(|attribute| -> &'a str { attribute }))),
    };
    let near = near.or_else(|| same_field(name))?;
    let raw = matches!(near, "request.path" | "request.url_path") && !scope.raw_path;
    Some(if raw { "request.canonical_path" } else { near }.to_owned())
}

/// The attribute of the group with about this last part.
fn field_of(group: &str, field: &str) -> Option<&'static str> {
    let of_group = || attributes().filter_map(|attribute| attribute.split_once('.')).filter(|(first, _)| *first == group);
    let near = nearest(field, of_group().map(|(_, last)| last))?;
    attributes().find(|attribute| attribute.split_once('.') == Some((group, near)))
}

/// An attribute of another group, or without group, with about the same last part.
fn same_field(name: &str) -> Option<&'static str> {
    let last = |name: &'static str| name.rsplit_once('.').map_or(name, |(_, last)| last);
    let field = nearest(name.rsplit_once('.').map_or(name, |(_, last)| last), attributes().map(last))?;
    attributes().find(|attribute| last(attribute) == field)
}

/// The function that `name` was probably meant to be.
pub(crate) fn function(name: &str) -> Option<&'static str> {
    if let Some((_, alias)) = FUNCTION_ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)) {
        return Some(alias);
    }
    nearest(name, signature::names())
}

/// Every attribute that an expression may name.
fn attributes() -> impl Iterator<Item = &'static str> {
    Attribute::ALL.iter().filter(|attribute| attribute.place() != Place::Hidden).map(|attribute| attribute.name())
}
