//! What expressions answer of a request.

#![expect(clippy::panic, reason = "a test may stop")]

use std::borrow::Cow;
use std::cell::RefCell;

use portcullis_policy::{
    Attribute, AttributeSource, Cause, Expression, Facts, Outcome, Phase, Scope, Type, Unreadable, Value, compile,
};
use serde_json::{Value as Json, json};

/// A request: a POST of ann's to /orders/42.
struct Request {
    claims: Json,
    body: Json,
    reads: RefCell<Vec<Attribute>>,
}

impl Default for Request {
    fn default() -> Self {
        let claims = json!({
            "sub": "ann", "level": 3, "tenant": "acme", "roles": ["editor", "dev"], "big": 9_007_199_254_740_993_u64,
            "exact": 9_007_199_254_740_992_u64, "least": -9_007_199_254_740_992_i64,
            "realm_access": {"roles": ["admin"]}, "tags": [["a"], ["b"]], "none": null,
        });
        Self { claims, body: json!({"items": [{"price": 1.5}, {"price": 2.5}], "id": "x"}), reads: RefCell::default() }
    }
}

fn text(text: &str) -> Option<Value<'_>> {
    Some(Value::String(Cow::Borrowed(text)))
}

fn fields<'a>(fields: &[(&'a str, &'a [u8])]) -> Option<Value<'a>> {
    Some(Value::Fields(fields.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value))).collect()))
}

impl AttributeSource for Request {
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        self.reads.borrow_mut().push(attribute);
        Ok(match attribute {
            Attribute::Cookies => fields(&[("c", b"1".as_slice()); 101]),
            Attribute::RequestMethod => text("POST"),
            Attribute::RequestHost => text("a.example"),
            Attribute::RequestCanonicalPath => text("/orders/42"),
            Attribute::RequestHeaders => fields(&[
                ("x-team", b"payments"),
                ("x-tag", b"red"),
                ("x-tag", b"blue, green"),
                ("x-latin", b"caf\xe9"),
                ("x-long", &[b'a'; 8 * 1024 + 1]),
            ]),
            Attribute::Query => fields(&[("tag", b"a"), ("tag", b"b"), ("q", b"1")]),
            Attribute::RequestTime => Some(Value::Timestamp(1_767_225_600_000_000_000)),
            Attribute::SourceIp => Some(Value::Ip([10, 1, 2, 3].into())),
            Attribute::JwtClaims => Some(Value::Json(&self.claims)),
            Attribute::Body => Some(Value::Json(&self.body)),
            Attribute::Roles => Some(Value::List(vec![Value::String("editor".into()), Value::String("viewer".into())])),
            Attribute::Permissions => return Err(Unreadable("the roles are not known")),
            Attribute::RequestUserAgent => return Err(Unreadable("not UTF-8")),
            _ => None,
        })
    }
}

fn compiled(source: &str) -> Expression {
    let names = ["id".to_owned()];
    let scope = Scope { phase: Phase::Body, result: Type::Dyn, params: Some(&names), ..Scope::condition() };
    compile(source, &scope).unwrap_or_else(|problems| panic!("{}", problems.render(source)))
}

fn outcome(source: &str) -> Outcome {
    let request = Request::default();
    compiled(source).holds(&Facts::new(&request), &[("id", "42")])
}

fn cause(source: &str) -> (String, Cause) {
    match outcome(source) {
        Outcome::Error(failure) => (failure.expression, failure.cause),
        other => panic!("`{source}` is {other:?}"),
    }
}

#[track_caller]
fn holds(source: &str) {
    assert_eq!(outcome(source), Outcome::True, "{source}");
}

#[track_caller]
fn holds_not(source: &str) {
    assert_eq!(outcome(source), Outcome::False, "{source}");
}

#[track_caller]
fn fails(source: &str, part: &str, expected: Cause) {
    assert_eq!(cause(source), (part.to_owned(), expected), "{source}");
}

#[test]
fn reads_attributes() {
    holds(r#"request.method == "POST" && request.host.endsWith(".example")"#);
    holds(r#"request.headers["x-team"] == "payments" && "x-team" in request.headers"#);
    holds(r#"params.id == "42" && request.canonical_path == "/orders/" + params.id"#);
    holds_not(r#"request.method in ["GET", "HEAD"]"#);
    holds(r#"request.time < timestamp("2026-01-01T00:00:01Z") && request.time >= timestamp("2026-01-01T00:00:00Z")"#);
}

#[test]
fn a_field_that_came_several_times_is_an_error() {
    fails(r#"request.headers["x-tag"] == "red""#, r#"request.headers["x-tag"]"#, Cause::Several);
    fails(r#"request.headers["x-tag"] != "red""#, r#"request.headers["x-tag"]"#, Cause::Several);
    fails(r#"request.headers[?"x-tag"].orValue("red") == "red""#, r#"request.headers[?"x-tag"]"#, Cause::Several);
    fails(r#"!(query.tag == "z")"#, "query.tag", Cause::Several);
    holds(r#"header_values("x-tag") == ["red", "blue, green"] && header_tokens("x-tag") == ["red", "blue", "green"]"#);
    holds(r#"header_values("x-none") == [] && query_values("tag") == ["a", "b"] && query.q == "1""#);
    holds(r#"size(request.headers) == 4 && request.headers.exists(name, name == "x-tag")"#);
}

#[test]
fn what_is_no_text_or_too_long_is_an_error() {
    fails(r#"request.headers["x-latin"] != "a""#, r#"request.headers["x-latin"]"#, Cause::Unreadable("not UTF-8"));
    fails(r#"request.headers["x-long"] != "a""#, r#"request.headers["x-long"]"#, Cause::TooLarge);
    fails(r#"request.useragent != "a""#, "request.useragent", Cause::Unreadable("not UTF-8"));
    fails(r#"has(request.useragent) || false"#, "has(request.useragent)", Cause::Unreadable("not UTF-8"));
}

#[test]
fn too_many_fields_are_not_gone_through() {
    fails("size(cookies) > 0", "cookies", Cause::TooLarge);
    fails("cookies.all(name, name == 'c')", "cookies", Cause::TooLarge);
    fails("cookies == {}", "cookies", Cause::TooLarge);
    fails("cookies.c == '1'", "cookies.c", Cause::Several);
    holds("!('d' in cookies)");
}

#[test]
fn absence_is_an_error_that_can_be_asked_for() {
    fails(r#"request.referer != "a""#, "request.referer", Cause::Absent);
    fails(r#"jwt.claims.nobody == "a""#, "jwt.claims.nobody", Cause::Absent);
    holds("!has(request.referer) && has(jwt.claims.sub) && !has(jwt.claims.nobody)");
    holds(r#"jwt.claims.?nobody.orValue("x") == "x" && jwt.claims.?sub.orValue("x") == "ann""#);
    fails(r#"jwt.header.?kid.orValue("x") == "x""#, "jwt.header.?kid", Cause::Absent);
    fails("has(jwt.header.kid)", "has(jwt.header.kid)", Cause::Absent);
}

#[test]
fn one_side_that_decides_hides_an_error_on_the_other() {
    holds(r#"request.referer == "a" || request.method == "POST""#);
    holds_not(r#"request.referer == "a" && request.method == "GET""#);
    fails(r#"request.referer == "a" && request.method == "POST""#, "request.referer", Cause::Absent);
    fails(r#"(request.method == "POST" ? request.referer : "a") == "a""#, "request.referer", Cause::Absent);
}

#[test]
fn what_failed_for_another_reason_as_well_is_no_absence() {
    let absent = "request.headers['a'] == '1'";
    let twice = "request.headers['x-tag'] == '2'";
    for operator in ["||", "&&"] {
        fails(&format!("{absent} {operator} {twice}"), "request.headers[\"x-tag\"]", Cause::Several);
        fails(&format!("{twice} {operator} {absent}"), "request.headers[\"x-tag\"]", Cause::Several);
        fails(&format!("{absent} {operator} !({absent} {operator} {twice})"), "request.headers[\"x-tag\"]", Cause::Several);
        fails(&format!("{absent} {operator} jwt.claims.nobody == 1"), "request.headers[\"a\"]", Cause::Absent);
    }
    let many = vec![absent; 40].join(" || ") + " || " + twice;
    assert_ne!(cause(&many).1, Cause::Absent);
    let loops = ["jwt.claims.roles.all(r, r == 'a' || r != '')"; 3].join(" && ");
    fails(&format!("{absent} && {loops}"), "request.headers[\"a\"]", Cause::Absent);
}

#[test]
fn names_the_part_of_a_qualified_call_that_failed() {
    fails("math.abs(jwt.claims.level - jwt.claims.nobody) > 1", "jwt.claims.nobody", Cause::Absent);
    fails("base64.decode(jwt.claims.tenant + '!') == b''", "base64.decode(jwt.claims.tenant + \"!\")", Cause::Argument);
}

#[test]
fn claims_are_json() {
    holds(r#"jwt.claims.level == 3 && jwt.claims.level >= 3.0 && type(jwt.claims.level) == double"#);
    holds("jwt.claims.big != 9007199254740992 && jwt.claims.big == 9007199254740993");
    holds(
        "jwt.claims.exact != 9007199254740993 && jwt.claims.exact == 9007199254740992 && jwt.claims.least != -9007199254740993",
    );
    holds(r#""admin" in jwt.claims.realm_access.roles && jwt.claims.roles.exists(r, r.startsWith("ed"))"#);
    holds(r#"[["b"], ["a"]].exists(t, t in jwt.claims.tags) && {"roles": ["admin"]} == jwt.claims.realm_access"#);
    holds(r#"jwt.claims.none == null && jwt.claims.roles[0] == "editor" && size(jwt.claims.roles) == 2"#);
    holds("body.items.map(i, i.price).sum() == 4.0 && body.items.all(i, i.price < 3.0)");
    fails("jwt.claims.sub.name == 1", "jwt.claims.sub.name", Cause::Type);
    fails("jwt.claims.roles[5] == 'a'", "jwt.claims.roles[5]", Cause::OutOfRange);
    holds("[1].all(jwt, jwt == 1)");
}

#[test]
fn roles_that_are_not_known_are_no_roles_and_no_lack_of_them() {
    holds(r#"hasRole("editor") && !hasRole("admin")"#);
    fails(r#"!hasPermission("a")"#, r#"hasPermission("a")"#, Cause::Unreadable("the roles are not known"));
}

#[test]
fn addresses_and_networks() {
    holds(r#"cidr("10.0.0.0/8").containsIP(source.ip) && source.ip == ip("10.1.2.3") && ip("10.1.2.3") == source.ip"#);
    holds(r#"cidr("10.0.0.0/8").containsIP("10.9.9.9") && !cidr("10.0.0.0/8").containsIP("::1") && source.ip.isPrivate()"#);
    holds(r#"cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16") && !cidr("10.1.0.0/16").containsCIDR("10.0.0.0/8")"#);
    holds(r#"cidr("::/0").containsIP("2001:db8::1") && cidr("10.1.2.3" + "/8").masked() == cidr("10.0.0.0/8")"#);
    holds(r#"!isIP("::ffff:10.0.0.1") && !isIP("10.0.0.01") && !isIP("fe80::1%eth0") && !isCIDR("10.0.0.0/08")"#);
    holds(r#"ip_prefix(source.ip, 24, 64) == "10.1.2.0/24" && ip_prefix(ip("2001:db8::1"), 24, 64) == "2001:db8::/64""#);
    fails(r#"ip(request.host) == source.ip"#, "ip(request.host)", Cause::Argument);
}

#[test]
fn what_grows_is_bounded() {
    for source in [
        "lists.range(1001).size() > 0".to_owned(),
        format!(r#"["0123456789"]{}.size() == 1"#, ".map(a, a + a)".repeat(20)),
        format!(r#"["0123456789"]{}.size() == 1"#, ".map(a, [a, a])".repeat(20)),
        format!(r#"["0123456789"]{}.size() == 1"#, ".map(a, {1: a, 2: a})".repeat(20)),
        format!(r#"["0123456789"]{}.size() == 1"#, ".map(a, a.replace('', a))".repeat(6)),
        format!(r#"["0123456789"]{}.size() == 1"#, ".map(a, [a, a, a, a].join(a))".repeat(10)),
        format!(r#"["0123456789"]{}.size() == 1"#, ".map(a, '%s%s%s%s'.format([a, a, a, a]))".repeat(10)),
        format!(r#"["0123456789"]{}.size() == 1"#, ".map(a, base64.encode(bytes(a + a)))".repeat(20)),
    ] {
        let scope = Scope { cost_max: u64::MAX, unchecked: true, ..Scope::condition() };
        let expression = compile(&source, &scope).unwrap_or_else(|problems| panic!("{}", problems.render(&source)));
        let request = Request::default();
        match expression.holds(&Facts::new(&request), &[("id", "42")]) {
            Outcome::Error(failure) => assert_eq!(failure.cause, Cause::TooLarge, "{source}"),
            other => panic!("`{source}` is {other:?}"),
        }
    }
}

#[test]
fn strange_indices_and_numbers_are_errors() {
    for source in [
        "'a'.charAt(9) == 'a'",
        "'é'.substring(2) == ''",
        "'é'.substring(-1) == ''",
        "'é'.indexOf('é', -9223372036854775808) == 0",
        "'é'.lastIndexOf('é', 9223372036854775807) == 0",
        "(-9223372036854775807 - 1) / -1 == 0",
        "(-9223372036854775807 - 1) % -1 == 0",
        "1 / (size(params) - 1) == 0",
        "timestamp('9999-12-31T23:59:59Z') + duration('9000000000s') > request.time",
        "timestamp('0001-01-01T00:00:00Z') - duration('9000000000s') > request.time",
        "int(jwt.claims.sub) == 1",
        "'a'.matches(jwt.claims.sub + '(')",
        "math.abs(-9223372036854775807 - 1) == 0",
        "[1].slice(1, 0) == []",
        "'%.999f'.format([1.0]) == ''",
        "request.time.getHours('Nowhere/None') == 1",
        "request.time.getHours('99:99') == 1",
    ] {
        assert!(matches!(outcome(source), Outcome::Error(_)), "{source}: {:?}", outcome(source));
    }
}

#[test]
fn strings() {
    holds(
        "'héhé'.indexOf('h', 1) == 2 && 'héhé'.lastIndexOf('é') == 3 && 'héhé'.lastIndexOf('h', 1) == 0 && 'a'.indexOf('b') == -1",
    );
    holds("'a,b'.split(',') == ['a', 'b'] && 'aé'.split('') == ['a', 'é'] && 'a,b,c'.split(',', 2) == ['a', 'b,c']");
    holds("'aaa'.replace('a', 'b', 2) == 'bba' && ['a', 'b'].join('-') == 'a-b' && '%s=%d'.format(['x', 3]) == 'x=3'");
    holds("request.host.matches('^[a-z.]+$') && request.host.find('[a-z]+') == 'a' && 'a1b2'.findAll('[0-9]') == ['1', '2']");
    holds("math.greatest(1, 3, 2) == 3 && math.least([2, 1]) == 1 && ['bb', 'a'].sortBy(x, size(x)) == ['a', 'bb']");
}

#[test]
fn reads_each_attribute_once_and_only_what_is_named() {
    let request = Request::default();
    let facts = Facts::new(&request);
    let expression = compiled(r#"request.method == "POST" && request.method != "GET" && [1, 2].all(x, request.host != "")"#);
    assert_eq!(expression.holds(&facts, &[]), Outcome::True);
    assert_eq!(expression.holds(&facts, &[]), Outcome::True);
    assert_eq!(*request.reads.borrow(), [Attribute::RequestMethod, Attribute::RequestHost]);
}

#[test]
fn a_failure_says_nothing_of_the_request() {
    let request = Request::default();
    let failure = compiled(r#"int(jwt.claims.tenant) > 3"#).evaluate(&Facts::new(&request), &[]).unwrap_err();
    assert_eq!(failure.to_string(), "`int(jwt.claims.tenant)` (1:1): an argument that the function does not take");
}

#[test]
fn answers_values() {
    let request = Request::default();
    let facts = Facts::new(&request);
    let answer = |source: &str| compiled(source).evaluate(&facts, &[]).unwrap();
    assert_eq!(answer("jwt.claims.sub"), Value::String("ann".into()));
    assert_eq!(answer("jwt.claims.roles"), Value::List(vec![Value::String("editor".into()), Value::String("dev".into())]));
    assert_eq!(answer("2u"), Value::Uint(2));
    assert_eq!(answer("duration('90s')"), Value::Duration(90_000_000_000));
}
