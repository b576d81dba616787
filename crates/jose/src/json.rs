//! JSON objects, read strictly (RFC 8725 section 2.6): a repeated name at any depth is refused.

use serde_json::{Map, Value};

/// The object that `bytes` are.
pub(crate) fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match portcullis_config::json::parse(bytes).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}
