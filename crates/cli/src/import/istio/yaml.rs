//! YAML for people: comments, short lists on one line, long conditions on several.

use super::cel::Cel;

/// The widest line of a list.
const WIDTH: usize = 110;

/// A document under construction.
#[derive(Debug, Default)]
pub(super) struct Yaml(String);

impl Yaml {
    /// A line, `depth` steps in.
    pub(super) fn line(&mut self, depth: usize, text: impl AsRef<str>) {
        self.0.push_str(&"  ".repeat(depth));
        self.0.push_str(text.as_ref());
        self.0.push('\n');
    }

    /// A comment, whatever is in it.
    pub(super) fn comment(&mut self, depth: usize, text: impl AsRef<str>) {
        let printable: String = text.as_ref().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.line(depth, format!("# {printable}"));
    }

    /// A field that holds a text.
    pub(super) fn text(&mut self, depth: usize, name: &str, value: &str) {
        self.line(depth, format!("{name}: {}", scalar(value)));
    }

    /// A field that holds a list of texts.
    pub(super) fn list(&mut self, depth: usize, name: &str, values: &[String]) {
        let flow = flow(values);
        if flow.len() + name.len() + 2 * depth <= WIDTH {
            return self.line(depth, format!("{name}: {flow}"));
        }
        self.line(depth, format!("{name}:"));
        values.iter().for_each(|value| self.line(depth + 1, format!("- {}", scalar(value))));
    }

    /// A field that holds a condition.
    pub(super) fn condition(&mut self, depth: usize, name: &str, condition: &Cel) {
        let lines = condition.lines();
        match lines.as_slice() {
            [line] if is_plain_line(line) => self.line(depth, format!("{name}: {line}")),
            lines => {
                self.line(depth, format!("{name}: |-"));
                lines.iter().for_each(|line| self.line(depth + 1, line));
            }
        }
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// A text as a value: in quotation marks unless it is one plain word.
pub(super) fn scalar(text: &str) -> String {
    const RESERVED: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let starts = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@'));
    if starts && word && !RESERVED.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    if text.contains('"') && !text.contains(|c: char| c.is_control()) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    serde_json::Value::from(text).to_string()
}

/// A list on one line.
pub(super) fn flow(values: &[String]) -> String {
    format!("[{}]", values.iter().map(|value| scalar(value)).collect::<Vec<_>>().join(", "))
}

/// Whether it is itself in YAML without quotation marks.
fn is_plain_line(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_lowercase()) && !line.contains(": ") && !line.contains(" #") && !line.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_a_text() {
        for (text, expected) in [
            ("orders", "orders"),
            ("a@b.c", "a@b.c"),
            ("/a", "\"/a\""),
            ("*.a", "\"*.a\""),
            ("1.5", "\"1.5\""),
            ("no", "\"no\""),
            ("True", "\"True\""),
            ("", "\"\""),
            ("a: b", "\"a: b\""),
            ("a\nb", "\"a\\nb\""),
            ("{\"a\": 'b'}", "'{\"a\": ''b''}'"),
        ] {
            assert_eq!(scalar(text), expected);
        }
    }

    #[test]
    fn a_comment_never_ends_early() {
        let mut yaml = Yaml::default();
        yaml.comment(1, "a\n- name: evil\r\u{85}x");
        assert_eq!(yaml.finish(), "  # a - name: evil  x\n");
    }
}
