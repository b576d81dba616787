//! From a field's path to its place: `policies[2].match.paths[0]`, `providers["a b"].issuer`.

use portcullis_config::quote;
use portcullis_policy::Position;
use saphyr::{MarkedYamlOwned, ScalarOwned, YamlDataOwned};
use serde_json::Value as Json;

use super::document::position;

/// Where `path` stands below `root` and the node that is there: the deepest that is there, where it is not.
pub(crate) fn find<'n>(root: &'n MarkedYamlOwned, path: &str) -> (Position, &'n MarkedYamlOwned) {
    let (mut at, mut node, mut rest) = (start(root), root, path);
    while let Some((place, inner, after)) = step(node, rest) {
        (at, node, rest) = (place, inner, after);
    }
    (at, node)
}

/// The value at `path`.
pub(crate) fn value<'v>(root: &'v Json, path: &str) -> Option<&'v Json> {
    let (mut value, mut rest) = (root, path);
    while !rest.is_empty() {
        (value, rest) = match value {
            Json::Object(entries) => entries.iter().find_map(|(key, value)| Some((value, after_key(rest, key)?)))?,
            Json::Array(elements) => {
                let (index, after) = after_index(rest)?;
                (elements.get(index)?, after)
            }
            _ => return None,
        };
    }
    Some(value)
}

/// The paths of all fields called `env` that hold `name`.
pub(crate) fn of_variable(value: &Json, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(value, name, String::new(), &mut found);
    found
}

fn collect(value: &Json, name: &str, path: String, found: &mut Vec<String>) {
    match value {
        Json::Object(entries) => {
            for (key, value) in entries {
                let dot = if path.is_empty() || segment(key).starts_with('[') { "" } else { "." };
                let path = format!("{path}{dot}{}", segment(key));
                if key == "env" && value.as_str() == Some(name) {
                    found.push(path.clone());
                }
                collect(value, name, path, found);
            }
        }
        Json::Array(elements) => {
            elements.iter().enumerate().for_each(|(index, value)| collect(value, name, format!("{path}[{index}]"), found));
        }
        _ => {}
    }
}

/// The text of a key.
pub(crate) fn key(node: &MarkedYamlOwned) -> Option<&str> {
    match &node.data {
        YamlDataOwned::Value(ScalarOwned::String(text)) => Some(text),
        _ => None,
    }
}

fn step<'n, 'p>(node: &'n MarkedYamlOwned, rest: &'p str) -> Option<(Position, &'n MarkedYamlOwned, &'p str)> {
    match &node.data {
        YamlDataOwned::Mapping(entries) => {
            let entry = |(name, value): (&'n MarkedYamlOwned, &'n MarkedYamlOwned)| {
                Some((start(name), value, after_key(rest, key(name)?)?))
            };
            entries.iter().find_map(entry)
        }
        YamlDataOwned::Sequence(elements) => {
            let (index, after) = after_index(rest)?;
            let element = elements.get(index)?;
            Some((start(element), element, after))
        }
        _ => None,
    }
}

/// What follows `key` at the start of `path`.
fn after_key<'p>(path: &'p str, key: &str) -> Option<&'p str> {
    let path = path.strip_prefix('.').unwrap_or(path);
    let after = path.strip_prefix(segment(key).as_str())?;
    (after.is_empty() || after.starts_with(['.', '['])).then_some(after)
}

fn after_index(path: &str) -> Option<(usize, &str)> {
    let (index, after) = path.strip_prefix('[')?.split_once(']')?;
    Some((index.parse().ok()?, after))
}

/// `key` as it stands in the path of an error: quoted unless it is one plain word.
fn segment(key: &str) -> String {
    let plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if plain { key.to_owned() } else { format!("[{}]", quote(key)) }
}

fn start(node: &MarkedYamlOwned) -> Position {
    position(node.span.start.line(), node.span.start.col())
}
