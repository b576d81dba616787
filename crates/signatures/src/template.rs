//! Expressions that a template engine, a logger or an interpreter on the server would evaluate.

use crate::Seen;
use crate::bytes::{around, at, contains_any, ends_no_word, from, is_space, is_word, trim, until, word};
use crate::triggers::Trigger;

/// How far into an expression is looked.
const REACH: usize = 256;

/// Names of the insides of languages, with what makes them more than words.
pub(crate) const INSIDES: &[&[u8]] = &[
    b"__proto__",
    b"__class__",
    b"__mro__",
    b"__subclasses__",
    b"__globals__",
    b"__builtins__",
    b"__import__",
    b"__init__.",
    b"constructor.prototype",
    b"constructor[prototype",
    b"constructor.constructor",
    b".constructor(",
    b"_$$nd_func$$_",
    b"process.mainmodule",
    b"process.binding(",
    b"child_process",
    b"java.lang.",
    b"java.util.",
    b"javax.naming",
    b"javax.script",
    b"getclass().",
    b".getruntime(",
    b"class.forname(",
    b"processbuilder(",
    b"scriptenginemanager",
    b"freemarker.template",
    b"springframework.",
    b"#_memberaccess",
    b"class.classloader",
    b"class.module.classloader",
    b"org.apache.commons.collections",
    b"com.sun.rowset",
    b"<% ",
    b"{% if",
    b"{% for",
    b"{% import",
    b"{% include",
    b"{% set",
    b"{% debug",
    b"{%if",
    b"{%for",
    b"<!--#exec",
    b"<!--#include",
];

/// How expressions begin.
pub(crate) const EXPRESSIONS: &[&[u8]] = &[b"{{", b"${", b"#{", b"*{", b"<%", b"@{", b"#set"];

/// How PHP begins, and how templates embed it.
pub(crate) const PHP: &[&[u8]] = &[b"<?", b"{php}", b"[php]", b"[/php]"];

/// Functions of interpreters that run what they are given.
pub(crate) const RUNS: &[&[u8]] = &[b"require(", b"eval(", b"system(", b"passthru(", b"shell_exec(", b"popen("];

/// Whether it is there.
pub(crate) fn is_in(seen: Seen<'_>) -> bool {
    let (value, triggers) = (seen.value, seen.triggers);
    triggers.has(Trigger::Insides)
        || (triggers.has(Trigger::Expression) && interpolates(value))
        || (triggers.has(Trigger::Php) && is_code_of_php(value))
        || (triggers.has(Trigger::Loop) && loops_for_ever(value))
        || (triggers.has(Trigger::Run) && runs(value))
}

/// `{{7*7}}`, `${7*7}`, `#{…}`, `*{…}`, `@{[…]}`, `<%= … %>` with more in them than a name.
fn interpolates(value: &[u8]) -> bool {
    around(value, b"{{").any(|(_, rest)| computes(rest, b"}}"))
        || around(value, b"${").any(|(_, rest)| computes(rest, b"}") || resolves(rest))
        || around(value, b"#{").any(|(_, rest)| computes(rest, b"}"))
        || around(value, b"*{").any(|(_, rest)| computes(rest, b"}"))
        || around(value, b"<%").any(|(_, rest)| computes(from(rest, usize::from(at(rest, 0) == b'=')), b"%>"))
        || around(value, b"@{").any(|(_, rest)| trim(rest).starts_with(b"["))
        || around(value, b"#set").any(|(_, rest)| trim(rest).starts_with(b"($"))
}

/// Whether there is an expression before `end`: a call, an index, an operation, a literal.
fn computes(rest: &[u8], end: &[u8]) -> bool {
    let reach = until(rest, REACH);
    let inside = memchr::memmem::find(reach, end).map(|end| trim(until(reach, end)));
    let Some(inside) = inside.filter(|inside| !inside.is_empty()) else { return false };
    let operates = |pair: &[u8]| match pair {
        [left, operator, right] => {
            let side = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'\'' | b'"' | b' ');
            matches!(operator, b'*' | b'+' | b'-' | b'/' | b'%') && side(*left) && side(*right)
        }
        _ => false,
    };
    inside.iter().any(|byte| matches!(byte, b'(' | b'[' | b'\'' | b'"' | b'`' | b'{')) || inside.windows(3).any(operates)
}

/// `${jndi:…}`, `${env:…}`, `${${lower:j}…`: lookups of a logger.
fn resolves(rest: &[u8]) -> bool {
    let name = word(rest);
    let after = from(rest, name.len());
    rest.starts_with(b"${") || after.starts_with(b"${") || (after.starts_with(b":") && !after.starts_with(b": "))
}

/// `<?php`, `<? echo`, `<?=`; not `<?xml version`.
fn is_code_of_php(value: &[u8]) -> bool {
    let opens = |rest: &[u8]| match word(trim(rest)) {
        b"xml" => !until(rest, 24).windows(7).any(|word| word == b"version" || word == b"-styles"),
        b"php" | b"echo" | b"system" | b"eval" | b"exec" | b"print" | b"passthru" => true,
        _ => rest.starts_with(b"="),
    };
    around(value, b"<?").any(|(_, rest)| opens(rest)) || contains_any(value, &[b"{php}", b"[php]", b"[/php]"])
}

/// `while(true)`, `while(!0)`: a loop without an end stops a single-threaded server.
fn loops_for_ever(value: &[u8]) -> bool {
    around(value, b"while").any(|(before, rest)| {
        let rest = trim(rest);
        let condition = rest
            .strip_prefix(b"(")
            .map(|rest| from(rest, rest.iter().take(8).take_while(|byte| **byte == b'(' || is_space(**byte)).count()));
        let always = |condition: &[u8]| {
            condition.starts_with(b"!") && !condition.starts_with(b"!true")
                || [&b"true"[..], b"infinity", b"-", b"+", b"1", b"new ", b"this", b"string"]
                    .iter()
                    .any(|word| condition.starts_with(word))
        };
        ends_no_word(before) && condition.is_some_and(always)
    })
}

/// `system('id')`, `require('fs')`: a call with a literal.
fn runs(value: &[u8]) -> bool {
    RUNS.iter().any(|call| {
        around(value, call).any(|(before, rest)| {
            let boundary = before.last().is_none_or(|byte| !is_word(*byte) && *byte != b'.') || before.ends_with(b"base64_");
            boundary && matches!(at(trim(rest), 0), b'\'' | b'"' | b'$' | b'`')
        })
    })
}
