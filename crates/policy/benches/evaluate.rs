//! What a condition costs once its attributes have been read; `starts_with` is the measure for `matches`.

#![expect(clippy::unwrap_used, reason = "a bench may stop")]

use std::borrow::Cow;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use portcullis_policy::{Attribute, AttributeSource, Facts, Outcome, Scope, Unreadable, Value, compile};
use serde_json::{Value as Json, json};

const CONDITIONS: [(&str, &str); 10] = [
    ("method", r#"request.method == "GET""#),
    ("header", r#"request.headers["x-team"] == "payments""#),
    ("role", r#"hasRole("editor")"#),
    ("claim", "jwt.claims.owner == params.id"),
    ("starts_with", r#"request.canonical_path.startsWith("/v1/orders/")"#),
    ("matches", r#"request.canonical_path.matches("^/v1/orders/[0-9]+$")"#),
    ("cidr", r#"cidr("10.0.0.0/8").containsIP(source.ip)"#),
    ("in_list", r#"request.method in ["GET", "HEAD", "OPTIONS"]"#),
    ("claims_exists", r#"jwt.claims.groups.exists(group, group == "admin")"#),
    ("time_window", r#"request.time >= timestamp("2025-01-01T00:00:00Z") && request.time < timestamp("2027-01-01T00:00:00Z")"#),
];

struct Request {
    claims: Json,
}

impl AttributeSource for Request {
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        let text = |text: &'static str| Some(Value::String(Cow::Borrowed(text)));
        Ok(match attribute {
            Attribute::RequestMethod => text("GET"),
            Attribute::RequestCanonicalPath => text("/v1/orders/42"),
            Attribute::RequestHeaders => Some(Value::Fields(headers())),
            Attribute::RequestTime => Some(Value::Timestamp(1_767_225_600_000_000_000)),
            Attribute::SourceIp => Some(Value::Ip([10, 1, 2, 3].into())),
            Attribute::JwtClaims => Some(Value::Json(&self.claims)),
            Attribute::Roles => Some(Value::List(vec![Value::String("viewer".into()), Value::String("editor".into())])),
            _ => None,
        })
    }
}

fn headers() -> Vec<(Cow<'static, str>, Cow<'static, [u8]>)> {
    let headers: [(&str, &[u8]); 8] = [
        (":method", b"GET"),
        (":path", b"/v1/orders/42"),
        (":authority", b"api.example.com"),
        ("accept", b"*/*"),
        ("user-agent", b"curl/8.5.0"),
        ("x-request-id", b"8e3a0c2e-45b5-4f3c-9a39-1f0a3c4a7f55"),
        ("x-forwarded-proto", b"https"),
        ("x-team", b"payments"),
    ];
    headers.map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value))).to_vec()
}

fn conditions(criterion: &mut Criterion) {
    let request = Request { claims: json!({"sub": "ann", "owner": "42", "groups": ["dev", "ops", "admin"]}) };
    let facts = Facts::new(&request);
    let names = ["id".to_owned()];
    let scope = Scope { params: Some(&names), ..Scope::condition() };
    let mut group = criterion.benchmark_group("holds");
    for (name, source) in CONDITIONS {
        let condition = compile(source, &scope).unwrap();
        assert_eq!(condition.holds(&facts, &[("id", "42")]), Outcome::True, "{source}");
        group.bench_function(name, |bencher| bencher.iter(|| black_box(&condition).holds(&facts, &[("id", "42")])));
    }
    group.finish();
}

/// The first condition of a request pays for the facts.
fn request(criterion: &mut Criterion) {
    let request = Request { claims: json!({}) };
    let condition = compile(r#"request.method == "GET""#, &Scope::condition()).unwrap();
    criterion.bench_function("facts", |bencher| bencher.iter(|| condition.holds(&Facts::new(&request), &[])));
}

criterion_group!(benches, conditions, request);
criterion_main!(benches);
