use std::time::{Duration, Instant};

use super::*;
use crate::{Phase, parse};

mod suite;

fn checked(source: &str, scope: &Scope<'_>) -> Result<Checked, Problems> {
    check(parse::parse(source)?, scope)
}

fn condition(source: &str) -> Result<Checked, Problems> {
    checked(source, &Scope::condition())
}

fn error(source: &str) -> String {
    condition(source).unwrap_err().to_string()
}

#[test]
fn tells_several_problems_at_once_in_the_order_of_the_text() {
    assert_eq!(
        error("request.pth == \"/\" && jwt.clams.x || methd == \"GET\""),
        "1:9: unknown field `request.pth`; did you mean `request.canonical_path`?\n\
         1:27: unknown field `jwt.clams`; did you mean `jwt.claims`?\n\
         1:38: unknown name `methd`; did you mean `request.method`?"
    );
}

#[test]
fn lists_what_is_read_once_and_what_functions_read() {
    let read =
        condition("request.method == \"GET\" && request.method != \"PUT\" && hasRole(\"x\") && size(header_values(\"a\")) > 0")
            .unwrap();
    assert_eq!(read.attributes, [Attribute::RequestMethod, Attribute::Roles, Attribute::RequestHeaders]);
}

#[test]
fn a_name_of_a_macro_hides_an_attribute() {
    let read = condition("[1, 2].exists(request, request > 1)").unwrap();
    assert_eq!(read.attributes, []);
}

#[test]
fn what_has_asked_for_is_there() {
    let unguarded = |source: &str| condition(source).unwrap().unguarded.len();
    assert_eq!(unguarded("jwt.claims.tenant == \"a\""), 1);
    assert_eq!(unguarded("has(jwt.claims.tenant) && jwt.claims.tenant == \"a\""), 0);
    assert_eq!(unguarded("jwt.claims.tenant == \"a\" && has(jwt.claims.tenant)"), 0);
    assert_eq!(unguarded("has(jwt.claims.tenant) || jwt.claims.tenant == \"a\""), 1);
    assert_eq!(unguarded("!has(jwt.claims.tenant) || jwt.claims.tenant == \"a\""), 0);
    assert_eq!(unguarded("has(jwt.claims.tenant) ? jwt.claims.tenant == \"a\" : false"), 0);
    assert_eq!(unguarded("!has(jwt.claims.tenant) ? false : jwt.claims.tenant == \"a\""), 0);
    assert_eq!(unguarded("\"x-a\" in request.headers && request.headers[\"x-a\"] == \"1\""), 0);
    assert_eq!(unguarded("request.headers[\"x-a\"] == \"1\""), 1);
    assert_eq!(unguarded("request.headers[?\"x-a\"].orValue(\"\") == \"1\""), 0);
    assert_eq!(unguarded("jwt.claims.?tenant.orValue(\"\") == \"a\""), 0);
}

#[test]
fn dyn_fits_everywhere() {
    for source in [
        "jwt.claims.a == 1 || jwt.claims.a == \"x\" || jwt.claims.a > 3",
        "jwt.claims.a.b.c[0].startsWith(\"x\")",
        "jwt.claims.groups.exists(g, g == \"x\" || g in [\"y\"])",
        "jwt.claims.a && !jwt.claims.b",
        "dyn(request.method) == 5",
        "size(jwt.claims.a) > 1u",
        "request.time - timestamp(jwt.claims.iat) < duration(\"1h\")",
    ] {
        assert!(condition(source).is_ok(), "{source}: {}", error(source));
    }
}

#[test]
fn a_list_of_dyn_may_be_the_list_that_is_wanted() {
    let roles = Scope { result: Type::List(Box::new(Type::String)), ..Scope::condition() };
    for source in ["[]", "source.port > 1 ? [\"a\"] : []", "jwt.claims.groups.filter(g, g != \"x\")", "[jwt.claims.role]"] {
        assert!(checked(source, &roles).is_ok(), "{source}");
    }
    for source in ["[1]", "\"a\"", "[[\"a\"]]"] {
        assert!(checked(source, &roles).is_err(), "{source}");
    }
}

#[test]
fn the_raw_query_is_named_with_raw_path_alone() {
    let why = checked("request.query != \"\"", &Scope::condition()).unwrap_err().to_string();
    assert!(why.contains("use `query`"), "{why}");
    assert!(checked("request.query != \"\"", &Scope { raw_path: true, ..Scope::condition() }).is_ok());
}

#[test]
fn a_scope_says_what_may_be_named() {
    let captured = ["id".to_owned()];
    let rule = Scope { params: Some(&captured), raw_path: true, ..Scope::condition() };
    assert!(checked("params.id == \"1\" && request.path != \"/\"", &rule).is_ok());
    let token = Scope { token: true, ..Scope::condition() };
    assert!(checked("claims.aud == \"x\"", &token).is_ok());
    let body = Scope { phase: Phase::Body, ..Scope::condition() };
    assert!(checked("body.items.all(i, i.qty > 0)", &body).is_ok());
    let variables = [("x".to_owned(), Type::Int), ("y.z".to_owned(), Type::String)];
    let named = Scope { variables: &variables, ..Scope::condition() };
    assert!(checked("x > 1 && y.z == \"a\"", &named).is_ok());
    assert!(checked("x == \"a\"", &named).is_err());
}

#[test]
fn an_unchecked_scope_takes_what_only_evaluation_can_refuse() {
    let unchecked = Scope { unchecked: true, result: Type::Dyn, ..Scope::condition() };
    assert!(checked("f_unknown(17) || true", &unchecked).is_ok());
    assert!(checked("'horses' && false", &unchecked).is_ok());
}

#[test]
fn every_check_ends_soon() {
    let attacks = [
        format!("\"a\".matches(\"{}\")", "(a{1000}){1000}"),
        format!("\"a\".matches(\"{}\")", "(".repeat(10_000)),
        format!("\"a\".matches(\"{}\")", r"\\pL{900}".repeat(1_500)),
        "a.b ||".repeat(2_600) + "c",
        format!("[{}1]", "1,".repeat(8_000)),
        format!("{{{}1: 1}} == {{}}", (0..2_000).map(|n| format!("{n}:1,")).collect::<String>()),
        "has(jwt.claims.a) && ".repeat(500) + &"jwt.claims.b == 1 && ".repeat(250) + "true",
        "x".repeat(16_000),
        "startsWit(1)||".repeat(1_100) + "true",
        "reqest.methd||".repeat(1_100) + "true",
        "reqest.f()||".repeat(1_300) + "true",
        "request.".to_owned() + &"x".repeat(16_000),
        "[1].map(x, [1].map(x, [1].map(x, ".repeat(14) + "1" + &")".repeat(42),
        "lists.range(1000).all(x, lists.range(1000).all(y, x == y))".to_owned(),
        format!("\"{}\" == 1", "\\u00e9".repeat(2_000)),
        "optional.of(".repeat(60) + "1" + &")".repeat(60),
        "{1:".repeat(60) + "1" + &"}".repeat(60),
    ];
    for attack in attacks {
        let start = Instant::now();
        let result = condition(&attack);
        assert!(
            start.elapsed() < Duration::from_secs(1),
            "{} took {:?}",
            attack.chars().take(40).collect::<String>(),
            start.elapsed()
        );
        assert!(result.is_err(), "{}", attack.chars().take(40).collect::<String>());
    }
}
