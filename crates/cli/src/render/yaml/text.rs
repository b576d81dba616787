//! Texts: plain where nobody can read anything else, else in quotation marks.

use std::fmt::Write as _;

use super::Place;

/// `text` on one line.
pub(super) fn scalar(text: &str, place: Place) -> String {
    if is_plain(text, place) {
        text.to_owned()
    } else if text.contains(['"', '\\']) && !text.contains('\'') && text.chars().all(is_printable) {
        format!("'{text}'")
    } else {
        quoted(text)
    }
}

/// ` |` and the lines of `text`, each at `indent`, where it has several and all can stand as they are.
pub(super) fn literal(text: &str, indent: usize) -> Option<String> {
    let (body, chomping) = text.strip_suffix('\n').map_or((text, "-"), |body| (body, ""));
    let fits = |line: &str| line.is_empty() || !line.trim().is_empty();
    let can = !body.is_empty()
        && text.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n', '\t'])
        && body.lines().all(fits)
        && body.chars().all(|character| character == '\n' || is_printable(character));
    can.then(|| {
        let mut lines = format!(" |{chomping}\n");
        for line in body.split('\n') {
            let indent = if line.is_empty() { 0 } else { indent };
            let _ = writeln!(lines, "{:indent$}{line}", "");
        }
        lines
    })
}

/// Whether every reader takes `text` as this text without quotation marks.
fn is_plain(text: &str, place: Place) -> bool {
    let starts = text.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | '/' | '$' | '('));
    let within = |character: char| match place {
        Place::Block => matches!(character, ' '..='~'),
        Place::Flow => {
            character.is_ascii_alphanumeric() || matches!(character, '_' | '/' | '.' | '-' | '+' | '@' | '$' | '|' | ' ')
        }
    };
    // `https://…` has a colon that no blank follows.
    let uri = place == Place::Flow && text.contains("://") && text.chars().all(|character| within(character) || character == ':');
    (starts || is_duration(text))
        && (uri || text.chars().all(within))
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !means_something(text)
}

/// `10s`, `1h30m`: digits, and letters of which no number has one.
fn is_duration(text: &str) -> bool {
    let letters = text.trim_start_matches(|character: char| character.is_ascii_digit());
    letters.len() < text.len()
        && letters.starts_with(['h', 'm', 's'])
        && text.chars().all(|character| character.is_ascii_digit() || matches!(character, 'h' | 'm' | 's'))
}

/// Whether some YAML takes the word for a truth, nothing, or a number.
fn means_something(word: &str) -> bool {
    const WORDS: [&str; 12] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"];
    WORDS.iter().any(|other| other.eq_ignore_ascii_case(word))
}

fn is_printable(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// `text` in double quotes. JSON's escapes are YAML's too, but YAML has fewer characters that need none.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            character if is_printable(character) => quoted.push(character),
            character => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
        }
    }
    quoted.push('"');
    quoted
}
