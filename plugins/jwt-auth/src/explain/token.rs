//! What tokens say of themselves.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_config::json;
use portcullis_filter::HeaderBlock;
use portcullis_jose::CompactJws;
use serde_json::{Map, Value};

use super::TokenExplanation;
use crate::settings::Settings;
use crate::token::Location;

/// What is shown of a header, and of a payload.
const HEADER: [&str; 3] = ["alg", "kid", "typ"];
const CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// Every token of the request.
pub(super) fn tokens(settings: &Settings, headers: &HeaderBlock) -> Vec<TokenExplanation> {
    let found = settings.locations.found(headers);
    found.iter().map(|found| token(&found.token, place(settings, found.location))).collect()
}

fn token(token: &[u8], place: String) -> TokenExplanation {
    let malformed = CompactJws::parse(token).err().map(|error| error.to_string());
    let mut parts = token.split(|byte| *byte == b'.').map(object);
    let mut shown = |names: &[&str]| parts.next().flatten().map(|object| only(object, names)).unwrap_or_default();
    TokenExplanation { place, malformed, header: shown(&HEADER), claims: shown(&CLAIMS) }
}

/// The place with this number, for people.
pub(super) fn place(settings: &Settings, number: usize) -> String {
    match settings.locations.get(number) {
        Some(Location::Header { name, prefix }) if prefix.is_empty() => format!("header `{name}`"),
        Some(Location::Header { name, prefix }) => format!("header `{name}` behind `{}`", prefix.trim_end()),
        Some(Location::Param(name)) => format!("query parameter `{name}`"),
        Some(Location::Cookie(name)) => format!("cookie `{name}`"),
        None => "nowhere".to_owned(),
    }
}

/// For people alone: only `jose` says whether it may be believed.
fn object(part: &[u8]) -> Option<Map<String, Value>> {
    match json::parse(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

fn only(object: Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    object.into_iter().filter(|(name, _)| names.contains(&name.as_str())).collect()
}
