//! Good bodies and bad ones.

use super::super::configuration::MAX_BODY;
use super::{Expected, Kind, Mint, PASSES, Pace, get};
use crate::{Request, Result};

/// Name, body, and the answer.
const REFUSED: [(&str, &str, u16, &str); 9] = [
    ("JSON that breaks off", r#"{"item":"a","count":1"#, 400, "body_malformed"),
    ("no JSON", "item=a&count=1", 400, "body_malformed"),
    ("half a surrogate pair", r#"{"item":"\ud800","count":1}"#, 400, "body_malformed"),
    ("a key twice", r#"{"item":"a","count":1,"count":2}"#, 400, "body_repeated_key"),
    ("a value out of bounds", r#"{"item":"a","count":0}"#, 422, "body_schema"),
    ("a field too many", r#"{"item":"a","count":1,"admin":true}"#, 422, "body_schema"),
    ("too deep", r#"{"item":"a","count":1,"tree":[[[[[[[[[[[[]]]]]]]]]]]]}"#, 400, "body_structure"),
    ("SQL", r#"{"item":"a","count":1,"note":"x' OR '1'='1' --"}"#, 400, "signature_sqli"),
    ("script", r#"{"item":"a","count":1,"note":"<script>alert(1)</script>"}"#, 400, "signature_xss"),
];

const GOOD: &str = r#"{"item":"tea","count":2,"note":"as always","tree":{"a":[1,2,{"b":null}]}}"#;

pub(super) fn kinds(mint: Mint) -> Result<Vec<Kind>> {
    let token = &mint.buyer()?;
    let mut kinds = passing(mint)?;
    kinds.extend(REFUSED.map(|(name, body, status, reason)| {
        let pieces: Vec<&[u8]> = body.as_bytes().chunks(9).collect();
        let requests = [post(token).body(body), post(token).chunked(pieces)];
        Kind::new(name, 2, Expected::Is(status, reason), requests)
    }));
    kinds.extend(refused_by_head(mint)?);
    kinds.extend([
        Kind::new("a body, abandoned", 1, PASSES, [post(token).body(GOOD)]).abandoned(20),
        Kind::new("chunks, abandoned", 1, PASSES, [chunked(token)]).abandoned(20),
        Kind::new("half a body, then the rest", 1, PASSES, [post(token).body(GOOD), chunked(token)])
            .at(Pace::Loitering)
            .halved(30),
        Kind::new("half a body, and no more", 1, PASSES, [post(token).body(GOOD)]).at(Pace::Loitering).abandoned(30),
    ]);
    Ok(kinds)
}

fn passing(mint: Mint) -> Result<Vec<Kind>> {
    let buyers = mint.tokens("es256", 100, "roles: [buyer]")?;
    let large = format!(r#"{{"item":"tea","count":2,"note":"{}"}}"#, "tea and biscuits ".repeat(MAX_BODY / 20));
    let token = &mint.buyer()?;
    Ok(vec![
        Kind::new("a body", 12, PASSES, buyers.iter().map(|token| post(token).body(GOOD))),
        Kind::new("a body in chunks", 6, PASSES, buyers.iter().map(|token| chunked(token))),
        Kind::new("a body with trailers", 2, PASSES, [chunked(token).trailer("x-sum", "1")]),
        Kind::new("a large body", 2, PASSES, [post(token).body(large)]),
    ])
}

fn refused_by_head(mint: Mint) -> Result<Vec<Kind>> {
    let token = &mint.buyer()?;
    let pieces = vec![vec![b' '; 1_000]; MAX_BODY / 1_000 + 2];
    let too_large = [post(token).body(vec![b' '; MAX_BODY + 1]), post(token).chunked(pieces)];
    let text =
        Request::new("POST", "/orders").header("authorization", format!("Bearer {token}")).header("content-type", "text/plain");
    let reader = post(&mint.reader()?).body(GOOD);
    Ok(vec![
        Kind::new("a body too large", 2, Expected::Is(413, "body_too_large"), too_large),
        Kind::new("another media type", 2, Expected::Is(415, "content_type_refused"), [text.body(GOOD)]),
        Kind::new(
            "an encoded body",
            2,
            Expected::Is(415, "content_encoding_refused"),
            [post(token).header("content-encoding", "gzip").body(GOOD)],
        ),
        Kind::new("no body", 2, Expected::Is(400, "body_missing"), [post(token).body("")]),
        Kind::new("a body where there is none", 2, Expected::Is(400, "body_unexpected"), [get("/orders", token).body("x")]),
        Kind::new("a reader who writes", 2, Expected::Is(403, "rbac_no_match"), [reader]),
    ])
}

fn post(token: &str) -> Request {
    let request = Request::new("POST", "/orders").header("authorization", format!("Bearer {token}"));
    request.header("content-type", "application/json")
}

fn chunked(token: &str) -> Request {
    post(token).chunked(GOOD.as_bytes().chunks(7))
}
