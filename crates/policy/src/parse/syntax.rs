//! The parser's complaints in words that help.

use cel::{ParseError, ParseErrors};

use super::place::problem;
use crate::problem::{Problem, Problems};

/// The first complaint about the structure, since one often brings others, and all about single words.
pub(super) fn problems(source: &str, errors: &ParseErrors) -> Problems {
    let mut structure = false;
    let mut problems: Vec<Problem> = Vec::new();
    for error in errors.errors.iter().filter(|error| error.pos.0 > 0) {
        let complaint = complaint(source, error);
        if !(complaint.structural && std::mem::replace(&mut structure, true)) {
            let new = problem(source, complaint.start, complaint.end, complaint.message, None);
            if problems.last().is_none_or(|last| (last.line, last.column) != (new.line, new.column)) {
                problems.push(new);
            }
        }
        if structure {
            break;
        }
    }
    Problems::of(problems).unwrap_or_else(|| Problems::one(problem(source, 0, 0, "this is no expression".to_owned(), None)))
}

struct Complaint {
    start: usize,
    end: usize,
    message: String,
    /// Whether what comes after it is likely its consequence.
    structural: bool,
}

fn complaint(source: &str, error: &ParseError) -> Complaint {
    let start = start(source, error.pos);
    let rest = source.get(start..).unwrap_or_default();
    let end = start + token(rest).len();
    let text = source.get(start..end).unwrap_or_default();
    let said = error.msg.as_str();
    let structural =
        !(said.starts_with("invalid ") || said.starts_with("unable to unescape") || said == "argument must be a simple name");
    Complaint { start, end, message: message(source, start, text, said), structural }
}

fn message(source: &str, start: usize, text: &str, said: &str) -> String {
    let before = source.get(..start).unwrap_or_default().trim_end();
    match said {
        _ if said.ends_with("int literal") => format!("`{}` is out of range for {}", number(text), said.split(' ').nth(1).unwrap_or("int")),
        "invalid double literal" => format!("`{}` is out of range for double", number(text)),
        "invalid unicode code point" => "this string has an escape that is no Unicode character".to_owned(),
        _ if said.starts_with("unable to unescape") => r#"unknown escape in this string; write `\\` for a backslash, or a raw string such as `r"\d+"`"#.to_owned(),
        "unterminated string literal" | "unterminated bytes literal" => "this string is not closed".to_owned(),
        "invalid argument to has() macro" => r#"`has` takes a field, such as `has(jwt.claims.tenant)`; for a header or another key write `"x-user" in request.headers`"#.to_owned(),
        "argument must be a simple name" => "the first argument must be a new name for the element, such as `x` in `list.all(x, x > 0)`".to_owned(),
        _ if said.starts_with("reserved identifier") => format!("`{text}` is a reserved word"),
        "unexpected quoted identifier" => "a name in backquotes can only follow a dot: request.headers.`x-user`".to_owned(),
        _ if text.is_empty() && before.is_empty() => "the expression is empty".to_owned(),
        _ if text.is_empty() => format!("the expression ends too early{}", wanted(said)),
        _ => unexpected(text, before, said),
    }
}

/// What somebody probably meant by what the grammar does not have.
fn unexpected(text: &str, before: &str, said: &str) -> String {
    let hint = match text.to_ascii_lowercase().as_str() {
        "=" if before.ends_with('=') => "; write `==` to compare",
        "=" => "; write `==` to compare",
        "and" | "&" => "; write `&&`",
        "or" | "|" => "; write `||`",
        "not" => "; write `!`",
        "is" | "eq" | "equals" => "; write `==`",
        "contains" | "matches" | "startswith" | "endswith" => {
            return format!("unexpected `{text}`; it is called on a value: `x.{}(\"…\")`", method(text));
        }
        "then" | "else" => "; write `condition ? one : other`",
        "“" | "”" | "‘" | "’" => "; write a plain quote: `\"`",
        _ => "",
    };
    let wanted = if hint.is_empty() { wanted(said) } else { String::new() };
    format!("unexpected `{text}`{hint}{wanted}")
}

fn method(text: &str) -> &'static str {
    match text.to_ascii_lowercase().as_str() {
        "contains" => "contains",
        "matches" => "matches",
        "startswith" => "startsWith",
        _ => "endsWith",
    }
}

/// What the parser wanted instead, where it says so.
fn wanted(said: &str) -> String {
    if said.ends_with("expecting expression") {
        return "; a value is missing".to_owned();
    }
    let closing = said.split("expecting ").nth(1).or_else(|| said.strip_prefix("expected "));
    match closing.map(|closing| closing.split(' ').next().unwrap_or_default().trim_matches('\'')) {
        Some(closing @ (")" | "]" | "}" | ":")) => format!("; `{closing}` is missing"),
        _ => String::new(),
    }
}

/// The token at the start of `rest`: a word, a number, or one character; none where the text has ended.
fn token(rest: &str) -> &str {
    let word = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let length = if word > 0 { word } else { rest.chars().next().filter(|next| !next.is_whitespace()).map_or(0, char::len_utf8) };
    rest.get(..length).unwrap_or_default()
}

/// A number too long to be read is cut.
fn number(text: &str) -> String {
    if text.len() <= 24 { text.to_owned() } else { format!("{}…", text.get(..20).unwrap_or_default()) }
}

/// Where the token begins that the parser stopped at: it may point at blanks before it. The end of the text is before the blanks that
/// end it, such as the newline of a YAML block.
fn start(source: &str, position: (isize, isize)) -> usize {
    let offset = offset(source, position);
    let rest = source.get(offset..).unwrap_or_default();
    match rest.trim_start() {
        "" => source.trim_end().len(),
        token => source.len() - token.len(),
    }
}

/// The byte at the parser's line and column, which counts bytes.
fn offset(source: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let column = usize::try_from(column - 1).unwrap_or(0);
    let start: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    let offset = (start + column).min(source.len());
    (0..=offset).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0)
}
