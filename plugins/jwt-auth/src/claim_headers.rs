//! Claims that the upstream gets as headers.

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use portcullis_config::{ConfigError, HeaderName};
use portcullis_jose::VerifiedClaims;
use serde_json::{Map, Value};

use crate::config::{ClaimToHeaderConfig, Encoding, ProviderConfig};
use crate::expressions::ClaimValue;

/// A header and what of the payload it says.
#[derive(Debug)]
pub(crate) struct ClaimHeader {
    pub(crate) header: HeaderName,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Payload { padded: bool },
    Claim { path: Vec<String>, encoding: Encoding },
    Value { value: Box<ClaimValue>, encoding: Encoding },
}

/// A claim's text would not arrive as it is: it would end the header's line and begin another, lose the blanks at its ends, or
/// look like two elements of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnsafeClaim;

/// Headers that say how the message is framed and where it goes: a claim in one of them is an attack by configuration.
const NOT_FOR_CLAIMS: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl ClaimHeader {
    /// All that a provider configures.
    pub(crate) fn of(config: &ProviderConfig) -> Result<Vec<Self>, ConfigError> {
        let claims = config
            .claim_to_headers
            .iter()
            .enumerate()
            .map(|(index, config)| Self::claim(config).map_err(|error| error.within_index(index).within("claim_to_headers")));
        let payload = config.forward_payload_header.iter().map(|header| {
            let header = allowed(header).map_err(|error| error.within("forward_payload_header"))?.clone();
            Ok(Self { header, source: Source::Payload { padded: config.pad_forward_payload_header } })
        });
        claims.chain(payload).collect()
    }

    fn claim(config: &ClaimToHeaderConfig) -> Result<Self, ConfigError> {
        let header = allowed(&config.header_name).map_err(|error| error.within("header_name"))?.clone();
        let encoding = config.encoding;
        let source = match (&config.claim_name, &config.claim_path, &config.value) {
            (Some(name), None, None) => Source::Claim { path: vec![name.clone()], encoding },
            (None, Some(path), None) => Source::Claim { path: path.iter().cloned().collect(), encoding },
            (None, None, Some(value)) => Source::Value { value: Box::new(ClaimValue::new(value)?), encoding },
            _ => return Err(ConfigError::at("", "expected exactly one of `claim_name`, `claim_path` and `value`")),
        };
        Ok(Self { header, source })
    }

    /// The header's value, `None` where the token lacks the claim.
    pub(crate) fn value(&self, claims: &VerifiedClaims) -> Result<Option<String>, UnsafeClaim> {
        match &self.source {
            Source::Payload { padded: true } => Ok(Some(URL_SAFE.encode(claims.claims_json()))),
            Source::Payload { padded: false } => Ok(Some(URL_SAFE_NO_PAD.encode(claims.claims_json()))),
            Source::Value { value, encoding } => value.of(claims)?.map_or(Ok(None), |value| render(&value, *encoding)),
            Source::Claim { path, encoding } => find(claims.claims(), path).map_or(Ok(None), |claim| render(claim, *encoding)),
        }
    }
}

fn allowed(header: &HeaderName) -> Result<&HeaderName, ConfigError> {
    let name = header.as_str();
    if NOT_FOR_CLAIMS.contains(&name) || ["x-envoy-", "x-forwarded-"].iter().any(|prefix| name.starts_with(prefix)) {
        return Err(ConfigError::at("", format!("`{name}` says how a message is framed or routed; take another header")));
    }
    Ok(header)
}

/// The claim at the end of `path`. A path of one name with dots is also tried step by step, as Envoy reads it.
fn find<'c>(claims: &'c Map<String, Value>, path: &[String]) -> Option<&'c Value> {
    let (first, rest) = path.split_first()?;
    let whole = claims.get(first).and_then(|claim| rest.iter().try_fold(claim, |claim, name| claim.get(name)));
    match (whole, rest) {
        (None, []) => {
            let (outer, inner) = first.split_once('.')?;
            inner.split('.').try_fold(claims.get(outer)?, |claim, name| claim.get(name))
        }
        _ => whole,
    }
}

fn render(claim: &Value, encoding: Encoding) -> Result<Option<String>, UnsafeClaim> {
    let text = match (claim, encoding) {
        (Value::Null, _) => return Ok(None),
        (Value::String(text), _) => text.clone(),
        (Value::Array(elements), Encoding::Comma) => comma_separated(elements)?,
        (Value::Array(_) | Value::Object(_), Encoding::Base64url) => URL_SAFE_NO_PAD.encode(claim.to_string()),
        _ => claim.to_string(),
    };
    // Blanks at the ends are not part of a header's value: `"alice "` would reach the upstream as `alice`.
    if text.chars().any(char::is_control) || text.trim_matches([' ', '\t']) != text { Err(UnsafeClaim) } else { Ok(Some(text)) }
}

fn comma_separated(elements: &[Value]) -> Result<String, UnsafeClaim> {
    let element = |element: &Value| match element {
        Value::String(text) if !text.contains(',') => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(element.to_string()),
        _ => Err(UnsafeClaim),
    };
    Ok(elements.iter().map(element).collect::<Result<Vec<_>, _>>()?.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_are_text_and_the_rest_is_encoded() {
        for (claim, encoding, value) in [
            (json!("alice"), Encoding::Base64url, Some("alice")),
            (json!(7), Encoding::Comma, Some("7")),
            (json!(true), Encoding::Json, Some("true")),
            (json!(null), Encoding::Json, None),
            (json!(["a", 1]), Encoding::Base64url, Some("WyJhIiwxXQ")),
            (json!(["a", 1]), Encoding::Json, Some(r#"["a",1]"#)),
            (json!(["a", 1]), Encoding::Comma, Some("a,1")),
            (json!({"a": 1}), Encoding::Comma, Some(r#"{"a":1}"#)),
        ] {
            assert_eq!(render(&claim, encoding), Ok(value.map(str::to_owned)), "{claim}");
        }
    }

    #[test]
    fn refuses_a_value_that_splits_the_header_or_the_list() {
        for claim in [
            json!("a\r\nx-admin: 1"),
            json!("a\nb"),
            json!("a\0"),
            json!("\u{85}"),
            json!(["a,b"]),
            json!([["a"]]),
            json!("a "),
            json!(" a"),
        ] {
            assert_eq!(render(&claim, Encoding::Comma), Err(UnsafeClaim), "{claim}");
        }
    }

    #[test]
    fn finds_nested_claims_and_names_with_dots() {
        let Value::Object(claims) = json!({"a": {"b": {"c": 1}, "b.c": 2}, "a.b": 3, "https://x.y/z": {"t": 4}}) else { return };
        let found = |path: &[&str]| find(&claims, &path.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).cloned();
        assert_eq!(found(&["a.b"]), Some(json!(3)));
        assert_eq!(found(&["a.b.c"]), Some(json!(1)));
        assert_eq!(found(&["a", "b.c"]), Some(json!(2)));
        assert_eq!(found(&["https://x.y/z", "t"]), Some(json!(4)));
        assert_eq!(found(&["a", "x"]), None);
        assert_eq!(found(&["x.y"]), None);
    }
}
