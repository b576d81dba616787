//! YAML for people: comments above rules, short values on one line.

use serde_json::{Map, Value};

use crate::rule::Rule;

/// The widest line.
const WIDTH: usize = 120;

/// The order of keys; others follow by their names.
const ORDER: [&str; 17] = [
    "name",
    "match",
    "params",
    "query",
    "headers",
    "cookies",
    "content_types",
    "condition",
    "deny_response",
    "body",
    "$ref",
    "type",
    "required",
    "additional",
    "file",
    "max_bytes",
    "properties",
];

/// The policy file.
pub(crate) fn policy(name: &str, description: &str, rules: &[Rule]) -> String {
    let mut yaml = Yaml(String::new());
    yaml.line(0, "# Written by `portcullis import openapi`, whose report tells what is not enforced.");
    yaml.line(0, "plugin: input-validation");
    yaml.line(0, &format!("name: {}", scalar(name)));
    yaml.line(0, &format!("description: {}", scalar(description)));
    yaml.line(0, "config:");
    yaml.line(1, "version: 1");
    yaml.line(1, "rules:");
    for rule in rules {
        for comment in &rule.comments {
            let printable: String = comment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            yaml.line(2, &format!("# {printable}"));
        }
        yaml.element(2, &rule.value());
    }
    yaml.0
}

/// A document under construction.
struct Yaml(String);

impl Yaml {
    fn line(&mut self, depth: usize, text: &str) {
        self.0.push_str(&"  ".repeat(depth));
        self.0.push_str(text);
        self.0.push('\n');
    }

    /// A member of an object.
    fn member(&mut self, depth: usize, name: &str, value: &Value) {
        let name = scalar(name);
        let flow = flow(value);
        if 2 * depth + name.len() + 2 + flow.len() <= WIDTH {
            return self.line(depth, &format!("{name}: {flow}"));
        }
        match value {
            Value::Object(entries) => {
                self.line(depth, &format!("{name}:"));
                ordered(entries).into_iter().for_each(|(name, value)| self.member(depth + 1, name, value));
            }
            Value::Array(elements) => {
                self.line(depth, &format!("{name}:"));
                elements.iter().for_each(|element| self.element(depth + 1, element));
            }
            _ => self.line(depth, &format!("{name}: {flow}")),
        }
    }

    /// An element of a list; of an object the first member stands beside the dash.
    fn element(&mut self, depth: usize, value: &Value) {
        let flow = flow(value);
        match value {
            Value::Object(entries) if 2 * depth + 2 + flow.len() > WIDTH || entries.contains_key("name") => {
                let mut block = Yaml(String::new());
                ordered(entries).into_iter().for_each(|(name, value)| block.member(depth + 1, name, value));
                let indent = "  ".repeat(depth + 1);
                let rest = block.0.strip_prefix(indent.as_str()).unwrap_or(&block.0);
                self.0.push_str(&format!("{}- {rest}", "  ".repeat(depth)));
            }
            Value::Array(elements) if 2 * depth + 2 + flow.len() > WIDTH => {
                self.line(depth, "-");
                elements.iter().for_each(|element| self.element(depth + 1, element));
            }
            _ => self.line(depth, &format!("- {flow}")),
        }
    }
}

fn ordered(entries: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by_key(|(name, _)| (ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()), name.as_str()));
    entries
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let entries: Vec<String> =
                ordered(entries).into_iter().map(|(name, value)| format!("{}: {}", scalar(name), flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(elements) => format!("[{}]", elements.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text: in quotation marks unless it is one plain word.
fn scalar(text: &str) -> String {
    const RESERVED: [&str; 11] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"];
    let starts = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'$');
    let word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./$".contains(&byte));
    let plain = starts && word && !RESERVED.contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { quoted(text) }
}

/// What JSON does not escape and YAML reads otherwise is escaped.
fn quoted(text: &str) -> String {
    let json = Value::from(text).to_string();
    let odd = |c: char| c == '\u{7f}' || ('\u{80}'..='\u{9f}').contains(&c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    json.chars().map(|c| if odd(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_stays_what_it_is() {
        let odd = "a: b\n\u{85}\u{2028}\u{feff}\u{7f}'\"\\";
        let value = json!({
            "name": "x", "$ref": "#/$defs/a", "n": [1, -1, 0.5, 5e-324, 1e300, true, null, "null", "1", "", "no", "NaN", odd],
            odd: { "long": ["x".repeat(80), ["y".repeat(80), { "z": "z".repeat(100) }]] }, "empty": {}, "none": [],
        });
        let rule = Rule { name: "x".to_owned(), config: json!({ "v": value }).as_object().unwrap().clone(), ..Rule::default() };
        let text = policy("a", odd, std::slice::from_ref(&rule));
        let read = crate::document::parse(&text).unwrap();
        assert_eq!(read["description"], odd);
        assert_eq!(read["config"]["rules"][0], rule.value(), "{text}");
    }

    #[test]
    fn a_comment_never_ends_early() {
        let rule = Rule { name: "x".to_owned(), comments: vec!["a\n- name: evil\u{85}".to_owned()], ..Rule::default() };
        assert!(policy("a", "b", &[rule]).contains("    # a - name: evil \n"));
    }
}
