//! Commands of a shell: behind a separator, in a substitution, or at the front with what only a program is given.

mod windows;
mod words;

use words::{Name, classify};

use crate::bytes::{around, at, contains_any, ends_no_word, from, is_space, is_word, trim, until};
use crate::triggers::Trigger;
use crate::{Place, Seen};

pub(crate) use windows::TRIGGERS as WINDOWS;

/// What only shells know.
pub(crate) const TELLTALES: &[&[u8]] = &[
    b"${ifs",
    b"$ifs",
    b"/dev/tcp/",
    b"/dev/udp/",
    b"() {",
    b"(){",
    b"$shell",
    b"${shell",
    b"2>&1",
    b">/dev/null",
    b"`id`",
    b"<<<",
];

/// Whether it is there.
pub(crate) fn is_in(seen: Seen<'_>) -> bool {
    let (value, triggers) = (seen.value, seen.triggers);
    seen.shape.has_shell()
        && (triggers.has(Trigger::Shell)
            || substitutes(value)
            || (triggers.has(Trigger::Program) && names_program(value))
            || globs(value)
            || follows_separator(value, seen.place)
            || (seen.place != Place::Header
                && (runs_at_once(value) || (triggers.has(Trigger::Windows) && windows::is_in(value)))))
}

/// `$(cmd)`, `` `cmd` ``, `<(cmd)`, `${x#y}`, `$[2+2]`.
fn substitutes(value: &[u8]) -> bool {
    let closes = |rest: &[u8], end: u8| memchr::memchr(end, until(rest, 256)).is_some();
    around(value, b"$(").any(|(_, rest)| closes(rest, b')'))
        || around(value, b"${").any(|(_, rest)| closes(rest, b'}') && !rest.starts_with(b"}"))
        || around(value, b"$[").any(|(_, rest)| closes(rest, b']'))
        || around(value, b"<(").chain(around(value, b">(")).any(|(_, rest)| closes(rest, b')') && is_program(rest))
        || around(value, b"`").any(|(_, rest)| closes(rest, b'`') && is_program(rest))
}

/// `/bin/cat`, `/usr/bin/perl`.
fn names_program(value: &[u8]) -> bool {
    around(value, b"bin/").any(|(before, rest)| {
        let name = until(rest, rest.iter().take(24).take_while(|byte| is_word(**byte) || matches!(byte, b'-' | b'.')).count());
        let boundary = before.last().is_none_or(|byte| !is_word(*byte) && *byte != b'-') || before.ends_with(b"s");
        let ends = !matches!(at(rest, name.len()), b'/');
        boundary && ends && !name.is_empty() && classify(name) != Name::None
    })
}

/// `/etc/pas[s]wd`, `/b?n/c?t`: a path that is spelt so that a filter does not know it.
fn globs(value: &[u8]) -> bool {
    around(value, b"[").any(|(before, rest)| {
        let close = memchr::memchr(b']', until(rest, 24));
        let joined = |byte: u8| is_word(byte) || matches!(byte, b'/');
        let path = before.iter().rev().take(24).take_while(|byte| !is_space(**byte)).any(|byte| *byte == b'/');
        let begins = before.last().is_some_and(|byte| joined(*byte)) && path;
        let root =
            before.iter().rev().take(64).take_while(|byte| joined(**byte) || matches!(byte, b'[' | b']' | b'!' | b'-')).last();
        begins && root == Some(&b'/') && close.is_some_and(|close| close > 0 && joined(at(rest, close + 1)))
    })
}

/// `; wget x`, `| sh`, `&& id`, a new line.
fn follows_separator(value: &[u8], place: Place) -> bool {
    value.iter().enumerate().any(|(place_of, byte)| {
        let separates = match byte {
            b';' => place != Place::Header || at(value, place_of + 1) != b' ',
            b'|' | b'&' => true,
            b'\n' | b'\r' => place == Place::Name,
            _ => false,
        };
        separates && commands(from(value, place_of + 1))
    })
}

/// Whether a command begins here, behind blanks, quotation marks, empty variables and assignments.
fn commands(rest: &[u8]) -> bool {
    let rest = trim(rest);
    let quoted = matches!(at(rest, 0), b'\'' | b'"');
    let lead = rest
        .iter()
        .take(12)
        .take_while(|byte| matches!(byte, b'\'' | b'"' | b'\\' | b'(' | b'{' | b'`' | b'!' | b'@' | b' ' | b'|' | b'&' | b';'))
        .count();
    let rest = from(rest, lead);
    if let Some(variable) = rest.strip_prefix(b"$") {
        let name = variable.iter().take(16).take_while(|byte| is_word(**byte)).count();
        return at(variable, name) == b' ' && is_program(from(variable, name + 1));
    }
    let (name, rest) = program_and_rest(rest);
    let ends = match rest.first() {
        None => true,
        Some(byte) => {
            is_space(*byte)
                || matches!(byte, b';' | b'|' | b'&' | b'<' | b'>' | b')' | b'`' | b'\'' | b'"' | b'$' | b'/' | b':' | b'\\')
        }
    };
    match classify(&name) {
        Name::Program => ends,
        Name::Ambiguous => ends && !quoted && takes_arguments(rest),
        Name::None => false,
    }
}

/// The name at the front as a shell reads it: quotation marks and backslashes within it are dropped.
fn program_and_rest(rest: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut name = Vec::new();
    let mut length = 0;
    while let Some(byte) = rest.get(length).filter(|_| length < 32) {
        match byte {
            b'\'' | b'"' if at(rest, length + 1) == *byte => length += 1,
            b'\'' | b'"' | b'\\' | b'^' if !name.is_empty() && is_word(at(rest, length + 1)) => {}
            byte if is_word(*byte) || matches!(byte, b'-' | b'.') => name.push(*byte),
            _ => break,
        }
        length += 1;
    }
    while name.last() == Some(&b'.') {
        name.pop();
    }
    (name, from(rest, length))
}

/// What is given to a program, and not said of a word: options, paths, variables, another command.
fn takes_arguments(rest: &[u8]) -> bool {
    match trim(rest) {
        [] => rest.is_empty() || rest.contains(&b'\n'),
        [b'-', next, ..] => next.is_ascii_alphanumeric() || *next == b'-',
        [b'/', ..] | [b'.', b'/', ..] | [b'~', b'/', ..] | [b'$', ..] | [b'\'', ..] | [b'|' | b';' | b'&' | b'>' | b'<', ..] => {
            true
        }
        [b'c', b':', b'\\', ..] => true,
        argument => is_program(argument),
    }
}

fn is_program(rest: &[u8]) -> bool {
    let (name, after) = program_and_rest(trim(rest));
    let path = matches!(at(after, 0), b'/' | b'.' | b'=');
    classify(&name) == Name::Program && !path && ends_no_word(until(after, 0))
}

/// A value that is a command line by itself: `cat /etc/passwd`, `time sh -c whoami`, `\ls`.
fn runs_at_once(value: &[u8]) -> bool {
    let quoted = from(value, value.iter().take(2).take_while(|byte| matches!(byte, b'\'' | b'"' | b'\\')).count());
    let (name, rest) = program_and_rest(trim(quoted));
    if at(value, 0) == b'\\' && classify(&name) == Name::Program && rest.is_empty() {
        return true;
    }
    let spaced = rest.first().is_some_and(|byte| is_space(*byte) || matches!(byte, b'\'' | b'"'));
    let rest = trim(from(rest, rest.iter().take(1).filter(|byte| matches!(byte, b'\'' | b'"')).count()));
    let argument = match rest {
        [b'-', next, ..] => next.is_ascii_alphabetic() || *next == b'-',
        [b'/', ..] | [b'~', b'/', ..] | [b'.', b'/', ..] | [b'$', ..] | [b'<' | b'>' | b'|', ..] => true,
        _ => {
            let (inner, after) = program_and_rest(rest);
            let both = classify(&inner) == Name::Program
                && matches!(name.as_slice(), b"time" | b"nohup" | b"strace" | b"sudo" | b"env" | b"exec" | b"xargs" | b"timeout");
            both && (after.is_empty() || is_space(at(after, 0)))
                || contains_any(
                    until(rest, 128),
                    &[b"| sh", b"|sh", b"| bash", b"|bash", b"|base64", b"| base64", b"http://", b"https://"],
                ) && classify(&name) == Name::Program
        }
    };
    spaced && argument && classify(&name) != Name::None
}
