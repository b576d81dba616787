//! What plugins tell each other about the caller.

use std::borrow::Cow;

use crate::json::Object;
use crate::{FilterState, HostError};

/// The filter state that holds the verified identity as JSON.
pub const IDENTITY_KEY: &str = "portcullis_identity";

/// The filter state that holds the verified subject alone, for access logs: `%FILTER_STATE(wasm.portcullis_subject:PLAIN)%`.
pub const SUBJECT_KEY: &str = "portcullis_subject";

/// A verified caller. Whoever fills one in must have verified it.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// The provider's name in the configuration.
    pub provider: &'a str,
    /// `iss`, where the token has it.
    pub issuer: Option<&'a str>,
    /// `sub`, where the token has it.
    pub subject: Option<&'a str>,
    /// The claims: the text of a JSON object.
    pub claims: &'a str,
    /// The token's header: the text of a JSON object.
    pub header: &'a str,
}

impl Identity<'_> {
    /// The identity as other filters read it.
    #[must_use]
    pub fn to_json(&self) -> String {
        // The names and the punctuation take less than 128 bytes; escapes may take more.
        let texts = [self.provider, self.issuer.unwrap_or_default(), self.subject.unwrap_or_default(), self.claims, self.header];
        let mut object = Object::with_capacity(128 + texts.map(str::len).iter().sum::<usize>()).text("provider", self.provider);
        if let Some(issuer) = self.issuer {
            object = object.text("issuer", issuer);
        }
        if let Some(subject) = self.subject {
            object = object.text("subject", subject);
        }
        object.raw("claims", &on_one_line(self.claims)).raw("header", &on_one_line(self.header)).finish()
    }

    /// The subject as access logs show it: a control character in it cannot end the line.
    #[must_use]
    pub fn printable_subject(&self) -> String {
        self.subject
            .unwrap_or_default()
            .chars()
            .map(|character| if character.is_control() { '\u{fffd}' } else { character })
            .collect()
    }
}

/// JSON has control characters only as white space between its tokens.
fn on_one_line(json: &str) -> Cow<'_, str> {
    if json.bytes().any(|byte| byte.is_ascii_control()) {
        Cow::Owned(json.replace(|character: char| character.is_ascii_control(), " "))
    } else {
        Cow::Borrowed(json)
    }
}

/// Writes an identity, made by [`Identity::to_json`] and [`Identity::printable_subject`], where later filters and the access log
/// find it.
///
/// # Errors
/// When the host refuses: the request must then be refused too.
pub fn publish_identity(state: &(impl FilterState + ?Sized), json: &str, subject: &str) -> Result<(), HostError> {
    state.set_filter_state(IDENTITY_KEY, json.as_bytes())?;
    state.set_filter_state(SUBJECT_KEY, subject.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_on_one_line_whatever_the_issuer_writes() {
        let identity = Identity {
            provider: "main",
            issuer: None,
            subject: Some("a\n200 /admin"),
            claims: "{\n  \"sub\": \"a\\n200 /admin\"\r\n}",
            header: "{\t\"alg\":\"RS256\"}",
        };
        assert!(!identity.to_json().contains(char::is_control));
        assert_eq!(identity.printable_subject(), "a\u{fffd}200 /admin");
    }
}
