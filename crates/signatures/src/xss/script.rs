//! Script outside of markup: in an address, in a string that a page evaluates.

use crate::Place;
use crate::bytes::{around, at, ends_no_word, from, is_space, is_word, trim, until, word};

/// What makes a closer look worth while: the names below, and the brackets of which everything can be made.
pub(crate) const TRIGGERS: &[&[u8]] = &[
    b"alert",
    b"atob",
    b"btoa",
    b"confirm",
    b"eval",
    b"execscript",
    b"fromcharcode",
    b"fetch",
    b"import",
    b"prompt",
    b"setimmediate",
    b"setinterval",
    b"settimeout",
    b"document",
    b"window",
    b"location",
    b"self",
    b"top",
    b"parent",
    b"localstorage",
    b"globalthis",
    b"frames",
    b"new function",
    b".innerhtml",
    b"![",
    b"! [",
];

/// Schemes of addresses that are run.
const SCHEMES: [&[u8]; 4] = [b"javascript", b"vbscript", b"livescript", b"jscript"];

/// Functions that run their argument, or that attacks show off with.
const CALLS: [&[u8]; 13] = [
    b"alert",
    b"atob",
    b"btoa",
    b"confirm",
    b"eval",
    b"execscript",
    b"fromcharcode",
    b"fetch",
    b"importscripts",
    b"prompt",
    b"setimmediate",
    b"setinterval",
    b"settimeout",
];

/// Objects of a page, with the properties that are stolen or set.
const PROPERTIES: [(&[u8], &[&[u8]]); 8] = [
    (
        b"document",
        &[
            b"cookie",
            b"write",
            b"writeln",
            b"location",
            b"domain",
            b"body",
            b"createelement",
            b"getelementbyid",
            b"queryselector",
            b"forms",
        ],
    ),
    (b"window", &[b"location", b"name", b"open", b"onerror", b"document", b"alert", b"eval"]),
    (b"location", &[b"href", b"hash", b"replace", b"assign"]),
    (b"self", &[b"location", b"document", b"alert"]),
    (b"top", &[b"location", b"document", b"alert"]),
    (b"parent", &[b"location", b"document"]),
    (b"string", &[b"fromcharcode"]),
    (b"localstorage", &[b"getitem", b"setitem"]),
];

/// Objects whose properties are named by strings only to hide them.
const INDEXED: [&[u8]; 7] = [b"document", b"window", b"self", b"top", b"parent", b"globalthis", b"frames"];

/// `javascript:…`, also with blanks in it that a browser drops.
pub(super) fn is_address(value: &[u8]) -> bool {
    memchr::memchr_iter(b':', value).any(|colon| {
        let before = until(value, colon);
        SCHEMES.iter().any(|scheme| ends_with_scheme(before, scheme, from(value, colon + 1)))
            || (before.ends_with(b"data") && {
                ends_no_word(until(before, before.len() - 4)) && is_document(from(value, colon + 1))
            })
    })
}

/// Whether `scheme` is what stands before a colon, and `rest`, behind it, is what it would run.
fn ends_with_scheme(before: &[u8], scheme: &[u8], rest: &[u8]) -> bool {
    let mut left = scheme;
    let mut length = 0;
    for byte in before.iter().rev().take(HIDDEN_MAX) {
        let Some((last, front)) = left.split_last() else { break };
        if byte == last {
            left = front;
        } else if !is_space(*byte) && *byte != 0 {
            return false;
        }
        length += 1;
    }
    let hidden = length > scheme.len();
    left.is_empty() && ends_no_word(until(before, before.len() - length)) && (hidden || continues(rest))
}

/// How far back a scheme with blanks in it reaches.
const HIDDEN_MAX: usize = 64;

/// What follows the colon is script; `JavaScript: The Good Parts` is a book.
fn continues(rest: &[u8]) -> bool {
    match trim(rest) {
        [] => false,
        [b'/' | b'"' | b'\'' | b'\\' | b'(' | b'[' | b'`' | b'%' | b'<', ..] => true,
        [..] => !rest.first().is_some_and(|byte| is_space(*byte)),
    }
}

/// `data:text/html,…`, `data: , <x>`.
fn is_document(rest: &[u8]) -> bool {
    let rest = trim(rest);
    let runs =
        [&b"text/html"[..], b"image/svg", b"text/xml", b"application/xhtml", b"text/javascript", b"application/javascript"];
    runs.iter().any(|media_type| rest.starts_with(media_type))
        || (rest.starts_with(b",") && until(rest, 64).iter().any(|byte| matches!(byte, b'<' | b'(')))
}

/// `document.cookie`, `alert(1)`, `self["alert"]`, also with comments in it.
pub(super) fn is_code(value: &[u8], place: Place) -> bool {
    let bare = without_comments(value);
    let value = bare.as_deref().unwrap_or(value);
    accesses(value)
        || calls(value, place)
        || around(value, b"new function").any(|(_, rest)| trim(rest).starts_with(b"("))
        || around(value, b"import").any(|(before, rest)| ends_no_word(before) && imports(trim(rest)))
        || around(value, b".innerhtml").any(|(_, rest)| trim(rest).starts_with(b"="))
        || is_made_of_brackets(value)
}

fn accesses(value: &[u8]) -> bool {
    let property = |(object, properties): &(&[u8], &[&[u8]])| {
        around(value, object).any(|(before, rest)| {
            let name = trim(rest).strip_prefix(b".").map(|rest| word(trim(rest)));
            ends_no_word(before) && name.is_some_and(|name| properties.contains(&name))
        })
    };
    let index = |object: &&[u8]| {
        around(value, object).any(|(before, rest)| {
            let rest = trim(rest);
            let rest = if before.ends_with(b"(") { trim(rest.strip_prefix(b")").unwrap_or(rest)) } else { rest };
            ends_no_word(before)
                && rest.strip_prefix(b"[").is_some_and(|rest| matches!(at(trim(rest), 0), b'"' | b'\'' | b'`' | b'/'))
        })
    };
    PROPERTIES.iter().any(property) || INDEXED.iter().any(index)
}

/// `alert(1)`, not `alert(s)`.
fn calls(value: &[u8], place: Place) -> bool {
    let call = |rest: &[u8]| match rest {
        [b'(', b's' | b'e', b')', ..] => false,
        [b'(', ..] => true,
        [b'`', ..] => true,
        [byte, ..] if is_space(*byte) && place != Place::Header => {
            let rest = trim(rest);
            rest.strip_prefix(b"(").is_some_and(|rest| matches!(at(trim(rest), 0), b'\'' | b'"' | b'`' | b'1'..=b'9' | b')'))
        }
        _ => false,
    };
    CALLS.iter().any(|function| around(value, function).any(|(before, rest)| ends_no_word(before) && call(rest)))
}

/// `import("x")`, `import { a } from "x"`.
fn imports(rest: &[u8]) -> bool {
    match rest {
        [b'(', rest @ ..] => matches!(at(trim(rest), 0), b'"' | b'\'' | b'`'),
        [b'{', rest @ ..] => memchr::memmem::find(until(rest, 256), b"from").is_some(),
        _ => false,
    }
}

/// `[][(![]+[])[+[]]]`: everything can be written with six characters.
fn is_made_of_brackets(value: &[u8]) -> bool {
    let tight = |bytes: &[u8]| -> bool {
        let bare: Vec<u8> = bytes.iter().copied().filter(|byte| !is_space(*byte)).collect();
        bare.starts_with(b"![]") || bare.starts_with(b"!![]")
    };
    memchr::memchr_iter(b'!', value).any(|start| {
        let before = start.checked_sub(1).map(|before| at(value, before));
        before.is_none_or(|byte| !is_word(byte)) && tight(until(from(value, start), 8))
    })
}

/// Without `/* … */`; `None` where there is none.
fn without_comments(value: &[u8]) -> Option<Vec<u8>> {
    let mut left = Vec::new();
    let mut rest = value;
    while let Some(start) = memchr::memmem::find(rest, b"/*") {
        let Some(end) = memchr::memmem::find(from(rest, start + 2), b"*/") else { break };
        left.extend_from_slice(until(rest, start));
        rest = from(rest, start + end + 4);
    }
    if rest.len() == value.len() {
        return None;
    }
    left.extend_from_slice(rest);
    Some(left)
}
