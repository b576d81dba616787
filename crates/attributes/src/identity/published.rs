//! What jwt-auth has published: `portcullis_filter::Identity` as JSON.

use portcullis_config::json;
use portcullis_filter::{Attributes, IDENTITY_KEY};
use portcullis_policy::Unreadable;
use serde_json::{Map, Value};

use super::TokenIdentity;
use crate::property::REFUSED;

/// The published identity; `None` where there is none.
pub(super) fn read(host: &(impl Attributes + ?Sized)) -> Result<Option<TokenIdentity>, Unreadable> {
    match host.attribute(&[IDENTITY_KEY]).map_err(|_| REFUSED)? {
        None => Ok(None),
        Some(bytes) if bytes.is_empty() => Ok(None),
        Some(bytes) => parse(&bytes).map(Some).ok_or(Unreadable("no identity")),
    }
}

/// Exactly what jwt-auth writes: another shape is another writer's.
fn parse(bytes: &[u8]) -> Option<TokenIdentity> {
    let Value::Object(mut members) = json::parse(bytes).ok()? else { return None };
    let identity = TokenIdentity {
        provider: Some(text(&mut members, "provider")??),
        issuer: text(&mut members, "issuer")?,
        subject: text(&mut members, "subject")?,
        claims: members.remove("claims").filter(Value::is_object)?,
        header: Some(members.remove("header").filter(Value::is_object)?),
    };
    members.is_empty().then_some(identity)
}

/// A text that may be absent; `None` where it is something else.
fn text(members: &mut Map<String, Value>, name: &str) -> Option<Option<String>> {
    match members.remove(name) {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text)),
        Some(_) => None,
    }
}
