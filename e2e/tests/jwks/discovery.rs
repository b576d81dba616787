//! Keys that the issuer's metadata lead to.

use super::*;

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

/// A server that answers `metadata` in both places, and has keys.
fn with_metadata(metadata: &Behaviour) -> Behaviour {
    let keys = Behaviour::Serve(key_set(&["rs256"]));
    Behaviour::ByPath(vec![(OPENID, metadata.clone()), (OAUTH, metadata.clone()), ("/keys", keys)])
}

fn document(issuer: &str, jwks_uri: &str) -> Behaviour {
    Behaviour::Serve(json!({ "issuer": issuer, "jwks_uri": jwks_uri }).to_string())
}

#[test]
fn only_good_metadata_lead_to_keys() {
    let issuer = "https://id.example";
    let mut bad = failures();
    bad.extend([
        document("https://id.example/", "https://id.example/keys"),
        document(issuer, "https://evil.example/keys"),
        document(issuer, "https://id.example@evil.example/keys"),
        document(issuer, "http://id.example/keys"),
        Behaviour::Redirect("https://id.example/keys".to_owned()),
    ]);
    let keys = KeyServer::start(with_metadata(&Behaviour::Status(500))).unwrap();
    let discovery = json!({ "cluster": "id", "timeout": "1s", "refetch_interval": "1s", "cache_duration": "1s" });
    let Some(envoy) = start_with(&keys, &json!({ "issuer": issuer, "discovery": discovery })) else { return };
    for metadata in &bad {
        keys.behave(with_metadata(metadata));
        assert_eq!(envoy.send("main", &bearing("rs256")).unwrap().status, 503, "{metadata:?}");
    }
    assert!(keys.asked().iter().all(|path| [OPENID, OAUTH].contains(&path.as_str())), "{:?}", keys.asked());
    keys.behave(with_metadata(&document(issuer, "https://id.example/keys")));
    thread::sleep(Duration::from_millis(3_500));
    assert_eq!(others_than(&envoy, &bearing("rs256"), 20, 200), 0);
    for metadata in &bad {
        keys.behave(with_metadata(metadata));
        thread::sleep(Duration::from_millis(500));
        assert_eq!(others_than(&envoy, &bearing("rs256"), 20, 200), 0, "{metadata:?}");
    }
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

#[test]
fn a_thousand_cold_requests_cause_one_discovery() {
    let metadata = document("https://id.example", "https://id.example/keys");
    let keys = KeyServer::start(with_metadata(&metadata)).unwrap();
    let discovery = json!({ "cluster": "id", "timeout": "3s" });
    let Some(envoy) = start_with(&keys, &json!({ "issuer": "https://id.example", "discovery": discovery })) else { return };
    assert_eq!(others_than(&envoy, &bearing("rs256"), 1_000, 200), 0);
    assert_eq!(keys.asked(), [OPENID, "/keys"]);
}
