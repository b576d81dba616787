//! Who a request says that its caller is, as plugins find it.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use portcullis_filter::{IDENTITY_KEY, Identity, SUBJECT_KEY};
use serde_json::{Map, Value};

use crate::case::RequestSpec;
use crate::metadata;

/// The provider's name in an identity that no token has brought.
const PROVIDER: &str = "main";

/// The header of a token that nobody has seen.
const HEADER: &str = r#"{"alg":"RS256","typ":"JWT"}"#;

/// What jwt-auth would have published.
pub(crate) fn filter_state(request: &RequestSpec) -> BTreeMap<String, Vec<u8>> {
    let Some(claims) = &request.jwt else { return BTreeMap::new() };
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let json = Value::Object(claims.clone()).to_string();
    let identity = Identity { provider: PROVIDER, issuer: text("iss"), subject: text("sub"), claims: &json, header: HEADER };
    let state = [(IDENTITY_KEY, identity.to_json()), (SUBJECT_KEY, identity.printable_subject())];
    state.map(|(name, value)| (name.to_owned(), value.into_bytes())).into()
}

/// What the proxy would tell of the caller: the payload of Envoy's or Istio's own filters, the certificate, the address.
pub(crate) fn attributes(request: &RequestSpec) -> BTreeMap<Vec<String>, Vec<u8>> {
    let payload = request.jwt.as_ref().map(|claims| ("metadata", payload(claims)));
    let peer = request.peer.iter().flat_map(|id| {
        [
            ("connection.mtls", vec![1]),
            ("connection.peer_certificate_valid", vec![1]),
            ("connection.uri_san_peer_certificate", id.clone().into_bytes()),
            ("filter_state.io.istio.peer_principal", id.clone().into_bytes()),
        ]
    });
    let address = request.source_ip.map(|ip| ("source.address", SocketAddr::new(ip, 50_000).to_string().into_bytes()));
    payload.into_iter().chain(peer).chain(address).map(|(path, value)| (attribute_path(path), value)).collect()
}

/// The name of a filter state may have dots in it.
pub(crate) fn attribute_path(path: &str) -> Vec<String> {
    match path.split_once('.') {
        Some(("filter_state", name)) => vec!["filter_state".to_owned(), name.to_owned()],
        _ => path.split('.').map(str::to_owned).collect(),
    }
}

fn payload(claims: &Map<String, Value>) -> Vec<u8> {
    let namespaces = [("envoy.filters.http.jwt_authn".to_owned(), serde_json::json!({ "payload": claims }))];
    metadata::encode(&namespaces.into_iter().collect())
}
