//! Who calls, and whom we believe that.

mod forwarded;
mod metadata;
mod peer;
mod published;

use std::rc::Rc;

use portcullis_config::{ConfigError, NonEmpty};
use portcullis_filter::{Attributes, HeaderBlock};
use portcullis_policy::{Attribute, Unreadable};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use published::Parsed;

/// Something that may tell who calls.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentitySource {
    /// The verified token that jwt-auth has published, earlier in the chain; no client can write it.
    Portcullis,
    /// The payload that Envoy's `jwt_authn` or Istio's RequestAuthentication has left in the dynamic metadata.
    JwtAuthn(JwtAuthn),
    /// The SPIFFE id of the client's certificate: its first URI SAN, where the connection has validated it.
    Mtls,
    /// The SPIFFE id that a proxy in front of this one has seen, from `x-forwarded-client-cert`.
    ForwardedClientCert(ForwardedClientCert),
    /// The SPIFFE id that Istio's waypoints keep in the filter state `io.istio.peer_principal`.
    IstioPeerPrincipal,
}

/// The payload that `jwt_authn` leaves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct JwtAuthn {
    /// The provider's `payload_in_metadata`. Istio's is `payload`, which is the default.
    pub metadata_key: String,
}

impl Default for JwtAuthn {
    fn default() -> Self {
        Self { metadata_key: "payload".to_owned() }
    }
}

/// The certificate that a proxy in front has seen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardedClientCert {
    /// The SPIFFE ids of the proxies that are believed, exactly, by their own validated certificates; nobody else's header counts.
    pub trusted_proxies: NonEmpty<String>,
}

/// Where identity comes from. `jwt` is what the first of the sources of tokens knows, `peer.principal` what the first of the sources
/// of certificates knows, in the configured order; one that fails ends the search.
#[derive(Debug, Clone)]
pub struct IdentitySources {
    sources: Vec<IdentitySource>,
    parsed: Parsed,
}

/// jwt-auth's, and nothing else: whatever else is believed must be named.
impl Default for IdentitySources {
    fn default() -> Self {
        Self::from(vec![IdentitySource::Portcullis])
    }
}

impl TryFrom<NonEmpty<IdentitySource>> for IdentitySources {
    type Error = ConfigError;

    fn try_from(sources: NonEmpty<IdentitySource>) -> Result<Self, ConfigError> {
        let sources = sources.into_vec();
        let place = |wanted: fn(&IdentitySource) -> bool| sources.iter().position(wanted);
        let mtls = place(|source| matches!(source, IdentitySource::Mtls));
        let forwarded = place(|source| matches!(source, IdentitySource::ForwardedClientCert(_)));
        match (mtls, forwarded) {
            (Some(mtls), Some(forwarded)) if mtls < forwarded => Err(ConfigError::at(
                "identity_from",
                "`mtls` before `forwarded_client_cert` would take every client of a trusted proxy for the proxy: name it after that",
            )),
            _ => Ok(Self::from(sources)),
        }
    }
}

impl From<Vec<IdentitySource>> for IdentitySources {
    fn from(sources: Vec<IdentitySource>) -> Self {
        Self { sources, parsed: Parsed::default() }
    }
}

/// What a source of certificates says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Who calls.
    Caller(String),
    /// That the caller has no name: no other source may give it one.
    Nobody,
    /// Nothing: another source may know.
    Nothing,
}

impl From<Option<String>> for Told {
    fn from(caller: Option<String>) -> Self {
        caller.map_or(Self::Nothing, Self::Caller)
    }
}

/// A caller by its token. Whoever is named as a source has verified it.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenIdentity {
    /// The provider that verified the token, where the source tells.
    pub provider: Option<String>,
    /// `iss`
    pub issuer: Option<String>,
    /// `sub`
    pub subject: Option<String>,
    /// The claims, an object.
    pub claims: Value,
    /// The token's header, an object, where the source tells.
    pub header: Option<Value>,
}

impl IdentitySources {
    /// Whether any of them reads a certificate.
    #[must_use]
    pub fn know_peers(&self) -> bool {
        self.sources.iter().any(|source| !matches!(source, IdentitySource::Portcullis | IdentitySource::JwtAuthn(_)))
    }

    /// Whether any of them reads a token.
    #[must_use]
    pub fn know_tokens(&self) -> bool {
        self.sources.iter().any(|source| matches!(source, IdentitySource::Portcullis | IdentitySource::JwtAuthn(_)))
    }

    /// Whether `attribute` can be known at all: what would be an error at every request is one when the configuration arrives.
    ///
    /// # Errors
    /// When nobody is named who knows it: who would.
    pub fn check(&self, attribute: Attribute) -> Result<(), &'static str> {
        match attribute {
            Attribute::PeerPrincipal if !self.know_peers() => Err(
                "nobody knows `peer.principal`: name `mtls`, `forwarded_client_cert` or `istio_peer_principal` in `identity_from`",
            ),
            Attribute::JwtProvider
            | Attribute::JwtIssuer
            | Attribute::JwtSubject
            | Attribute::JwtClaims
            | Attribute::JwtHeader
            | Attribute::Scopes
                if !self.know_tokens() =>
            {
                Err("nobody knows `jwt`: name `portcullis` or `jwt_authn` in `identity_from`")
            }
            _ => Ok(()),
        }
    }

    /// The caller by its token.
    pub(crate) fn token(&self, host: &(impl Attributes + ?Sized)) -> Result<Option<Rc<TokenIdentity>>, Unreadable> {
        first(self.sources.iter().map(|source| match source {
            IdentitySource::Portcullis => self.parsed.read(host),
            IdentitySource::JwtAuthn(source) => Ok(metadata::read(host, &source.metadata_key)?.map(Rc::new)),
            IdentitySource::Mtls | IdentitySource::ForwardedClientCert(_) | IdentitySource::IstioPeerPrincipal => Ok(None),
        }))
    }

    /// The caller by its certificate: a SPIFFE id.
    pub(crate) fn peer(&self, host: &(impl Attributes + ?Sized), headers: &HeaderBlock) -> Result<Option<String>, Unreadable> {
        for source in &self.sources {
            let told = match source {
                IdentitySource::Mtls => peer::certificate(host)?.into(),
                IdentitySource::ForwardedClientCert(source) => forwarded::read(host, headers, &source.trusted_proxies)?,
                IdentitySource::IstioPeerPrincipal => peer::istio_principal(host)?.into(),
                IdentitySource::Portcullis | IdentitySource::JwtAuthn(_) => Told::Nothing,
            };
            match told {
                Told::Caller(id) => return Ok(Some(id)),
                Told::Nobody => return Ok(None),
                Told::Nothing => {}
            }
        }
        Ok(None)
    }
}

/// The first that is there; the first failure where it comes earlier.
fn first<T>(sources: impl Iterator<Item = Result<Option<T>, Unreadable>>) -> Result<Option<T>, Unreadable> {
    sources.map(Result::transpose).find_map(|found| found).transpose()
}

#[cfg(test)]
mod tests;
