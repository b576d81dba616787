//! Keys that the issuer's metadata lead to.

use super::*;

const ISSUER: &str = "https://id.example/realms/a";

fn bench(metadata: impl Fn(&str) -> CalloutAnswer + 'static, more: &str) -> Bench {
    let calls = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&calls);
    let callouts = Box::new(move |call: &CalloutRequest| {
        log.borrow_mut().push(call.clone());
        let path = call.headers.iter().find(|(name, _)| name == b":path").map(|(_, path)| String::from_utf8_lossy(path));
        match path.as_deref() {
            Some("/keys") => keys(&["eddsa"]),
            other => metadata(other.unwrap_or_default()),
        }
    });
    let config = format!(r#"{{"issuer": "{ISSUER}", "discovery": {{"cluster": "id"{more}}}}}"#);
    let options = Options { workers: 4, vm_id: "jwt".to_owned(), callouts, ..Options::default() };
    let proxy = Proxy::native::<Scripted>(config.as_bytes(), options).unwrap();
    Bench { proxy, answer: Rc::new(RefCell::new(CalloutAnswer::Refuse)), calls }
}

fn metadata(issuer: &str, jwks_uri: &str) -> CalloutAnswer {
    body(format!(r#"{{"issuer": "{issuer}", "jwks_uri": "{jwks_uri}"}}"#))
}

fn paths(bench: &Bench) -> Vec<String> {
    let path = |call: &CalloutRequest| {
        let path = call.headers.iter().find(|(name, _)| name == b":path").map(|(_, path)| path.clone());
        String::from_utf8(path.unwrap()).unwrap()
    };
    bench.calls.borrow().iter().map(path).collect()
}

#[test]
fn openid_connects_place_is_tried_first() {
    let mut bench = bench(|_| metadata(ISSUER, "https://id.example/keys"), "");
    bench.advance(SECOND);
    assert_eq!(paths(&bench), ["/realms/a/.well-known/openid-configuration", "/keys"]);
    assert_eq!(bench.statuses("eddsa", ""), [200; 4]);
}

#[test]
fn rfc_8414s_place_is_next() {
    let answer = |path: &str| match path {
        "/.well-known/oauth-authorization-server/realms/a" => metadata(ISSUER, "https://id.example/keys"),
        _ => CalloutAnswer::respond(404, "text/plain", ""),
    };
    let mut bench = bench(answer, "");
    bench.advance(SECOND);
    assert_eq!(bench.fetches(), 3);
    assert_eq!(bench.statuses("eddsa", ""), [200; 4]);
}

#[test]
fn metadata_of_another_issuer_or_of_another_host_lead_nowhere() {
    let wrong = [
        ("https://id.example/realms/a/", "https://id.example/keys"),
        ("https://id.example/realms/b", "https://id.example/keys"),
        (ISSUER, "http://id.example/keys"),
        (ISSUER, "https://evil.example/keys"),
        (ISSUER, "https://id.example@evil.example/keys"),
        (ISSUER, "/keys"),
    ];
    for (issuer, uri) in wrong {
        let mut bench = bench(move |_| metadata(issuer, uri), "");
        bench.advance(SECOND);
        assert!(!paths(&bench).contains(&"/keys".to_owned()), "{issuer} {uri}");
        assert_eq!(bench.statuses("eddsa", ""), [0; 4], "{issuer} {uri}");
    }
}

#[test]
fn another_host_and_its_cluster_can_be_allowed() {
    let more = r#", "allowed_hosts": ["Keys.Example"], "jwks_cluster": "keys""#;
    let mut bench = bench(|_| metadata(ISSUER, "https://keys.example/keys"), more);
    bench.advance(SECOND);
    assert_eq!(bench.calls.borrow()[1].cluster, "keys");
    assert_eq!(bench.statuses("eddsa", ""), [200; 4]);
}

#[test]
fn metadata_that_are_no_json_fail_the_fetch() {
    for metadata in ["", "[]", "{}", r#"{"issuer": 1}"#, "\u{feff}"] {
        let mut bench = bench(move |_| body(metadata), "");
        bench.advance(SECOND);
        assert!(bench.metric("fetch_failed") > 0, "{metadata}");
    }
}

#[test]
fn the_log_says_what_is_wrong_with_the_metadata_and_not_that_there_are_no_others() {
    let answer = |path: &str| match path {
        "/realms/a/.well-known/openid-configuration" => metadata("https://evil.example", "https://id.example/keys"),
        _ => CalloutAnswer::respond(404, "text/plain", ""),
    };
    let mut bench = bench(answer, "");
    bench.advance(SECOND);
    let logs: Vec<String> =
        bench.proxy.logs().into_iter().map(|line| line.text).filter(|line| line.contains("no keys")).collect();
    assert!(!logs.is_empty() && logs.iter().all(|line| line.contains("their `issuer` is another one")), "{logs:?}");
}
