//! What plugins tell each other about the caller.

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
        let mut object = Object::new().text("provider", self.provider);
        if let Some(issuer) = self.issuer {
            object = object.text("issuer", issuer);
        }
        if let Some(subject) = self.subject {
            object = object.text("subject", subject);
        }
        object.raw("claims", self.claims).raw("header", self.header).finish()
    }

    /// Writes the identity where later filters and the access log find it.
    ///
    /// # Errors
    /// When the host refuses: the request must then be refused too.
    pub fn publish(&self, state: &(impl FilterState + ?Sized)) -> Result<(), HostError> {
        state.set_filter_state(IDENTITY_KEY, self.to_json().as_bytes())?;
        state.set_filter_state(SUBJECT_KEY, self.subject.unwrap_or_default().as_bytes())
    }
}
