//! What only the shell of Windows knows: `for %i in (…) do`, `if exist x`, `if a==b cmd`.

use crate::bytes::{around, at, contains_any, ends_no_word, from, is_space, trim, until, word};

/// What makes a closer look worth while.
pub(crate) const TRIGGERS: &[&[u8]] = &[b"for", b"if", b"cmd", b"powershell", b"%comspec%", b"%system"];

/// Programs and variables that need none.
const PROGRAMS: &[&[u8]] =
    &[b"cmd /c", b"cmd.exe", b"powershell -", b"powershell.exe", b"%comspec%", b"%systemroot%", b"%systemdrive%"];

/// How far into a statement is looked.
const REACH: usize = 256;

/// Whether it is in `value`, which is in lower case.
pub(super) fn is_in(value: &[u8]) -> bool {
    around(value, b"for").any(|(before, rest)| begins(before, rest) && loops(rest))
        || around(value, b"if").any(|(before, rest)| begins(before, rest) && tests(rest))
        || contains_any(value, PROGRAMS)
}

fn begins(before: &[u8], rest: &[u8]) -> bool {
    ends_no_word(before) && rest.first().is_some_and(|byte| is_space(*byte) || matches!(byte, b'/' | b'('))
}

/// `for /f "tokens=*" %i in (set) do command`.
fn loops(rest: &[u8]) -> bool {
    let rest = until(rest, REACH);
    let Some(variable) = memchr::memchr(b'%', rest) else { return false };
    let variables = around(from(rest, variable), b" in").any(|(_, rest)| trim(rest).starts_with(b"("));
    variables
        && around(rest, b"do").any(|(before, _)| before.ends_with(b")") || before.last().is_some_and(|byte| is_space(*byte)))
}

/// `if not exist x`, `if /i a==b`, `if %x% geq 2`.
fn tests(rest: &[u8]) -> bool {
    let mut rest = trim(until(rest, REACH));
    let mut switched = false;
    for switch in [&b"/i"[..], b"not", b"/i"] {
        if let Some(left) = rest.strip_prefix(switch).filter(|left| left.first().is_some_and(|byte| is_space(*byte))) {
            rest = trim(left);
            switched = true;
        }
    }
    let first = word(rest);
    let argument = trim(from(rest, first.len()));
    match first {
        b"exist" => {
            argument.contains(&b'.')
                || argument.contains(&b'\\')
                || followed_by_command(argument)
                || switched && argument.starts_with(b"(")
        }
        b"defined" | b"errorlevel" | b"cmdextversion" => {
            is_space(at(rest, first.len())) && (switched || followed_by_command(argument))
        }
        _ => compares(rest, switched),
    }
}

fn followed_by_command(argument: &[u8]) -> bool {
    let rest = trim(from(argument, argument.iter().take_while(|byte| !is_space(**byte)).count()));
    rest.starts_with(b"(") || COMMANDS.contains(&word(rest))
}

const COMMANDS: [&[u8]; 12] =
    [b"echo", b"cmd", b"goto", b"set", b"call", b"copy", b"del", b"start", b"exit", b"type", b"cd", b"if"];

/// `a==b`, `%x% equ 2`.
fn compares(rest: &[u8], switched: bool) -> bool {
    let reach = until(rest, 64);
    let word_operator = [&b" equ "[..], b" neq ", b" lss ", b" leq ", b" gtr ", b" geq "];
    let quoted = matches!(at(rest, 0), b'"' | b'[' | b'%' | b'(' | b'{' | b'!');
    if contains_any(reach, &word_operator) {
        return true;
    }
    let Some(equals) = memchr::memmem::find(reach, b"==") else { return false };
    let left = until(reach, equals);
    let simple = !trim(left).iter().any(|byte| is_space(*byte)) || quoted;
    simple && (quoted || switched || !trim(from(reach, equals + 2)).is_empty()) && !left.contains(&b';')
}
