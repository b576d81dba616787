//! A plugin's options as tables in Markdown, made of the JSON Schema of its configuration.

use serde_json::{Map, Value};

mod kind;
mod text;

use kind::Kind;
use text::{anchor, cell, default_of, sentences};

/// An object of so many options has a table of its own; a smaller one stands in the table of what it belongs to.
const OWN_TABLE: usize = 6;

/// Every option: each object after the one that it belongs to, then what has several forms.
pub(crate) fn tables(schema: &Value) -> String {
    let mut tables = Tables { schema, text: String::new(), unions: Vec::new() };
    tables.table("Top level", schema, "");
    tables.unions();
    tables.text
}

struct Tables<'a> {
    schema: &'a Value,
    text: String,
    /// Names and schemas of what has several forms, once each.
    unions: Vec<(&'a str, &'a Value)>,
}

/// An object with a table of its own: its path in the document, and itself.
type Larger<'a> = (String, &'a Value);

impl<'a> Tables<'a> {
    /// The table of `object`, whose options stand at `path.NAME` in the document, and of all that have their own within.
    fn table(&mut self, title: &str, object: &'a Value, path: &str) {
        self.text += &format!("### {title}\n\n| option | type | default | meaning |\n|---|---|---|---|\n");
        let mut larger = Vec::new();
        self.rows(object, path, "", &mut larger);
        self.text += "\n";
        for (path, object) in larger {
            self.table(&format!("`{path}`"), object, &format!("{path}."));
        }
    }

    /// The rows of `object`, whose options are called `prefix` and their names in the table at `path`.
    fn rows(&mut self, object: &'a Value, path: &str, prefix: &str, larger: &mut Vec<Larger<'a>>) {
        for (name, option, required) in in_order(object) {
            let kind = Kind::of(self.schema, option);
            let name = format!("{prefix}{name}");
            let (mut type_name, inner) = (kind.name(), kind.inner());
            if let Some((inner, suffix)) = inner.filter(|(inner, _)| size(inner) >= OWN_TABLE) {
                larger.push((format!("{path}{name}{suffix}"), inner));
                type_name = format!("[{type_name}](#{})", anchor(&format!("{path}{name}{suffix}")));
            }
            let (meaning, default) = sentences(&kind.meaning(option));
            let default = if required { "required".to_owned() } else { default_of(option).unwrap_or(default) };
            self.text += &format!("| `{name}` | {} | {} | {} |\n", cell(&type_name), cell(&default), cell(&meaning));
            if let Some((inner, suffix)) = inner.filter(|(inner, _)| size(inner) < OWN_TABLE) {
                self.rows(inner, path, &format!("{name}{suffix}."), larger);
            }
            self.remember(&kind);
        }
    }

    fn remember(&mut self, kind: &Kind<'a>) {
        if let Kind::Union(name, union) | Kind::Unions(name, union) = kind
            && self.unions.iter().all(|(known, _)| known != name)
        {
            self.unions.push((name, union));
        }
    }

    fn unions(&mut self) {
        for (name, union) in std::mem::take(&mut self.unions) {
            let title = text::capitalised(&text::words(name));
            let meaning = text::of(union, "description");
            self.text += &format!("### {title}\n\n{meaning}\n\n| form | meaning |\n|---|---|\n");
            for form in kind::forms(union) {
                let shape = kind::shape(self.schema, form);
                self.text += &format!("| `{shape}` | {} |\n", cell(&text::of(form, "description")));
            }
            self.text += "\n";
        }
    }
}

/// The required ones as they were declared, then the others by name, each with whether it is required.
fn in_order(object: &Value) -> Vec<(&str, &Value, bool)> {
    let properties = properties(object);
    let required: Vec<&str> =
        object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let first = required.iter().filter_map(|name| properties?.get(*name).map(|option| (*name, option, true)));
    let others = properties.into_iter().flatten().filter(|(name, _)| !required.contains(&name.as_str()));
    first.chain(others.map(|(name, option)| (name.as_str(), option, false))).collect()
}

fn properties(object: &Value) -> Option<&Map<String, Value>> {
    object.get("properties").and_then(Value::as_object)
}

fn size(object: &Value) -> usize {
    properties(object).map_or(0, Map::len)
}

#[cfg(test)]
mod tests;
