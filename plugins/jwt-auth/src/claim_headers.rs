//! Claims that the upstream gets as headers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_config::HeaderName;
use serde_json::{Map, Value};

use crate::config::ClaimToHeaderConfig;

/// A claim and the header that it becomes.
#[derive(Debug)]
pub(crate) struct ClaimHeader {
    pub(crate) header: HeaderName,
    claim: String,
}

/// A claim's text would end the header's line and begin another.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnsafeClaim;

impl ClaimHeader {
    /// The header's value, `None` where the token lacks the claim.
    pub(crate) fn value(&self, claims: &Map<String, Value>) -> Result<Option<String>, UnsafeClaim> {
        let Some(value) = claims.get(&self.claim).and_then(render) else { return Ok(None) };
        if value.chars().any(char::is_control) {
            return Err(UnsafeClaim);
        }
        Ok(Some(value))
    }
}

impl From<ClaimToHeaderConfig> for ClaimHeader {
    fn from(config: ClaimToHeaderConfig) -> Self {
        Self { header: config.header_name, claim: config.claim_name }
    }
}

fn render(claim: &Value) -> Option<String> {
    match claim {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(claim.to_string()),
        Value::Array(_) | Value::Object(_) => Some(URL_SAFE_NO_PAD.encode(claim.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value_of(claim: Value) -> Result<Option<String>, UnsafeClaim> {
        let header =
            ClaimHeader::from(ClaimToHeaderConfig { header_name: "x-claim".parse().unwrap(), claim_name: "c".to_owned() });
        let Value::Object(claims) = json!({ "c": claim }) else { return Ok(None) };
        header.value(&claims)
    }

    #[test]
    fn scalars_are_text_and_the_rest_is_encoded() {
        assert_eq!(value_of(json!("alice")), Ok(Some("alice".to_owned())));
        assert_eq!(value_of(json!(7)), Ok(Some("7".to_owned())));
        assert_eq!(value_of(json!(true)), Ok(Some("true".to_owned())));
        assert_eq!(value_of(json!(["a"])), Ok(Some(URL_SAFE_NO_PAD.encode(r#"["a"]"#))));
        assert_eq!(value_of(json!(null)), Ok(None));
    }

    #[test]
    fn refuses_a_value_that_splits_the_header() {
        for text in ["a\r\nx-admin: 1", "a\nb", "a\0", "\u{85}"] {
            assert_eq!(value_of(json!(text)), Err(UnsafeClaim), "{text:?}");
        }
    }
}
