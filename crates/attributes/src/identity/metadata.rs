//! The payload of a token in Envoy's dynamic metadata.

use portcullis_filter::Attributes;
use portcullis_policy::Unreadable;
use serde_json::Value;

use super::TokenIdentity;
use crate::property::REFUSED;
use crate::protobuf;

/// Where `jwt_authn` leaves it.
const NAMESPACE: &str = "envoy.filters.http.jwt_authn";

/// The payload under `key`. The metadata are read as a whole: by their path a list and an object look alike.
pub(super) fn read(host: &(impl Attributes + ?Sized), key: &str) -> Result<Option<TokenIdentity>, Unreadable> {
    const MALFORMED: Unreadable = Unreadable("malformed metadata");
    let Some(bytes) = host.attribute(&["metadata"]).map_err(|_| REFUSED)? else { return Ok(None) };
    let Some(claims) = protobuf::metadata(&bytes, NAMESPACE, key).map_err(|_| MALFORMED)? else { return Ok(None) };
    if !claims.is_object() {
        return Err(MALFORMED);
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(Some(TokenIdentity { provider: None, issuer: text("iss"), subject: text("sub"), header: None, claims }))
}
