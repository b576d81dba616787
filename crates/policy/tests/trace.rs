//! What each part of an expression comes to.

#![expect(clippy::expect_used, reason = "a test may stop")]

use std::borrow::Cow;

use portcullis_policy::{
    Answer, Attribute, AttributeSource, Expression, Facts, Outcome, Phase, Scope, Trace, Type, Unreadable, Value, compile,
};
use serde_json::{Value as Json, json};

/// A POST of ann's to /orders/42.
struct Request(Json);

impl Default for Request {
    fn default() -> Self {
        Self(json!({"sub": "ann", "tenant": "acme", "groups": ["dev", "ops"], "odd": [1, "x"]}))
    }
}

impl AttributeSource for Request {
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        let fields = |fields: &[(&'static str, &'static [u8])]| {
            Value::Fields(fields.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value))).collect())
        };
        Ok(match attribute {
            Attribute::RequestMethod => Some(Value::String("POST".into())),
            Attribute::RequestTime => Some(Value::Timestamp(1_767_225_600_000_000_000)),
            Attribute::RequestHeaders => Some(fields(&[("x-team", b"payments"), ("x-tag", b"red"), ("x-tag", b"blue")])),
            Attribute::Query => Some(fields(&[("q", b"1")])),
            Attribute::SourceIp => Some(Value::Ip([10, 1, 2, 3].into())),
            Attribute::JwtClaims => Some(Value::Json(&self.0)),
            Attribute::Roles => Some(Value::List(vec![Value::String("editor".into())])),
            Attribute::RequestUserAgent => return Err(Unreadable("not UTF-8")),
            _ => None,
        })
    }
}

fn compiled(source: &str) -> Expression {
    let names = ["id".to_owned()];
    let scope = Scope { phase: Phase::Body, result: Type::Dyn, params: Some(&names), ..Scope::condition() };
    compile(source, &scope).expect("it is right")
}

/// A line for each part, those that it rests on below it.
fn lines(source: &str) -> Vec<String> {
    let mut lines = Vec::new();
    write(&compiled(source).trace(&Facts::new(&Request::default()), &[("id", "42")]), 0, &mut lines);
    lines
}

fn write(trace: &Trace, depth: usize, lines: &mut Vec<String>) {
    let answer = match &trace.answer {
        Answer::Value(value) => value.clone(),
        Answer::Error(error) => format!("error: {error}"),
        Answer::NotNeeded => "not needed".to_owned(),
    };
    let element = trace.element.as_ref().map(|element| format!("{} = {}: ", element.name, element.value)).unwrap_or_default();
    lines.push(format!("{}{element}{} → {answer}", "  ".repeat(depth), trace.expression));
    trace.parts.iter().for_each(|part| write(part, depth + 1, lines));
}

#[test]
fn each_part_that_reads_the_request_is_told_with_its_value() {
    assert_eq!(
        lines("request.method == \"POST\"\n  &&\n  cidr(\"10.0.0.0/8\").containsIP(source.ip)"),
        [
            "request.method == \"POST\" && cidr(\"10.0.0.0/8\").containsIP(source.ip) → true",
            "  request.method == \"POST\" → true",
            "    request.method → \"POST\"",
            "  cidr(\"10.0.0.0/8\").containsIP(source.ip) → true",
            "    source.ip → ip(\"10.1.2.3\")",
        ]
    );
}

#[test]
fn what_nobody_asks_is_not_needed() {
    assert_eq!(
        lines("jwt.claims.sub == \"bob\" && hasRole(\"a\") && jwt.claims.gone == 1"),
        [
            "jwt.claims.sub == \"bob\" && hasRole(\"a\") && jwt.claims.gone == 1 → false",
            "  jwt.claims.sub == \"bob\" → false",
            "    jwt.claims.sub → \"ann\"",
            "  hasRole(\"a\") → not needed",
            "  jwt.claims.gone == 1 → not needed",
        ]
    );
    assert_eq!(
        lines("has(jwt.claims.tenant) ? jwt.claims.tenant : jwt.claims.org"),
        [
            "has(jwt.claims.tenant) ? jwt.claims.tenant : jwt.claims.org → \"acme\"",
            "  has(jwt.claims.tenant) → true",
            "  jwt.claims.tenant → \"acme\"",
            "  jwt.claims.org → not needed",
        ]
    );
}

#[test]
fn an_error_is_told_where_it_begins_and_may_not_matter() {
    assert_eq!(
        lines("jwt.claims.level > 3 || request.useragent == \"x\""),
        [
            "jwt.claims.level > 3 || request.useragent == \"x\" → error: `request.useragent`: unreadable: not UTF-8",
            "  jwt.claims.level > 3 → error: `jwt.claims.level`: absent",
            "    jwt.claims.level → error: absent",
            "  request.useragent == \"x\" → error: `request.useragent`: unreadable: not UTF-8",
            "    request.useragent → error: unreadable: not UTF-8",
        ]
    );
    assert_eq!(
        lines("jwt.claims.level > 3 || hasRole(\"editor\")"),
        [
            "jwt.claims.level > 3 || hasRole(\"editor\") → true",
            "  jwt.claims.level > 3 → error: `jwt.claims.level`: absent",
            "    jwt.claims.level → error: absent",
            "  hasRole(\"editor\") → true",
        ]
    );
}

#[test]
fn of_a_macro_the_element_that_decides_is_told() {
    assert_eq!(
        lines("jwt.claims.groups.exists(g, g.startsWith(\"o\"))"),
        [
            "jwt.claims.groups.exists(g, g.startsWith(\"o\")) → true",
            "  jwt.claims.groups → [\"dev\", \"ops\"]",
            "  g = \"ops\": g.startsWith(\"o\") → true",
        ]
    );
    assert_eq!(
        lines("jwt.claims.groups.exists(g, g == \"x\")"),
        ["jwt.claims.groups.exists(g, g == \"x\") → false", "  jwt.claims.groups → [\"dev\", \"ops\"]"]
    );
    assert_eq!(
        lines("[\"a\", \"b\"].all(t, jwt.claims.groups.exists(g, g != t && t == \"a\"))"),
        [
            "[\"a\", \"b\"].all(t, jwt.claims.groups.exists(g, g != t && t == \"a\")) → false",
            "  t = \"b\": jwt.claims.groups.exists(g, (g != t) && (t == \"a\")) → false",
            "    jwt.claims.groups → [\"dev\", \"ops\"]",
        ]
    );
    assert_eq!(
        lines("jwt.claims.odd.all(o, o < 2)"),
        [
            "jwt.claims.odd.all(o, o < 2) → error: wrong type",
            "  jwt.claims.odd → [1.0, \"x\"]",
            "  o = \"x\": o < 2 → error: wrong type",
        ]
    );
}

/// The headers as a whole cannot be told: one of them came twice.
#[test]
fn what_is_only_looked_into_is_no_error() {
    assert_eq!(
        lines("request.headers.exists(h, h == \"x-tag\")"),
        ["request.headers.exists(h, h == \"x-tag\") → true", "  h = \"x-tag\": h == \"x-tag\" → true"]
    );
    assert_eq!(
        lines("request.headers[jwt.claims.sub == \"ann\" ? \"x-team\" : \"x\"] in [query.q, \"payments\"]"),
        [
            "request.headers[jwt.claims.sub == \"ann\" ? \"x-team\" : \"x\"] in [query.q, \"payments\"] → true",
            "  request.headers[(jwt.claims.sub == \"ann\") ? \"x-team\" : \"x\"] → \"payments\"",
            "    (jwt.claims.sub == \"ann\") ? \"x-team\" : \"x\" → \"x-team\"",
            "      jwt.claims.sub == \"ann\" → true",
            "        jwt.claims.sub → \"ann\"",
            "  [query.q, \"payments\"] → [\"1\", \"payments\"]",
            "    query.q → \"1\"",
        ]
    );
}

#[test]
fn a_constant_has_no_parts_and_a_name_of_an_attribute_may_be_an_element_s() {
    assert_eq!(lines("1 + 2 == 3"), ["1 + 2 == 3 → true"]);
    assert_eq!(
        lines("jwt.claims.groups.exists(params, params == \"dev\")"),
        ["jwt.claims.groups.exists(params, params == \"dev\") → true", "  jwt.claims.groups → [\"dev\", \"ops\"]"]
    );
}

/// Where each part stands.
#[test]
fn a_part_has_its_place() {
    let trace = compiled("request.method == \"GET\" ||\n  hasRole(\"a\")").trace(&Facts::new(&Request::default()), &[]);
    let place = |trace: &Trace| trace.at.map(|at| (at.line, at.column));
    assert_eq!(place(&trace), Some((1, 25)));
    assert_eq!(trace.parts.iter().map(place).collect::<Vec<_>>(), [Some((1, 16)), Some((2, 3))]);
}

/// The whole answers as the condition itself does, whatever it is made of.
#[test]
fn the_whole_is_what_the_condition_answers() {
    let conditions = include_str!("../benches/conditions.jsonl").lines();
    let conditions = conditions.map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let mut told = 0;
    for condition in conditions {
        let source = condition["expr"].as_str().expect("a text");
        let Ok(expression) = compile(source, &Scope { phase: Phase::Body, ..Scope::condition() }) else { continue };
        let request = Request::default();
        let facts = Facts::new(&request);
        let answer = expression.trace(&facts, &[]).answer;
        match expression.holds(&facts, &[]) {
            Outcome::True => assert!(answer.is("true"), "{source}: {answer:?}"),
            Outcome::False => assert!(answer.is("false"), "{source}: {answer:?}"),
            Outcome::Error(_) => assert!(answer.is_error(), "{source}: {answer:?}"),
        }
        told += 1;
    }
    assert!(told > 3, "{told}");
}
