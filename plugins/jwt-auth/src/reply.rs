//! Refusals: what the client is told, and what only the operator learns.

use portcullis_config::ConfigError;
use portcullis_filter::{GrpcStatus, LocalReply, Reason};
use portcullis_gate::Unfit;
use portcullis_jose::TokenError;

use crate::config::ChallengeConfig;
use crate::demands::Demands;

/// Why a request does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It cannot be judged.
    Unfit(Unfit),
    /// It carries no token.
    Missing,
    /// It carries more than it may.
    Multiple,
    /// Its token is not good.
    Token(TokenError),
    /// `typ` is not the required one.
    Type,
    /// `sub` is not one of the allowed ones.
    Subject,
    /// `iat` is in the future.
    IssuedInFuture,
    /// The token lives longer than it may, or does not say how long.
    Lifetime,
    /// The token was taken back.
    Revoked,
    /// The token belongs to another client's certificate.
    CertificateBinding,
    /// The provider's condition does not hold of the token, or could not be evaluated.
    Condition {
        /// It could not.
        failed: bool,
    },
    /// A claim cannot stand in a header.
    ClaimHeader,
    /// The token lacks a scope.
    Scope,
    /// The user must be authenticated in another way, or again.
    StepUp,
    /// There are no keys to verify the token with.
    KeysUnavailable,
}

/// The proxy could not do what the decision rests on.
pub(crate) const HOST: Refusal = Refusal::Unfit(Unfit::Host);

impl Refusal {
    /// The stable code.
    pub(crate) fn reason(self) -> Reason {
        Reason(match self {
            Self::Unfit(unfit) => return unfit.reason(),
            Self::Missing => "jwt_missing",
            Self::Multiple => "jwt_multiple_tokens",
            Self::Token(error) => error.reason(),
            Self::Type => "jwt_type",
            Self::Subject => "jwt_subject",
            Self::IssuedInFuture => "jwt_issued_in_future",
            Self::Lifetime => "jwt_lifetime",
            Self::Revoked => "jwt_revoked",
            Self::CertificateBinding => "jwt_certificate_binding",
            Self::Condition { .. } => "jwt_condition",
            Self::ClaimHeader => "jwt_claim_header",
            Self::Scope => "jwt_scope",
            Self::StepUp => "jwt_step_up",
            Self::KeysUnavailable => "jwks_unavailable",
        })
    }

    /// More for the record, from a fixed vocabulary.
    pub(crate) fn detail(self) -> Option<&'static str> {
        match self {
            Self::Unfit(unfit) => unfit.detail(),
            Self::Condition { failed: true } => Some("the condition could not be evaluated"),
            _ => None,
        }
    }

    /// How much it says about the request: of several, the client hears the one that says most.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Self::Missing => 0,
            Self::Token(TokenError::Issuer) => 1,
            _ => 2,
        }
    }
}

/// How refusals are worded for clients.
#[derive(Debug)]
pub(crate) struct Challenge {
    realm: String,
    error_description: Option<String>,
    resource_metadata: Option<String>,
}

impl Challenge {
    pub(crate) fn new(config: ChallengeConfig, instance: &str) -> Result<Self, ConfigError> {
        Ok(Self {
            realm: quotable("realm", config.realm)?.unwrap_or_else(|| instance.to_owned()),
            error_description: quotable("error_description", config.error_description)?,
            resource_metadata: quotable("resource_metadata", config.resource_metadata)?,
        })
    }

    /// The reply to a request that `refusal` is about. The precise reason stays in the log: it would be an oracle.
    pub(crate) fn reply(&self, refusal: Refusal, demands: Option<&Demands>) -> LocalReply {
        let problem = |status, kind, title| LocalReply::problem(status, kind, title, refusal.reason());
        match refusal {
            Refusal::Unfit(unfit) => unfit.reply(),
            Refusal::KeysUnavailable => problem(503, "unavailable", "Service unavailable").grpc(GrpcStatus::UNAVAILABLE),
            // RFC 6750 section 3.1: more than one token makes the request itself invalid.
            Refusal::Multiple => self
                .challenged(problem(400, "invalid-request", "More than one token"), Some("invalid_request"), &[])
                .grpc(GrpcStatus::INVALID_ARGUMENT),
            // RFC 6750 section 3: no error code where no token was sent.
            Refusal::Missing => self.challenged(unauthenticated(refusal), None, &[]),
            Refusal::Scope => {
                let scope = demands.map(|demands| demands.scopes.join(" ")).unwrap_or_default();
                let problem = problem(403, "insufficient-scope", "Insufficient scope").grpc(GrpcStatus::PERMISSION_DENIED);
                self.challenged(problem, Some("insufficient_scope"), &[("scope", scope)])
            }
            Refusal::StepUp => {
                let error = Some("insufficient_user_authentication");
                self.challenged(unauthenticated(refusal), error, &step_up(demands))
            }
            _ => self.challenged(unauthenticated(refusal), Some("invalid_token"), &[]),
        }
    }

    fn challenged(&self, reply: LocalReply, error: Option<&str>, parameters: &[(&str, String)]) -> LocalReply {
        let mut challenge = format!("Bearer realm=\"{}\"", self.realm);
        let mut push = |name: &str, value: &str| challenge.push_str(&format!(", {name}=\"{value}\""));
        if let Some(error) = error {
            push("error", error);
            self.error_description.iter().for_each(|text| push("error_description", text));
        }
        parameters.iter().for_each(|(name, value)| push(name, value));
        self.resource_metadata.iter().for_each(|url| push("resource_metadata", url));
        reply.header("www-authenticate", challenge)
    }
}

fn unauthenticated(refusal: Refusal) -> LocalReply {
    LocalReply::problem(401, "unauthenticated", "Authentication required", refusal.reason()).grpc(GrpcStatus::UNAUTHENTICATED)
}

/// RFC 9470 section 3: what would be enough.
fn step_up(demands: Option<&Demands>) -> Vec<(&'static str, String)> {
    let Some(step_up) = demands.and_then(|demands| demands.step_up.as_ref()) else { return Vec::new() };
    let acr = (!step_up.acr_values.is_empty()).then(|| ("acr_values", step_up.acr_values.join(" ")));
    let age = step_up.max_age.map(|age| ("max_age", age.as_secs().to_string()));
    acr.into_iter().chain(age).collect()
}

/// A text that may stand between quotes in a header (RFC 9110 section 5.6.4).
fn quotable(field: &str, text: Option<String>) -> Result<Option<String>, ConfigError> {
    let plain = |text: &String| text.chars().all(|character| matches!(character, ' '..='~') && !matches!(character, '"' | '\\'));
    match text {
        Some(text) if !plain(&text) => {
            Err(ConfigError::at(field, "expected printable ASCII without quotation marks and backslashes").within("challenge"))
        }
        text => Ok(text),
    }
}
