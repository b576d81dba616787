//! The issuer's metadata (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 2).

use portcullis_config::json;
use serde_json::Value;

use super::fetch::FetchError;
use super::uri::HttpUri;

/// Where the metadata say that the key set is, if they are `issuer`'s and that place is allowed. `insecure`: by http, too.
pub(super) fn key_set_uri(document: &[u8], issuer: &str, hosts: &[String], insecure: bool) -> Result<HttpUri, FetchError> {
    let document = json::parse(document).map_err(|_| FetchError::Metadata("they are no JSON"))?;
    let member = |name| document.get(name).and_then(Value::as_str);
    // RFC 8414 section 3.3: identical, or the metadata of one issuer speak for another.
    if member("issuer") != Some(issuer) {
        return Err(FetchError::Metadata("their `issuer` is another one"));
    }
    let uri = member("jwks_uri").and_then(HttpUri::parse).ok_or(FetchError::Metadata("their `jwks_uri` is no URL"))?;
    if uri.scheme != "https" && !insecure {
        return Err(FetchError::Metadata("their `jwks_uri` is not https"));
    }
    if !hosts.iter().any(|host| host == uri.host()) {
        return Err(FetchError::Metadata("the host of their `jwks_uri` is not allowed"));
    }
    Ok(uri)
}
