//! Values in a difference: as short as they can be told apart.

use serde_json::Value;

/// The longest text that is shown whole, in characters.
const WHOLE: usize = 200;

/// How much of a longer one is shown before the place where it matters.
const BEFORE: usize = 60;

/// A text, or that there is none.
pub(super) fn line(text: Option<&str>) -> String {
    text.map_or_else(|| "nothing".to_owned(), |text| quoted(text, 0))
}

/// Two that differ; of long ones what is around the first difference.
pub(super) fn pair(expected: Option<&str>, found: Option<&str>) -> (String, String) {
    let (Some(expected), Some(found)) = (expected, found) else { return (line(expected), line(found)) };
    let same = expected.chars().zip(found.chars()).take_while(|(expected, found)| expected == found).count();
    (quoted(expected, same), quoted(found, same))
}

/// A member of a document; null where there is none.
pub(super) fn member(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => quoted(text, 0),
        value => cut(&value.to_string(), 0),
    }
}

/// Bytes as people read them.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// One line whatever is in it.
fn quoted(text: &str, at: usize) -> String {
    format!("\"{}\"", cut(text, at).escape_debug())
}

/// `text` where it is short, else what is around its character `at`.
fn cut(text: &str, at: usize) -> String {
    let length = text.chars().count();
    if length <= WHOLE {
        return text.to_owned();
    }
    let from = at.saturating_sub(BEFORE);
    let shown: String = text.chars().skip(from).take(WHOLE).collect();
    let (before, after) = (if from > 0 { "…" } else { "" }, if from + shown.chars().count() < length { "…" } else { "" });
    format!("{before}{shown}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_texts_the_first_difference_is_shown() {
        let (left, right) = (format!("{}a{}", "x".repeat(500), "y".repeat(500)), format!("{}b", "x".repeat(500)));
        let (left, right) = pair(Some(&left), Some(&right));
        assert!(left.starts_with("\"…x") && left.contains("xay") && left.ends_with("y…\""), "{left}");
        assert!(right.starts_with("\"…x") && right.ends_with("xb\""), "{right}");
        assert!(left.chars().count() < 210 && right.chars().count() < 210);
    }

    #[test]
    fn a_text_is_one_line() {
        assert_eq!(line(Some("a\n\u{1b}\"")), r#""a\n\u{1b}\"""#);
        assert_eq!(line(None), "nothing");
    }
}
