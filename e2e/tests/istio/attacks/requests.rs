//! Spellings of paths, hosts, headers, tokens and addresses.

use portcullis_cases::mint::{self, TokenSpec};
use portcullis_e2e::{Request, wall_clock};

use super::ISSUER;

const PATHS: [&str; 54] = [
    "/",
    "/public",
    "/public/",
    "/publicity",
    "/PUBLIC",
    "//public",
    "/public//x",
    "/public/../admin",
    "/public/%2e%2e/admin",
    "/public/..%2fadmin",
    "/public/..;/admin",
    "/public;x=1",
    "/public?x=/admin",
    "/public/%2E./admin",
    "/public%2fadmin",
    "/public/admin",
    "/admin",
    "/admin/",
    "/Admin",
    "//admin",
    "/./admin",
    "/%61dmin",
    "/%2561dmin",
    "/admin%20",
    "/admin;x",
    "/admin/open",
    "/admin/open/",
    "/admin//open",
    "/admin?x",
    "/admin/x",
    "/admin.bak",
    "/x.bak;.css",
    "/orders",
    "/orders/",
    "/orders/1",
    "/orders/1/",
    "/orders//1",
    "/orders/%2f",
    "/orders/*",
    "/api",
    "/api/",
    "/api/x/y",
    "/api//",
    "/store/cart",
    "/store//cart",
    "/store/a/cart",
    "/store/a/b/cart",
    "/a/1/b",
    "/a//b/",
    "/a/1/b/2",
    "/img/x.png",
    "/secret/private",
    "/caf%C3%A9",
    "/x.css?.bak",
];

const HOSTS: [&str; 16] = [
    "shop.example",
    "SHOP.example",
    "shop.example:80",
    "shop.example.",
    "shop.example:",
    "a.shop.example",
    "A.B.shop.example",
    "badshop.example",
    "shop.example.evil.test",
    "admin.shop.example",
    "ADMIN.shop.example:443",
    "api.evil.test",
    "private.x",
    "x.internal",
    "closed.example",
    "closed.example:8080",
];

/// Header lines; a name may come twice.
const HEADERS: [&[(&str, &str)]; 17] = [
    &[("x-team", "red")],
    &[("X-TEAM", "red")],
    &[("x-team", "Red")],
    &[("x-team", "blueish")],
    &[("x-team", "dark-green")],
    &[("x-team", "")],
    &[("x-team", "red"), ("x-team", "green")],
    &[("x-team", "green"), ("x-team", "red")],
    &[("x-team", "green,red")],
    &[("x-team", "red"), ("x-banned", "yes")],
    &[("x-team", "red"), ("x-banned", "no")],
    &[("x-team", "red"), ("x-banned", "")],
    &[("x-team", "red"), ("x-banned", "no"), ("x-banned", "yes")],
    &[("x-team", "red"), ("x-banned", "no,yes")],
    &[("x_team", "red")],
    &[("x-team", " red ")],
    &[("x-team", "green"), ("x-team", "blue")],
];

/// Claims of a good token.
const TOKENS: [&str; 21] = [
    "sub: alice",
    "sub: bob",
    "sub: mallory",
    "sub: 'alice/bob'",
    "sub: ''",
    "aud: x",
    "sub: alice, groups: [staff]",
    "sub: alice, groups: staff",
    "sub: alice, groups: [staff, banned]",
    "sub: alice, groups: {staff: ''}",
    "sub: alice, groups: [[staff]]",
    "sub: alice, groups: [ops-1, 2]",
    "sub: alice, groups: ''",
    "sub: alice, groups: []",
    "sub: alice, groups: [2]",
    "sub: alice, scope: 'write read'",
    "sub: alice, scope: [read]",
    "sub: alice, scope: ' read'",
    "sub: alice, scope: reader",
    "sub: alice, realm: {roles: [editor]}",
    "sub: alice, realm: editor",
];

const ADDRESSES: [&str; 7] =
    ["10.1.2.3", "10.9.0.1", "192.0.2.7", "192.0.2.8", "2001:db8::1", "::ffff:10.1.2.3", "10.1.2.3, 192.0.2.8"];

/// Requests that two readers of a policy may judge differently.
pub(super) fn all() -> Vec<Request> {
    let at = |method: &str, path: &str| Request::new(method, path).header("host", "shop.example");
    let by_path = PATHS.iter().flat_map(|path| ["GET", "POST", "PUT", "DELETE"].map(|method| at(method, path)));
    let by_method = ["PROPFIND", "get", "PATCH", "OPTIONS"].map(|method| at(method, "/orders"));
    let by_host = HOSTS.iter().map(|host| Request::get("/public").header("host", *host));
    let by_headers = HEADERS.iter().flat_map(|lines| {
        let with = |request: Request| lines.iter().fold(request, |request, (name, value)| request.header(name, *value));
        [with(at("GET", "/public")), with(at("POST", "/orders"))]
    });
    let by_token = TOKENS.iter().flat_map(|claims| {
        let token =
            mint::token("rs256", &TokenSpec::parse(&format!("{claims}, iss: '{ISSUER}'")).unwrap(), wall_clock()).unwrap();
        ["/", "/public", "/orders", "/secret"].map(|path| at("GET", path).header("authorization", format!("Bearer {token}")))
    });
    let by_address = ADDRESSES
        .iter()
        .flat_map(|address| ["/public", "/admin"].map(|path| at("GET", path).header("x-forwarded-for", *address)));
    by_path
        .chain(by_method)
        .chain([at("OPTIONS", "*")])
        .chain(by_host)
        .chain(by_headers)
        .chain(by_token)
        .chain(by_address)
        .collect()
}
