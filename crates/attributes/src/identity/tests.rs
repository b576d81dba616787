use std::collections::BTreeMap;
use std::rc::Rc;

use portcullis_filter::{HostError, Identity};
use serde_json::json;

use super::*;

/// A proxy that has these attributes.
#[derive(Default)]
struct Proxy(BTreeMap<String, Vec<u8>>);

impl Proxy {
    fn with(mut self, path: &str, value: impl Into<Vec<u8>>) -> Self {
        self.0.insert(path.to_owned(), value.into());
        self
    }

    /// A client with a certificate.
    fn client(id: &str) -> Self {
        Self::default()
            .with("connection mtls", [1])
            .with("connection peer_certificate_valid", [1])
            .with("connection uri_san_peer_certificate", id)
    }
}

impl Attributes for Proxy {
    fn attribute(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        if self.0.contains_key("broken") { Err(HostError::INTERNAL_FAILURE) } else { Ok(self.0.get(&path.join(" ")).cloned()) }
    }
}

fn token(proxy: &Proxy) -> Result<Option<TokenIdentity>, Unreadable> {
    Ok(IdentitySources::default().token(proxy)?.map(Rc::unwrap_or_clone))
}

fn peer(sources: serde_json::Value, proxy: &Proxy, headers: &[(&str, &str)]) -> Result<Option<String>, Unreadable> {
    let sources: NonEmpty<IdentitySource> = serde_json::from_value(sources).unwrap();
    IdentitySources::try_from(sources).unwrap().peer(proxy, &HeaderBlock::from_pairs(headers.iter().copied()))
}

fn some(id: &str) -> Result<Option<String>, Unreadable> {
    Ok(Some(id.to_owned()))
}

#[test]
fn what_jwt_auth_writes_is_read() {
    let identity = Identity {
        provider: "main",
        issuer: Some("https://id.example"),
        subject: None,
        claims: "{\"roles\": [\"a\\n\"]}",
        header: "{\"alg\":\"RS256\"}",
    };
    let read = token(&Proxy::default().with("portcullis_identity", identity.to_json())).unwrap().unwrap();
    assert_eq!(read.provider.as_deref(), Some("main"));
    assert_eq!((read.issuer.as_deref(), read.subject.as_deref()), (Some("https://id.example"), None));
    assert_eq!((read.claims, read.header), (json!({"roles": ["a\n"]}), Some(json!({"alg": "RS256"}))));
}

#[test]
fn nothing_published_is_nobody() {
    assert_eq!(token(&Proxy::default()), Ok(None));
    assert_eq!(token(&Proxy::default().with("portcullis_identity", "")), Ok(None));
}

#[test]
fn what_jwt_auth_does_not_write_is_an_error() {
    let good = json!({"provider": "main", "claims": {}, "header": {}});
    assert!(token(&Proxy::default().with("portcullis_identity", good.to_string())).is_ok());
    for (name, member) in [
        ("claims", json!("x")),
        ("claims", json!(null)),
        ("header", json!([])),
        ("subject", json!(1)),
        ("provider", json!(null)),
        ("more", json!(1)),
    ] {
        let mut bad = good.clone();
        bad[name] = member;
        assert!(token(&Proxy::default().with("portcullis_identity", bad.to_string())).is_err(), "{bad}");
    }
    for bad in ["x", "{}", "[]", "{\"provider\":\"a\",\"claims\":{},\"header\":{},\"claims\":{}}", "\u{0}"] {
        assert!(token(&Proxy::default().with("portcullis_identity", bad)).is_err(), "{bad}");
    }
    assert!(token(&Proxy::default().with("broken", "")).is_err());
}

#[test]
fn a_certificate_counts_if_it_is_validated_and_names_a_spiffe_id() {
    let mtls = || json!(["mtls"]);
    assert_eq!(peer(mtls(), &Proxy::client("spiffe://a/b"), &[]), some("spiffe://a/b"));
    assert_eq!(peer(mtls(), &Proxy::default(), &[]), Ok(None));
    assert_eq!(peer(mtls(), &Proxy::client("spiffe://a/b").with("connection mtls", [0]), &[]), Ok(None));
    assert_eq!(peer(mtls(), &Proxy::client("spiffe://a/b").with("connection peer_certificate_valid", [0]), &[]), Ok(None));
    for id in ["", "https://a/b", "spiffe://", "spiffe://a/b,spiffe://a/c", "spiffe://a/b c"] {
        assert_eq!(peer(mtls(), &Proxy::client(id), &[]), Ok(None), "{id}");
    }
}

#[test]
fn a_proxy_that_does_not_tell_is_an_error() {
    let silent = Proxy::default().with("connection mtls", [1]).with("connection uri_san_peer_certificate", "spiffe://a/b");
    assert!(peer(json!(["mtls"]), &silent, &[]).is_err());
    assert!(peer(json!(["mtls"]), &Proxy::client("spiffe://a/b").with("connection mtls", *b"true"), &[]).is_err());
}

#[test]
fn a_forwarded_certificate_counts_from_trusted_proxies_alone() {
    let sources = || json!([{"forwarded_client_cert": {"trusted_proxies": ["spiffe://a/edge"]}}]);
    let header = [("x-forwarded-client-cert", "URI=spiffe://a/client")];
    assert_eq!(peer(sources(), &Proxy::client("spiffe://a/edge"), &header), some("spiffe://a/client"));
    assert_eq!(peer(sources(), &Proxy::client("spiffe://a/edge"), &[]), Ok(None));
    for stranger in ["spiffe://a/edge2", "spiffe://a/edg", "spiffe://b/edge"] {
        assert_eq!(peer(sources(), &Proxy::client(stranger), &header), Ok(None), "{stranger}");
    }
    assert_eq!(peer(sources(), &Proxy::default(), &header), Ok(None));
}

#[test]
fn a_forwarded_certificate_with_two_readings_is_an_error() {
    let sources = || json!([{"forwarded_client_cert": {"trusted_proxies": ["spiffe://a/edge"]}}]);
    let name = "x-forwarded-client-cert";
    for headers in [
        vec![(name, "URI=spiffe://a/one"), (name, "URI=spiffe://a/two")],
        vec![(name, "URI=spiffe://a/one;URI=spiffe://a/two")],
        vec![(name, "URI=spiffe://a/one,URI=spiffe://a/edge")],
        vec![(name, "nonsense")],
        vec![(name, "URI=https://mallory")],
        vec![(name, "URI=spiffe://a/ns/dev/%41")],
    ] {
        assert!(peer(sources(), &Proxy::client("spiffe://a/edge"), &headers).is_err(), "{headers:?}");
    }
}

#[test]
fn whoever_a_trusted_proxy_forwards_for_is_never_the_proxy() {
    let sources = || json!([{"forwarded_client_cert": {"trusted_proxies": ["spiffe://a/edge"]}}, "mtls"]);
    let name = "x-forwarded-client-cert";
    for headers in [vec![], vec![(name, "Hash=00;Subject=\"CN=mallory\"")], vec![(name, "URI=")]] {
        assert_eq!(peer(sources(), &Proxy::client("spiffe://a/edge"), &headers), Ok(None), "{headers:?}");
    }
    assert!(peer(sources(), &Proxy::client("spiffe://a/edge"), &[(name, "URI=https://mallory")]).is_err());
    assert_eq!(peer(sources(), &Proxy::client("spiffe://a/other"), &[]), some("spiffe://a/other"));
    let principal = |id: &str| Proxy::client("spiffe://a/ztunnel").with("filter_state io.istio.peer_principal", id);
    assert!(peer(json!(["istio_peer_principal", "mtls"]), &principal("garbage garbage"), &[]).is_err());
}

#[test]
fn the_certificate_of_a_proxy_is_not_asked_first() {
    let forwarded = json!({"forwarded_client_cert": {"trusted_proxies": ["spiffe://a/edge"]}});
    let sources: NonEmpty<IdentitySource> = serde_json::from_value(json!(["mtls", forwarded])).unwrap();
    assert!(IdentitySources::try_from(sources).unwrap_err().to_string().contains("name it after that"));
}

#[test]
fn the_first_source_that_knows_the_caller_counts() {
    let both = || json!(["portcullis", "mtls", "istio_peer_principal"]);
    let waypoint = || Proxy::default().with("filter_state io.istio.peer_principal", "spiffe://a/pod");
    assert_eq!(peer(both(), &waypoint(), &[]), some("spiffe://a/pod"));
    let client = Proxy::client("spiffe://a/b").with("filter_state io.istio.peer_principal", "spiffe://a/pod");
    assert_eq!(peer(both(), &client, &[]), some("spiffe://a/b"));
    assert_eq!(peer(json!(["portcullis"]), &client, &[]), Ok(None));
}
