//! Words in a table.

use serde_json::Value;

/// A member that is text, on one line; empty where there is none.
pub(super) fn of(schema: &Value, member: &str) -> String {
    schema.get(member).and_then(Value::as_str).unwrap_or_default().replace('\n', " ")
}

/// What stands between two bars.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// A comment without its sentence `Default: …`, and what that says: the default that is no value.
pub(super) fn sentences(comment: &str) -> (String, String) {
    let Some((before, rest)) = comment.split_once("Default: ") else { return (comment.to_owned(), String::new()) };
    let (default, after) = rest.split_once(". ").unwrap_or((rest.trim_end_matches('.'), ""));
    (format!("{before}{after}").trim().to_owned(), default.to_owned())
}

/// The default that is a value.
pub(super) fn default_of(option: &Value) -> Option<String> {
    option.get("default").filter(|default| !default.is_null()).map(|default| match default {
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(value).collect::<Vec<_>>().join(", "),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        default => value(default),
    })
}

/// A value as it stands in a document.
pub(super) fn value(value: &Value) -> String {
    format!("`{}`", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// `RequirementConfig` as `requirement`.
pub(super) fn words(name: &str) -> String {
    let mut words = String::new();
    for character in name.trim_end_matches("Config").chars() {
        if character.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
    }
    words
}

pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + characters.as_str())
}

/// The fragment that leads to a heading.
pub(super) fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|character| character.is_ascii_alphanumeric() || matches!(character, ' ' | '-' | '_'));
    kept.map(|character| if character == ' ' { '-' } else { character.to_ascii_lowercase() }).collect()
}
