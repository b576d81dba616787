//! Heads that are too large, ambiguous, no HTTP, or several at once.

use super::{Expected, Kind, Mint, PASSES, Pace, get};
use crate::{Request, Result};

/// Paths that two parties could read differently.
const AMBIGUOUS: [&str; 7] = [
    "/orders/%2e%2e/admin",
    "//orders",
    "/orders/../admin",
    "/orders/%2fadmin",
    "/orders;role=admin",
    "/orders/%252e%252e",
    "/orders/%ff",
];

pub(super) fn kinds(mint: Mint) -> Result<Vec<Kind>> {
    let token = &mint.reader()?;
    let mut kinds = ambiguous(token);
    kinds.extend(oversized(token));
    kinds.extend(several(mint)?);
    kinds.extend([
        Kind::new("no token where none is needed", 4, PASSES, [Request::get("/healthz").header("x-user", "root")]),
        Kind::new(
            "a forged identity header",
            4,
            PASSES,
            [get("/orders", token).header("x-user", "root").header("X_User", "root")],
        ),
        Kind::new("a header that is no UTF-8", 2, PASSES, [get("/orders", token).header("x-name", b"\xff\xfe".to_vec())]),
        Kind::new(
            "script in the query",
            2,
            Expected::Is(400, "signature_xss"),
            [get("/orders?q=%3Cscript%3Ealert(1)%3C/script%3E", token)],
        ),
        Kind::new(
            "a method of no rule",
            2,
            Expected::Is(404, "no_rule"),
            [Request { method: "DELETE".to_owned(), ..get("/orders", token) }],
        ),
        Kind::new("a slow upstream", 2, PASSES, [get("/slow", token)]).at(Pace::Patient),
        Kind::new("a slow upstream, abandoned", 2, PASSES, [get("/slow", token)]).at(Pace::Patient).abandoned(0),
        Kind::new("half a head, then the rest", 1, PASSES, [get("/orders", token)]).at(Pace::Loitering).halved(40),
        Kind::new("half a head, and no more", 1, PASSES, [get("/orders", token)]).at(Pace::Loitering).abandoned(40),
        Kind::new("a head, abandoned", 1, PASSES, [get("/orders", token)]).abandoned(0),
    ]);
    Ok(kinds)
}

fn ambiguous(token: &str) -> Vec<Kind> {
    let second_method = get("/orders", token).header("x-http-method-override", "DELETE");
    let second_path = get("/orders", token).header("x-original-url", "/admin");
    vec![
        Kind::new("an ambiguous path", 4, Expected::Is(400, "path_ambiguous"), AMBIGUOUS.map(|path| get(path, token))),
        Kind::new("an ambiguous host", 2, Expected::Is(400, "host_ambiguous"), [get("/orders", token).header("host", "e2e.")]),
        Kind::new("a second method", 2, Expected::Is(400, "method_override"), [second_method]),
        Kind::new("a second path", 2, Expected::Is(400, "path_override"), [second_path]),
    ]
}

/// Envoy's own limit is 60 KiB, and a head that is no HTTP never reaches the plugin.
fn oversized(token: &str) -> Vec<Kind> {
    let padded = |size: usize| get("/orders", token).header("x-padding", "a".repeat(size));
    let broken = || Kind::new("no HTTP", 1, Expected::Is(400, "http1.codec_error"), []);
    let lines = ["GET /orders HTTP/1.1\r\nno colon\r\n\r\n", "\0\0\0\0\r\n\r\n"];
    vec![
        Kind::new("headers that the plugin refuses", 1, Expected::Is(431, "headers_too_large"), [padded(40 << 10)]),
        Kind::new("headers that Envoy refuses", 1, Expected::Is(431, ""), [padded(70 << 10)]),
        Kind { requests: lines.map(|line| line.as_bytes().to_vec()).to_vec(), ..broken() },
    ]
}

/// Sent at once, answered in order.
fn several(mint: Mint) -> Result<Vec<Kind>> {
    let good = get("/orders", &mint.reader()?).to_bytes();
    let expired = get("/orders", &mint.token("es256", "sub: user-late, exp: -120")?).to_bytes();
    let kind = |name| Kind::new(name, 2, PASSES, []);
    let late = Expected::Is(401, "jwt_expired");
    Ok(vec![
        Kind { requests: vec![good.repeat(3)], expected: vec![PASSES; 3], ..kind("three at once") },
        Kind {
            requests: vec![[good.repeat(2), expired.clone()].concat()],
            expected: vec![PASSES, PASSES, late],
            ..kind("three at once, the last one expired")
        },
        Kind { requests: vec![expired.repeat(2)], expected: vec![late; 2], ..kind("two at once, both expired") },
    ])
}
