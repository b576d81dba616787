use std::time::{Duration, Instant};

use super::*;
use crate::Position;

fn message(source: &str) -> String {
    parse(source).unwrap_err().to_string()
}

#[test]
fn says_where_every_node_stands() {
    let parsed = parse("a.b ==\n  'é'.size() // done").unwrap();
    let cel::common::ast::Expr::Call(call) = &parsed.expr.expr else { panic!("an operator") };
    let at = |id| parsed.position(id).unwrap();
    assert_eq!(at(parsed.expr.id), Position { line: 1, column: 5 });
    assert_eq!(at(call.args[0].id), Position { line: 1, column: 3 });
    assert_eq!(at(call.args[1].id), Position { line: 2, column: 7 });
    assert_eq!(parsed.position(10_000), None);
}

#[test]
fn counts_columns_in_characters() {
    assert_eq!(message("'é' == §"), "1:8: unexpected `§`");
}

#[test]
fn a_complaint_is_one_line_and_points_at_a_token_or_behind_the_last() {
    assert_eq!(message("[1,\n 2\n"), "2:3: the expression ends too early; `]` is missing");
    assert_eq!(message("true &&  \n\n"), "1:8: the expression ends too early; a value is missing");
    assert_eq!(message(" \n"), "1:1: the expression is empty");
    assert!(message("a \u{7} b").starts_with("1:3: unexpected `\\u{7}`"), "{}", message("a \u{7} b"));
}

#[test]
fn a_message_that_quotes_a_literal_is_one_line() {
    let problems = crate::compile("request.headers[\"X-\na\"] == \"b\"", &crate::Scope::condition()).unwrap_err();
    assert!(problems.iter().all(|problem| problem.message.contains("`x-\\na`")), "{problems}");
}

/// What would make a tree deeper than the stack, or the parser slow.
#[test]
fn refuses_what_is_too_deep_or_too_long_at_once() {
    let attacks = [
        "(".repeat(16_000),
        "[".repeat(16_000),
        "{1:".repeat(5_000),
        "-!".repeat(8_000) + "1",
        "a.".repeat(8_000) + "a",
        "1+".repeat(8_000) + "1",
        "a?b:".repeat(4_000) + "c",
        "a?".repeat(8_000) + "c",
        "a[0]".to_owned() + &"[0]".repeat(5_000),
        "f(".repeat(8_000),
        "a.f()".to_owned() + &".f()".repeat(4_000),
        "x.map(y,".repeat(2_000),
        "((1),".repeat(3_200),
        "true&&".repeat(100_000) + "true",
        "é".repeat(8_000),
        "'".repeat(16_000),
        "`".repeat(16_000),
        "a in ".repeat(3_000) + "b",
        "0x".repeat(8_000),
    ];
    for attack in attacks {
        let start = Instant::now();
        let result = parse(&attack);
        assert!(result.is_err(), "{}", start_of(&attack));
        assert!(start.elapsed() < Duration::from_millis(500), "{} took {:?}", start_of(&attack), start.elapsed());
        assert!(!result.unwrap_err().render(&attack).is_empty());
    }
}

#[test]
fn takes_what_is_wide() {
    for wide in ["true && ".repeat(2_000) + "true", format!("x in [{}]", "1,".repeat(8_000)), format!("'{}'", "a".repeat(16_000))]
    {
        assert!(parse(&wide).is_ok(), "{}", start_of(&wide));
    }
}

#[test]
fn the_depth_is_an_upper_bound_of_the_tree() {
    for (source, fits) in
        [("a", true), ("a.b.c", true), ("!".repeat(60).as_str(), true)].map(|(source, fits)| (source.to_owned(), fits))
    {
        assert_eq!(limit::check(&source).is_ok(), fits);
    }
    let chain = |length: usize| "a".to_owned() + &".a".repeat(length);
    assert!(limit::check(&chain(128)).is_ok());
    assert!(limit::check(&chain(129)).is_err());
}

fn start_of(source: &str) -> String {
    source.chars().take(12).collect()
}
