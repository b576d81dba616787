//! A verified caller, and how the upstream and later filters learn of it.

use portcullis_filter::{FilterState, HeaderMap, Headers, HostError, Identity, publish_identity};
use portcullis_jose::VerifiedClaims;
use serde_json::Value;

use crate::claim_headers::UnsafeClaim;
use crate::provider::Provider;
use crate::reply::Refusal;

/// Whose token was verified. Everything that others are told is worked out once, and remembered with the token.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) claims: VerifiedClaims,
    /// The provider's number.
    pub(crate) provider: usize,
    identity: String,
    subject: String,
    headers: Vec<(String, String)>,
}

impl Caller {
    pub(crate) fn new(number: usize, provider: &Provider, claims: VerifiedClaims) -> Result<Self, Refusal> {
        let headers = provider
            .claim_headers
            .iter()
            .filter_map(|header| match header.value(&claims) {
                Ok(value) => Some(Ok((header.header.as_str().to_owned(), value?))),
                Err(UnsafeClaim) => Some(Err(Refusal::ClaimHeader)),
            })
            .collect::<Result<_, _>>()?;
        let identity = Identity {
            provider: &provider.name,
            issuer: claims.issuer(),
            subject: claims.subject(),
            claims: claims.claims_json(),
            header: claims.header_json(),
        };
        Ok(Self { identity: identity.to_json(), subject: identity.printable_subject(), headers, provider: number, claims })
    }

    /// Publishes the identity where later filters and the access log find it.
    pub(crate) fn publish(&self, state: &(impl FilterState + ?Sized)) -> Result<(), HostError> {
        publish_identity(state, &self.identity, &self.subject)
    }

    /// Tells the upstream.
    pub(crate) fn set_headers(&self, host: &(impl Headers + ?Sized)) -> Result<(), HostError> {
        self.headers.iter().try_for_each(|(name, value)| host.set_header(HeaderMap::RequestHeaders, name, value.as_bytes()))
    }

    /// `names` of the claims, as text: what a decision record may show.
    pub(crate) fn shown_claims(&self, names: &[String]) -> Vec<(String, String)> {
        let text = |claim: &Value| claim.as_str().map_or_else(|| claim.to_string(), str::to_owned);
        names.iter().filter_map(|name| Some((name.clone(), text(self.claims.claims().get(name)?)))).collect()
    }
}
