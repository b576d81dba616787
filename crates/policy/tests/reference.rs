//! Every example of the reference pages, evaluated for the one request that they show.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::borrow::Cow;

use portcullis_policy::{Attribute, AttributeSource, Facts, GROUPS, Phase, Place, Scope, Type, Unreadable, Value, compile};
use serde_json::{Value as Json, json};

#[test]
fn every_example_of_an_attribute_answers_what_the_page_says() {
    let wrong: Vec<String> = Attribute::ALL
        .iter()
        .filter_map(|attribute| attribute.example().map(|example| (attribute, example)))
        .filter_map(|(attribute, (example, result))| difference(example, result, attribute.place() == Place::Token))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_of_a_function_answers_what_the_page_says() {
    let functions = GROUPS.iter().flat_map(|group| group.functions);
    let examples = functions.flat_map(|function| function.examples);
    let wrong: Vec<String> = examples.filter_map(|(example, result)| difference(example, result, false)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How the answer differs from `result`, which is an expression itself.
fn difference(example: &str, result: &str, token: bool) -> Option<String> {
    let found = answer(example, token);
    let (same, wanted) = match result {
        "error" => (found.is_err(), Err("error".to_owned())),
        result => {
            let wanted = answer(result, token);
            (wanted.is_ok() && found == wanted, wanted)
        }
    };
    (!same).then(|| format!("`{example}` is {found:?}, not {wanted:?}"))
}

fn answer(source: &str, token: bool) -> Result<Value<'static>, String> {
    let captures = ["id".to_owned()];
    let scope =
        Scope { phase: Phase::Response, result: Type::Dyn, params: Some(&captures), raw_path: true, token, ..Scope::condition() };
    let expression = compile(source, &scope).map_err(|problems| problems.to_string())?;
    let request = Request::new();
    expression.evaluate(&Facts::new(&request), &[("id", "42")]).map_err(|failure| failure.to_string())
}

/// [`portcullis_policy::EXAMPLE_REQUEST`]
struct Request {
    claims: Json,
    header: Json,
    body: Json,
}

impl Request {
    fn new() -> Self {
        Self {
            claims: json!({
                "iss": "https://idp.example", "sub": "user-1", "aud": "shop", "tenant": "acme",
                "groups": ["dev", "ops"], "scope": "orders.read"
            }),
            header: json!({"alg": "RS256", "kid": "k1"}),
            body: json!({"items": [{"sku": "a", "qty": 2}], "note": "asap"}),
        }
    }
}

impl AttributeSource for Request {
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        let text = |text: &'static str| Value::String(Cow::Borrowed(text));
        Ok(Some(match attribute {
            Attribute::RequestMethod => text("GET"),
            Attribute::RequestCanonicalPath | Attribute::RequestUrlPath => text("/orders/42"),
            Attribute::RequestPath => text("/orders/42?page=2&tag=a&tag=b"),
            Attribute::RequestQuery => text("page=2&tag=a&tag=b"),
            Attribute::RequestHost | Attribute::ConnectionRequestedServerName => text("shop.example.com"),
            Attribute::RequestScheme => text("https"),
            Attribute::RequestHeaders => fields(&[
                ("user-agent", "curl/8.5.0"),
                ("referer", "https://shop.example.com/"),
                ("x-request-id", "7f3a"),
                ("x-team", "payments"),
                ("x-tag", "red"),
                ("x-tag", "blue, green"),
                ("cookie", "session=abc; theme=dark"),
            ]),
            Attribute::RequestUserAgent => text("curl/8.5.0"),
            Attribute::RequestReferer => text("https://shop.example.com/"),
            Attribute::RequestId => text("7f3a"),
            Attribute::RequestProtocol => text("HTTP/2"),
            // 2026-01-01T12:00:00Z
            Attribute::RequestTime => Value::Timestamp(1_767_268_800_000_000_000),
            Attribute::Query => fields(&[("page", "2"), ("tag", "a"), ("tag", "b")]),
            Attribute::Cookies => fields(&[("session", "abc"), ("theme", "dark")]),
            Attribute::SourceIp => Value::Ip("10.1.2.3".parse().unwrap()),
            Attribute::DestinationIp => Value::Ip("10.9.9.9".parse().unwrap()),
            Attribute::SourceAddress => text("10.1.2.3:51234"),
            Attribute::SourcePort => Value::Int(51_234),
            Attribute::DestinationAddress => text("10.9.9.9:8443"),
            Attribute::DestinationPort => Value::Int(8_443),
            Attribute::ConnectionMtls | Attribute::ConnectionPeerCertificateValid => Value::Bool(false),
            Attribute::ConnectionTlsVersion => text("TLSv1.3"),
            Attribute::XdsRouteName => text("orders"),
            Attribute::XdsClusterName => text("orders-v1"),
            Attribute::JwtProvider => text("main"),
            Attribute::JwtIssuer => text("https://idp.example"),
            Attribute::JwtSubject => text("user-1"),
            Attribute::JwtClaims | Attribute::Claims => Value::Json(&self.claims),
            Attribute::JwtHeader => Value::Json(&self.header),
            Attribute::Body => Value::Json(&self.body),
            Attribute::ResponseCode => Value::Int(200),
            Attribute::ResponseHeaders => fields(&[("content-type", "text/plain")]),
            Attribute::Roles => texts(&["editor", "reader"]),
            Attribute::Permissions => texts(&["orders:read", "orders:write"]),
            Attribute::Scopes => texts(&["orders.read"]),
            _ => return Ok(None),
        }))
    }
}

fn fields(fields: &[(&'static str, &'static str)]) -> Value<'static> {
    Value::Fields(fields.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(value.as_bytes()))).collect())
}

fn texts(texts: &[&'static str]) -> Value<'static> {
    Value::List(texts.iter().map(|text| Value::String(Cow::Borrowed(*text))).collect())
}
