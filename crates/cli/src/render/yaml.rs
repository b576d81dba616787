//! YAML for people, and JSON within it: short things on one line, comments, stable.
//!
//! Every reader gets the same out of it: those of YAML 1.1 (Kubernetes), for whom `no` is false, those of 1.2, and Envoy's own.

mod convert;
mod json;
mod text;

pub(crate) use json::json;

use serde_json::Number;

/// How long a line may be of which something is left to choose.
const WIDTH: usize = 120;
/// How deep a value on one line may be.
const FLOW_DEPTH: usize = 3;

/// A value, as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Yaml {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Self>),
    Map(Map),
}

/// Names and values, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Map {
    entries: Vec<Entry>,
    /// Whether each entry has a line of its own, however short.
    block: bool,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    /// Lines that stand above it.
    comment: Vec<String>,
    name: String,
    value: Yaml,
}

impl Map {
    /// An empty one, each of whose entries gets a line of its own.
    pub(crate) fn block() -> Self {
        Self { entries: Vec::new(), block: true }
    }

    /// The same with `name` as well.
    pub(crate) fn with(self, name: &str, value: impl Into<Yaml>) -> Self {
        self.commented(&[], name, value)
    }

    /// The same with `name` as well, where there is a value for it.
    pub(crate) fn with_some(self, name: &str, value: Option<impl Into<Yaml>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The same with `name` as well, below the lines of `comment`.
    pub(crate) fn commented(mut self, comment: &[&str], name: &str, value: impl Into<Yaml>) -> Self {
        let comment = comment.iter().copied().map(str::to_owned).collect();
        self.entries.push(Entry { comment, name: name.to_owned(), value: value.into() });
        self
    }
}

impl Yaml {
    /// The value of the entry `name`, where this is a map that has it.
    pub(crate) fn entry(&self, name: &str) -> Option<&Self> {
        let Self::Map(map) = self else { return None };
        map.entries.iter().find(|entry| entry.name == name).map(|entry| &entry.value)
    }

    /// As `entry`, to be changed.
    pub(crate) fn entry_mut(&mut self, name: &str) -> Option<&mut Self> {
        let Self::Map(map) = self else { return None };
        map.entries.iter_mut().find(|entry| entry.name == name).map(|entry| &mut entry.value)
    }

    /// The names and values of a map; nothing for anything else.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Self)> {
        let entries = if let Self::Map(map) = self { map.entries.as_slice() } else { &[] };
        entries.iter().map(|entry| (entry.name.as_str(), &entry.value))
    }

    /// As `entries`, the values to be changed.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        let entries = if let Self::Map(map) = self { map.entries.as_mut_slice() } else { &mut [] };
        entries.iter_mut().map(|entry| &mut entry.value)
    }

    /// The elements of a list; nothing for anything else.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Self> {
        if let Self::List(items) = self { items.as_slice() } else { &[] }.iter()
    }

    /// As `items`, to be changed.
    pub(crate) fn items_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        if let Self::List(items) = self { items.as_mut_slice() } else { &mut [] }.iter_mut()
    }

    /// The text, where it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The same with a line for each entry of its outermost map.
    pub(crate) fn in_block(mut self) -> Self {
        if let Self::Map(map) = &mut self {
            map.block = true;
        }
        self
    }

    /// The document, ending in a newline.
    pub(crate) fn document(&self) -> String {
        let mut out = String::new();
        self.write_block(0, &mut out);
        out
    }

    /// Lines at `indent`, for what does not stand on the line of its name.
    fn write_block(&self, indent: usize, out: &mut String) {
        match self {
            Self::Map(map) if !map.entries.is_empty() => map.entries.iter().for_each(|entry| entry.write(indent, out)),
            Self::List(items) if !items.is_empty() => items.iter().for_each(|item| write_item(item, indent, out)),
            scalar => {
                pad(indent, out);
                out.push_str(&scalar.flow(Place::Block));
                out.push('\n');
            }
        }
    }

    /// What follows `name:` or `-` on its line, which has `used` characters, if it has room there.
    fn on_line(&self, used: usize) -> Option<String> {
        match self {
            Self::Map(Map { entries, .. }) if entries.is_empty() => Some("{}".to_owned()),
            Self::List(items) if items.is_empty() => Some("[]".to_owned()),
            Self::Map(_) | Self::List(_) => {
                let short = self.may_flow() && self.depth() <= FLOW_DEPTH;
                short.then(|| self.flow(Place::Flow)).filter(|text| used + 1 + text.chars().count() <= WIDTH)
            }
            scalar => Some(scalar.flow(Place::Block)),
        }
    }

    /// Whether it is nothing that people want to see on lines of its own: comments, blocks, sentences and expressions.
    fn may_flow(&self) -> bool {
        match self {
            Self::Map(map) => {
                !map.block
                    && map.entries.iter().all(|Entry { comment, value, .. }| {
                        comment.is_empty() && value.may_flow() && !value.as_text().is_some_and(|text| text.contains(' '))
                    })
            }
            Self::List(items) => items.iter().all(Self::may_flow),
            Self::Text(text) => !text.contains('\n'),
            _ => true,
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::Map(map) => 1 + map.entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0),
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    fn flow(&self, place: Place) -> String {
        let joined = |parts: Vec<String>| parts.join(", ");
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(truth) => truth.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text::scalar(text, place),
            Self::List(items) => format!("[{}]", joined(items.iter().map(|item| item.flow(Place::Flow)).collect())),
            Self::Map(map) => {
                let entry =
                    |entry: &Entry| format!("{}: {}", text::scalar(&entry.name, Place::Flow), entry.value.flow(Place::Flow));
                format!("{{ {} }}", joined(map.entries.iter().map(entry).collect()))
            }
        }
    }
}

/// Where a scalar stands: on a line of its own or among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    Flow,
}

impl Entry {
    fn write(&self, indent: usize, out: &mut String) {
        for line in &self.comment {
            pad(indent, out);
            out.push_str(&comment(line));
        }
        let name = text::scalar(&self.name, Place::Flow);
        pad(indent, out);
        out.extend([name.as_str(), ":"]);
        let used = indent + name.chars().count() + 1;
        if !write_on_line(&self.value, used, indent, out) {
            out.push('\n');
            self.value.write_block(indent + 2, out);
        }
    }
}

/// `line` as a comment, ending in a newline.
pub(crate) fn comment(line: &str) -> String {
    if line.is_empty() { "#\n".to_owned() } else { format!("# {line}\n") }
}

fn write_item(item: &Yaml, indent: usize, out: &mut String) {
    pad(indent, out);
    out.push('-');
    if !write_on_line(item, indent + 1, indent, out) {
        let mut lines = String::new();
        item.write_block(indent + 2, &mut lines);
        out.extend([" ", lines.trim_start()]);
    }
}

/// Ends the line of a name or a `-` at `indent`, which has `used` characters, with `value` or its beginning, where that has room there.
fn write_on_line(value: &Yaml, used: usize, indent: usize, out: &mut String) -> bool {
    let literal = value.as_text().and_then(|text| text::literal(text, indent + 2));
    let Some(end) = literal.or_else(|| value.on_line(used).map(|line| format!(" {line}\n"))) else { return false };
    out.push_str(&end);
    true
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests;
