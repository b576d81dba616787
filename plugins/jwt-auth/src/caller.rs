//! A verified caller, and how the upstream and later filters learn of it.

use portcullis_filter::{HeaderMap, Host, Identity};
use portcullis_jose::VerifiedClaims;
use serde_json::{Map, Value};

use crate::claim_headers::UnsafeClaim;
use crate::provider::Provider;
use crate::reply::Refusal;
use crate::token::TokenHeader;

/// Whose token was verified, and where it stood.
#[derive(Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) claims: VerifiedClaims,
    pub(crate) provider: &'a Provider,
    pub(crate) token_location: &'a TokenHeader,
}

impl Caller<'_> {
    /// Publishes the identity, sets the claim headers, takes the token away unless it is to be forwarded. Whatever the host does
    /// not do of this, the upstream would judge by: so it refuses the request.
    pub(crate) fn introduce(&self, host: &dyn Host) -> Result<(), Refusal> {
        let values = self.claim_values()?;
        self.identity().publish(host).map_err(|_| Refusal::Host)?;
        for (header, value) in values {
            host.set_header(HeaderMap::RequestHeaders, header, value.as_bytes()).map_err(|_| Refusal::Host)?;
        }
        if !self.provider.forward {
            host.remove_header(HeaderMap::RequestHeaders, &self.token_location.name).map_err(|_| Refusal::Host)?;
        }
        Ok(())
    }

    /// `names` of the claims, as the text of a JSON object: what a decision record may show.
    pub(crate) fn shown_claims(&self, names: &[String]) -> String {
        let shown = |name: &String| Some((name.clone(), self.claims.claims().get(name)?.clone()));
        Value::Object(names.iter().filter_map(shown).collect::<Map<_, _>>()).to_string()
    }

    fn claim_values(&self) -> Result<Vec<(&str, String)>, Refusal> {
        let headers = self.provider.claim_headers.iter();
        headers
            .filter_map(|header| match header.value(self.claims.claims()) {
                Ok(value) => Some(Ok((header.header.as_str(), value?))),
                Err(UnsafeClaim) => Some(Err(Refusal::ClaimHeader)),
            })
            .collect()
    }

    fn identity(&self) -> Identity<'_> {
        Identity {
            provider: &self.provider.name,
            issuer: self.claims.issuer(),
            subject: self.claims.subject(),
            claims: self.claims.claims_json(),
            header: self.claims.header_json(),
        }
    }
}
