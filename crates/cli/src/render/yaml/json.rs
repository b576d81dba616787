//! JSON for people: short things on one line.

use serde_json::Value as Json;

use super::{FLOW_DEPTH, WIDTH, Yaml};

/// `value`, ending in a newline. `margin` is how much a reader will see before each line.
pub(crate) fn json(value: &Yaml, margin: usize) -> String {
    let mut writer = Writer { margin, out: String::new() };
    writer.lines(value, 0);
    writer.out.push('\n');
    writer.out
}

struct Writer {
    margin: usize,
    out: String,
}

impl Writer {
    /// `value` on several lines, where it is a list or a map with something in it. The first line is at `indent` already.
    fn lines(&mut self, value: &Yaml, indent: usize) {
        let parts: Vec<(String, &Yaml)> = match value {
            Yaml::List(items) => items.iter().map(|item| (String::new(), item)).collect(),
            _ => value.entries().map(|(name, value)| (format!("{}: ", text(name)), value)).collect(),
        };
        if parts.is_empty() {
            self.out.push_str(&on_line(value));
            return;
        }
        let (open, close) = if matches!(value, Yaml::List(_)) { ("[", "]") } else { ("{", "}") };
        self.out.push_str(open);
        for (number, (name, part)) in parts.into_iter().enumerate() {
            self.out.push_str(if number == 0 { "" } else { "," });
            self.line(indent + 2);
            self.out.push_str(&name);
            let used = self.margin + indent + 2 + name.chars().count();
            if is_short(part, used) { self.out.push_str(&on_line(part)) } else { self.lines(part, indent + 2) }
        }
        self.line(indent);
        self.out.push_str(close);
    }

    fn line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

fn is_short(value: &Yaml, used: usize) -> bool {
    value.depth() == 0 || value.depth() <= FLOW_DEPTH && value.may_flow() && used + on_line(value).chars().count() < WIDTH
}

fn on_line(value: &Yaml) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Yaml::List(items) => format!("[{}]", joined(items.iter().map(on_line).collect())),
        Yaml::Map(_) if value.entries().next().is_none() => "{}".to_owned(),
        Yaml::Map(_) => {
            let entry = |(name, value): (&str, &Yaml)| format!("{}: {}", text(name), on_line(value));
            format!("{{ {} }}", joined(value.entries().map(entry).collect()))
        }
        scalar => Json::from(scalar).to_string(),
    }
}

fn text(text: &str) -> String {
    Json::from(text).to_string()
}
