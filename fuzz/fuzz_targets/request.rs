//! Any request to a configuration with every feature on: nothing panics, and whoever is not known reaches nothing protected.
#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jwt_auth::JwtAuth;
use libfuzzer_sys::fuzz_target;
use portcullis_filter::{Filter, IDENTITY_KEY};
use portcullis_fuzz::fixtures::{KEYS, VALID, token};
use portcullis_fuzz::host::{End, FakeHost};
use portcullis_fuzz::reading::{is_below, readings};
use portcullis_fuzz::request::Request;

/// What only the plugin may write, as a CGI-like upstream reads it.
const IDENTITY_HEADERS: [&str; 6] = ["x_user", "x_payload", "x_roles", "x_groups", "x_scope", "x_name"];

/// Tokens that some provider believes, wherever they are asked for.
const BELIEVED: [&str; 11] =
    ["rs256", "ps256", "es256", "es384", "es512", "eddsa", "hs256", "no_kid", "admin", "remote", "discovered"];

static STRICT: LazyLock<Vec<u8>> = LazyLock::new(|| config("reject", "refuse"));
static REWRITING: LazyLock<Vec<u8>> = LazyLock::new(|| config("rewrite", "all_valid"));

fn config(on_ambiguous: &str, multiple_tokens: &str) -> Vec<u8> {
    let keys = std::str::from_utf8(KEYS).unwrap();
    include_str!("../data/request_config.json")
        .replace("\"KEYS\"", keys)
        .replace("ON_AMBIGUOUS", on_ambiguous)
        .replace("MULTIPLE_TOKENS", multiple_tokens)
        .into_bytes()
}

fuzz_target!(|text: &[u8]| {
    let request = Request::parse(text);
    let host = FakeHost::new(&request);
    let filter = JwtAuth::configure(if request.rewrite { &REWRITING } else { &STRICT }, &host).expect("a good configuration");
    if !request.wait {
        host.warm_up(&filter);
    }
    let status = judge(&filter, &host, &request);
    if request.again {
        let remembered = judge(&filter, &host, &request);
        assert!(request.fail.is_some() || status == remembered, "{status:?}, and then {remembered:?}");
    }
});

fn judge(filter: &JwtAuth, host: &FakeHost, request: &Request) -> Option<u16> {
    match host.send(filter, request) {
        End::Forwarded => {
            check_forwarded(host, request);
            check_log(host, request);
            None
        }
        End::Replied(reply) => {
            assert!((400..600).contains(&reply.status), "{reply:?}");
            let lines = reply.headers.iter().map(|(_, value)| value);
            assert!(!lines.flatten().any(|byte| matches!(byte, b'\r' | b'\n' | 0)), "{reply:?}");
            check_log(host, request);
            Some(reply.status)
        }
    }
}

fn check_forwarded(host: &FakeHost, request: &Request) {
    assert!(!host.failed.get(), "forwarded although the host failed");
    let headers = host.headers.borrow();
    let paths: BTreeSet<Vec<u8>> =
        headers.iter().filter(|(name, _)| name == b":path").flat_map(|(_, path)| readings(path)).collect();
    let has = |name: &str| request.tokens.iter().any(|token| token == name.as_bytes());
    let bound = has("bound") && request.certificate.as_deref().is_some_and(|digest| digest == [b'0'; 64]);
    let known = bound || BELIEVED.into_iter().any(has);
    let only = |path: &str| !paths.is_empty() && paths.iter().all(|reading| reading == path.as_bytes());
    let is_open = is_open(request, &paths) || has("billing") && only("/billing");
    assert!(known || is_open, "a stranger reaches {}", shown(&paths));

    if !is_preflight(request) {
        assert!(has("admin") || !paths.iter().any(|path| is_below(path, "/admin")), "without the scope: {}", shown(&paths));
        assert!(has("remote") || !paths.contains(&b"/both"[..]), "one token is missing: {}", shown(&paths));
    }

    let published = host.state.borrow().contains_key(IDENTITY_KEY);
    assert!(!published || VALID.iter().any(|(name, _)| has(name)), "an identity out of nothing");
    let written = host.written.borrow();
    for (name, value) in headers.iter().filter(|(name, _)| is_identity(name)) {
        let ours = written.iter().any(|ours| ours.as_bytes() == name);
        assert!(ours && published, "a forged {}: {}", name.escape_ascii(), value.escape_ascii());
    }
    assert!(!host.trailers.borrow().iter().any(|(name, _)| is_identity(name)), "a forged trailer");

    if let [one] = request.tokens.as_slice()
        && one != b"remote"
        && published
    {
        let token = token(one).unwrap_or_default().as_bytes();
        let leaked = headers.iter().find(|(_, value)| contains(value, token));
        assert!(leaked.is_none(), "the upstream gets the token in {:?}", leaked.map(|(name, _)| name.escape_ascii().to_string()));
    }
}

/// A token alone in a header that is for tokens is in no line of the log.
fn check_log(host: &FakeHost, request: &Request) {
    let [one] = request.tokens.as_slice() else { return };
    let token = token(one).unwrap_or_default();
    let places = ["authorization", "x-token", "cookie", "x-discovered"];
    if places.iter().any(|name| request.values(name).any(|value| contains(value, token.as_bytes()))) {
        assert!(!host.log.borrow().iter().any(|line| line.contains(token)), "a token in the log");
    }
}

/// Whether the configuration lets strangers there.
fn is_open(request: &Request, paths: &BTreeSet<Vec<u8>>) -> bool {
    let all_below = |directory: &str| !paths.is_empty() && paths.iter().all(|path| is_below(path, directory));
    let method: Vec<&[u8]> = request.values(":method").collect();
    let authority: Vec<&[u8]> = request.values(":authority").collect();
    is_preflight(request)
        || matches!(method.as_slice(), [b"GET" | b"HEAD"]) && all_below("/public")
        || matches!(authority.as_slice(), [host] if host.eq_ignore_ascii_case(b"open.example")) && all_below("/host")
        || all_below("/optional")
        || all_below("/lenient")
}

fn is_preflight(request: &Request) -> bool {
    let method: Vec<&[u8]> = request.values(":method").collect();
    method == [b"OPTIONS"]
        && request.values("origin").next().is_some()
        && request.values("access-control-request-method").next().is_some()
}

fn shown(paths: &BTreeSet<Vec<u8>>) -> String {
    paths.iter().map(|path| path.escape_ascii().to_string()).collect::<Vec<_>>().join(" ")
}

fn is_identity(name: &[u8]) -> bool {
    let folded: Vec<u8> =
        name.iter().map(|byte| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'_' }).collect();
    IDENTITY_HEADERS.iter().any(|ours| ours.as_bytes() == folded)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}
