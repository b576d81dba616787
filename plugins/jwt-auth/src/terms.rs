//! What a provider's token must satisfy beyond what `jose` checks.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_config::{ConfigError, NonEmpty};
use portcullis_filter::Attributes;
use portcullis_jose::VerifiedClaims;
use portcullis_policy::Trace;

use crate::config::{CertificateBinding, ProviderConfig, RevokedConfig};
use crate::expressions::{Bearer, Condition};
use crate::reply::{HOST, Refusal};

/// How many revoked identifiers of each kind a provider may list.
const REVOKED_MAX: usize = 10_000;

/// The further demands of a provider.
#[derive(Debug)]
pub(crate) struct Terms {
    subjects: Option<BTreeSet<String>>,
    /// In lower case, without `application/`.
    required_typ: Option<String>,
    clock_skew: Duration,
    max_lifetime: Option<Duration>,
    revoked_ids: BTreeSet<String>,
    revoked_subjects: BTreeSet<String>,
    certificate_binding: CertificateBinding,
    condition: Option<Condition>,
}

impl Terms {
    pub(crate) fn of(config: &mut ProviderConfig) -> Result<Self, ConfigError> {
        let RevokedConfig { jti, sub } = std::mem::take(&mut config.not_revoked);
        Ok(Self {
            subjects: config.subjects.take().map(|subjects| NonEmpty::into_vec(subjects).into_iter().collect()),
            required_typ: config.required_typ.as_deref().map(media_type),
            clock_skew: config.clock_skew.get(),
            max_lifetime: config.max_lifetime.map(|lifetime| lifetime.get()),
            revoked_ids: bounded("jti", jti)?,
            revoked_subjects: bounded("sub", sub)?,
            certificate_binding: config.certificate_binding,
            condition: config.condition.as_deref().map(Condition::new).transpose()?,
        })
    }

    /// Whether the token keeps them. What depends on the time or on the request is asked again for a remembered token.
    pub(crate) fn check(&self, claims: &VerifiedClaims, now: Duration, bearer: &Bearer<'_>) -> Result<(), Refusal> {
        self.check_identity(claims)?;
        self.check_times(claims, now)?;
        self.check_binding(claims, bearer.host)?;
        self.condition.as_ref().map_or(Ok(()), |condition| condition.check(claims, bearer))
    }

    /// What each part of the condition comes to; `None` where there is none.
    pub(crate) fn trace(&self, claims: &VerifiedClaims, bearer: &Bearer<'_>) -> Option<Trace> {
        self.condition.as_ref().map(|condition| condition.trace(claims, bearer))
    }

    /// Whether they look at the request's host.
    pub(crate) fn read_host(&self) -> bool {
        self.condition.as_ref().is_some_and(Condition::reads_host)
    }

    fn check_identity(&self, claims: &VerifiedClaims) -> Result<(), Refusal> {
        let subject = claims.subject();
        let (id, typ) = (claims.token_id(), claims.token_type());
        if self.required_typ.as_ref().is_some_and(|required| typ.map(media_type).as_ref() != Some(required)) {
            return Err(Refusal::Type);
        }
        if self.subjects.as_ref().is_some_and(|subjects| !subject.is_some_and(|subject| subjects.contains(subject))) {
            return Err(Refusal::Subject);
        }
        let revoked = |list: &BTreeSet<String>, name: Option<&str>| name.is_some_and(|name| list.contains(name));
        if revoked(&self.revoked_ids, id) || revoked(&self.revoked_subjects, subject) {
            return Err(Refusal::Revoked);
        }
        Ok(())
    }

    fn check_times(&self, claims: &VerifiedClaims, now: Duration) -> Result<(), Refusal> {
        let issued = claims.issued_at();
        if issued.is_some_and(|issued| issued > now.saturating_add(self.clock_skew)) {
            return Err(Refusal::IssuedInFuture);
        }
        let Some(max) = self.max_lifetime else { return Ok(()) };
        match (issued, claims.expires_at()) {
            (Some(issued), Some(expires)) if expires.saturating_sub(issued) <= max => Ok(()),
            _ => Err(Refusal::Lifetime),
        }
    }

    fn check_binding(&self, claims: &VerifiedClaims, connection: &(impl Attributes + ?Sized)) -> Result<(), Refusal> {
        let bound = || claims.confirmation().and_then(|cnf| cnf.get("x5t#S256"));
        let thumbprint = match self.certificate_binding {
            CertificateBinding::Ignore => return Ok(()),
            CertificateBinding::WhenBound => match bound() {
                None => return Ok(()),
                thumbprint => thumbprint,
            },
            CertificateBinding::Required => bound(),
        };
        let digest = connection
            .attribute(&["connection", "sha256_peer_certificate_digest"])
            .map_err(|_| HOST)?
            .and_then(|digest| from_hex(&digest));
        match (thumbprint.and_then(|thumbprint| thumbprint.as_str()), digest) {
            (Some(thumbprint), Some(digest)) if URL_SAFE_NO_PAD.encode(&digest) == thumbprint => Ok(()),
            _ => Err(Refusal::CertificateBinding),
        }
    }
}

fn bounded(name: &str, list: BTreeSet<String>) -> Result<BTreeSet<String>, ConfigError> {
    if list.len() > REVOKED_MAX {
        return Err(ConfigError::at(format!("not_revoked.{name}"), format!("expected at most {REVOKED_MAX} entries")));
    }
    Ok(list)
}

/// RFC 7515 section 4.1.9: a media type without its `application/`, compared in any case.
fn media_type(typ: &str) -> String {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").map_or_else(|| typ.clone(), str::to_owned)
}

/// Envoy gives the digest in hexadecimal.
fn from_hex(digest: &[u8]) -> Option<Vec<u8>> {
    let nibble = |digit: &u8| char::from(*digit).to_digit(16).and_then(|nibble| u8::try_from(nibble).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(nibble(high)? << 4 | nibble(low)?),
        _ => None,
    };
    digest.chunks(2).map(byte).collect::<Option<Vec<u8>>>().filter(|digest| digest.len() == 32)
}
