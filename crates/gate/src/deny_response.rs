//! A rule's own look of its refusals.

use std::collections::BTreeMap;

use portcullis_config::{ConfigError, HeaderName};
use portcullis_filter::LocalReply;
use schemars::JsonSchema;
use serde::Deserialize;

/// What a refusal looks like. What is absent stays as it would be.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DenyResponseConfig {
    /// The status. Default: the reason's.
    #[schemars(range(min = 400, max = 599))]
    pub status: Option<u16>,
    /// The body. Default: problem+json.
    pub body: Option<String>,
    /// The media type of a body of yours. Default: `text/plain; charset=utf-8`.
    pub content_type: Option<String>,
    /// Further headers. Default: none.
    pub headers: BTreeMap<HeaderName, String>,
}

/// A rule's own look of its refusals.
#[derive(Debug, Default)]
pub struct DenyResponse(DenyResponseConfig);

impl DenyResponse {
    /// Checks what the configuration says.
    ///
    /// # Errors
    /// When the status refuses nothing, or a header would be split.
    pub fn new(config: DenyResponseConfig) -> Result<Self, ConfigError> {
        if config.status.is_some_and(|status| !(400..=599).contains(&status)) {
            return Err(ConfigError::at("status", "expected a status from 400 to 599"));
        }
        let texts = config.headers.values().chain(&config.content_type);
        if texts.into_iter().any(|text| text.chars().any(char::is_control)) {
            return Err(ConfigError::at("headers", "a control character cannot stand in a header"));
        }
        Ok(Self(config))
    }

    /// `reply`, as the rule wants it to look.
    #[must_use]
    pub fn applied(&self, mut reply: LocalReply) -> LocalReply {
        let Self(config) = self;
        reply.status = config.status.unwrap_or(reply.status);
        if let Some(body) = &config.body {
            let media_type = config.content_type.as_deref().unwrap_or("text/plain; charset=utf-8");
            reply.headers.retain(|(name, _)| name != "content-type");
            reply = reply.header("content-type", media_type);
            reply.body = body.clone().into_bytes();
        }
        config.headers.iter().fold(reply, |reply, (name, value)| reply.header(name.as_str(), value.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use portcullis_filter::Reason;

    use super::*;

    fn applied(config: DenyResponseConfig) -> LocalReply {
        DenyResponse::new(config).unwrap().applied(LocalReply::problem(403, "forbidden", "Forbidden", Reason("x")))
    }

    #[test]
    fn what_is_absent_stays_as_it_would_be() {
        let reply = applied(DenyResponseConfig { status: Some(404), ..DenyResponseConfig::default() });
        assert_eq!(reply.status, 404);
        assert_eq!(reply.headers, [("content-type".to_owned(), b"application/problem+json".to_vec())]);
    }

    #[test]
    fn a_body_of_ones_own_has_a_media_type_of_its_own() {
        let reply = applied(DenyResponseConfig { body: Some("no".to_owned()), ..DenyResponseConfig::default() });
        assert_eq!(reply.body, b"no");
        assert_eq!(reply.headers, [("content-type".to_owned(), b"text/plain; charset=utf-8".to_vec())]);
    }

    #[test]
    fn a_header_cannot_be_split_and_a_success_is_no_refusal() {
        let split = DenyResponseConfig { content_type: Some("a\r\nb".to_owned()), ..DenyResponseConfig::default() };
        assert!(DenyResponse::new(split).is_err());
        for status in [200, 399, 600] {
            assert!(DenyResponse::new(DenyResponseConfig { status: Some(status), ..DenyResponseConfig::default() }).is_err());
        }
    }
}
