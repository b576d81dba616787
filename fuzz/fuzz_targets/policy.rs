//! Any configuration of rbac and any request: nothing panics, and a request passes exactly when a reading of the policies one by one says
//! so. A DENY that cannot be told denies; a host that fails lets nothing pass that would not pass otherwise.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_attributes::{IdentitySource, IdentitySources, RequestAttributes};
use portcullis_config::{NonEmpty, OnAmbiguous, from_value};
use portcullis_filter::{Filter, HeaderBlock};
use portcullis_fuzz::host::{End, FakeHost};
use portcullis_fuzz::policies;
use portcullis_fuzz::request::Request;
use portcullis_fuzz::roles::WithRoles;
use portcullis_http::{Match, MatchRequest, PathTemplate};
use portcullis_policy::{Expression, Facts, Outcome, Scope, Type, compile};
use rbac::Rbac;
use serde_json::{Value, json};

fuzz_target!(|input: &[u8]| {
    let Some(at) = input.windows(5).position(|window| window == b"\n---\n") else { return };
    let (Ok(text), request) = (str::from_utf8(&input[..at]), &input[at + 5..]) else { return };
    let bytes = if text.starts_with('{') { text.as_bytes().to_vec() } else { policies::parse(text).to_string().into_bytes() };
    let request = Request::parse(request);
    let host = FakeHost::new(&request);
    let filter = match Rbac::configure(&bytes, &host) {
        Ok(filter) => filter,
        Err(error) => {
            let _ = error.to_string();
            return;
        }
    };
    let config: Value = serde_json::from_slice(&bytes).expect("what a plugin reads is JSON");
    let well = Request { fail: None, ..Request::parse(&input[at + 5..]) };
    let status = status(&filter, &well);
    if let Some(passes) = expected(&config, &well) {
        assert_eq!(status.is_none(), passes, "{config:#}\n{well:?}\n{status:?}");
    }
    let failed = FakeHost::new(&request);
    let end = failed.send(&filter, &request);
    assert!(
        !matches!(end, End::Forwarded) || status.is_none() || !failed.failed.get(),
        "a failure frees: {config:#}\n{request:?}"
    );
});

/// The status of the refusal; `None` where the request passes.
fn status(filter: &Rbac, request: &Request) -> Option<u16> {
    match FakeHost::new(request).send(filter, request) {
        End::Forwarded => None,
        End::Replied(reply) => {
            assert!(matches!(reply.status, 400..=599), "{reply:?}");
            Some(reply.status)
        }
    }
}

/// Whether the request passes; `None` where no policy may judge it, and in shadow mode.
fn expected(config: &Value, request: &Request) -> Option<bool> {
    if config["mode"] == json!("shadow") {
        return Some(true);
    }
    let headers = HeaderBlock::from_pairs(request.headers.iter().map(|(name, value)| (name, value)));
    let on_ambiguous =
        if config["path"]["on_ambiguous"] == json!("rewrite") { OnAmbiguous::Rewrite } else { OnAmbiguous::Reject };
    let method = headers.only(":method").unwrap_or_default();
    let parsed = MatchRequest::parse(method, headers.only(":authority"), headers.only(":path"), on_ambiguous);
    let Ok(parsed) = parsed else { return Some(false) };
    if config["method_override"] != json!("ignore") && headers.iter().any(|(name, _)| is_override(name)) {
        return None;
    }
    if config["path_override"] != json!("ignore") && headers.iter().any(|(name, _)| is_path_override(name)) {
        return None;
    }
    if request.values(":authority").count() != 1 {
        return None;
    }
    if request.values(":authority").any(|host| host.contains(&b':') || host.ends_with(b".")) {
        return None;
    }
    let identity: IdentitySources = match config.get("identity_from") {
        None | Some(Value::Null) => IdentitySources::default(),
        Some(sources) => {
            let sources = from_value::<NonEmpty<IdentitySource>>(sources).expect("it is configured");
            IdentitySources::try_from(sources).expect("it is configured")
        }
    };
    let host = FakeHost::new(request);
    let attributes = RequestAttributes::new(&host, &headers, &parsed, &identity);
    let roles_from = config["roles_from"].as_str().map(|source| {
        let scope = Scope { result: Type::List(Box::new(Type::String)), ..Scope::condition() };
        compile(source, &scope).expect("it is configured")
    });
    let caller = WithRoles { request: &attributes, roles_from: roles_from.as_ref(), roles: &config["roles"] };
    let policies = config["policies"].as_array().map(Vec::as_slice).unwrap_or_default();
    let says = |policy: &Value| (policy["action"] == json!("DENY"), says(policy, &parsed, &caller));
    let said: Vec<(bool, Outcome)> = policies.iter().filter(|policy| policy["action"] != json!("LOG")).map(says).collect();
    let denied = said.iter().any(|(denies, outcome)| *denies && *outcome != Outcome::False);
    let allowed = said.iter().any(|(denies, outcome)| !*denies && *outcome == Outcome::True);
    Some(!denied && (allowed || config["on_no_match"] == json!("ALLOW")))
}

/// What one policy says; that it is not for the request is that it does not hold.
fn says(policy: &Value, request: &MatchRequest<'_>, caller: &WithRoles<'_>) -> Outcome {
    let matches: Match = policy.get("match").map(|matches| from_value(matches).expect("it is configured")).unwrap_or_default();
    if policy["shadow"] == json!(true) || !matches.matches(request) {
        return Outcome::False;
    }
    let Some(source) = policy["condition"].as_str() else { return Outcome::True };
    let expression = condition(source, policy["raw_path"] == json!(true), &matches);
    let captures = matches.captures(request);
    let params: Vec<(&str, &str)> = captures.iter().collect();
    expression.holds(&Facts::new(caller), &params)
}

fn condition(source: &str, raw_path: bool, matches: &Match) -> Expression {
    let templates = matches.paths.iter().flatten();
    let names: Vec<String> = templates.flat_map(PathTemplate::capture_names).map(str::to_owned).collect();
    let scope = Scope { params: Some(&names), raw_path, ..Scope::condition() };
    compile(source, &scope).expect("it is configured")
}

fn is_override(name: &[u8]) -> bool {
    [&b"x-http-method-override"[..], b"x-http-method", b"x-method-override"].contains(&plain(name).as_slice())
}

fn is_path_override(name: &[u8]) -> bool {
    [&b"x-original-url"[..], b"x-original-uri", b"x-rewrite-url"].contains(&plain(name).as_slice())
}

/// The name as a CGI-like server reads it.
fn plain(name: &[u8]) -> Vec<u8> {
    name.iter().map(|byte| if matches!(byte, b'_' | b'.') { b'-' } else { byte.to_ascii_lowercase() }).collect()
}
