//! Keys that the issuer's metadata lead to.

use super::*;

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

/// A proxy whose provider is discovered; `metadata` is what both places answer until it is changed.
fn discovering(metadata: CalloutAnswer) -> (Bench, Rc<RefCell<CalloutAnswer>>) {
    let metadata = Rc::new(RefCell::new(metadata));
    let answers = Rc::clone(&metadata);
    let script = move |call: &CalloutRequest| match path_of(call).as_str() {
        OPENID | OAUTH => answers.borrow().clone(),
        _ => keys(&["eddsa"]),
    };
    let options = Options { vm_id: "jwt".to_owned(), ..Options::default() };
    (Bench::with(r#""discovery": {"cluster": "id", "cache_duration": "20s"}"#, script, options), metadata)
}

fn metadata(issuer: &str, jwks_uri: &str) -> CalloutAnswer {
    json(format!(r#"{{"issuer": "{issuer}", "jwks_uri": "{jwks_uri}"}}"#))
}

fn good() -> CalloutAnswer {
    metadata("https://id.example", "https://id.example/keys")
}

fn bad() -> Vec<(&'static str, CalloutAnswer)> {
    let located = vec![(b"location".to_vec(), b"https://evil.example/keys".to_vec())];
    let redirect = CalloutAnswer::Respond { after: MILLISECOND, status: 302, headers: located, body: Vec::new() };
    let mut bad = failures();
    bad.extend([
        ("speaks for another issuer", metadata("https://id.example/", "https://id.example/keys")),
        ("leads to another host", metadata("https://id.example", "https://evil.example/keys")),
        ("leads to a host that begins alike", metadata("https://id.example", "https://id.example.evil.example/keys")),
        ("leads to another host behind a user", metadata("https://id.example", "https://id.example@evil.example/keys")),
        ("leads to no TLS", metadata("https://id.example", "http://id.example/keys")),
        ("leads nowhere", json(r#"{"issuer": "https://id.example"}"#)),
        (
            "says it twice",
            json(r#"{"issuer": "https://id.example", "issuer": "https://id.example", "jwks_uri": "https://id.example/keys"}"#),
        ),
        ("redirects", redirect),
        ("answers 300 KB of brackets", json("[".repeat(300_000))),
    ]);
    bad
}

#[test]
fn whatever_the_metadata_say_only_good_ones_lead_to_keys() {
    for (what, answer) in bad() {
        let (mut bench, metadata) = discovering(answer);
        let cold = bench.send_to_all("eddsa");
        bench.proxy.advance(6 * SECOND);
        assert_eq!(bench.others_than(503, &cold), 0, "{what}");
        assert!(bench.paths().iter().all(|path| [OPENID, OAUTH].contains(&path.as_str())), "{what}: {:?}", bench.paths());
        *metadata.borrow_mut() = good();
        bench.proxy.advance(21 * SECOND);
        let warm = bench.send_to_all("eddsa");
        assert_eq!(bench.others_than(200, &warm), 0, "{what}");
    }
}

#[test]
fn metadata_that_turn_bad_take_no_keys_away() {
    for (what, answer) in bad() {
        let (mut bench, metadata) = discovering(good());
        bench.proxy.advance(SECOND);
        *metadata.borrow_mut() = answer;
        bench.proxy.advance(60 * SECOND);
        let sent = bench.send_to_all("eddsa");
        assert_eq!(bench.others_than(200, &sent), 0, "{what}");
        assert!(bench.metric("fetch_failed") > 0 && bench.metric("fetch_ok") == 1, "{what}");
    }
}

#[test]
fn a_thousand_cold_requests_cause_one_discovery() {
    let (mut bench, _) = discovering(good());
    let sent: Vec<StreamId> = (0..1000).map(|index| bench.send(index, "eddsa", "")).collect();
    bench.proxy.advance(SECOND);
    assert_eq!((bench.others_than(200, &sent), bench.paths()), (0, vec![OPENID.to_owned(), "/keys".to_owned()]));
}
