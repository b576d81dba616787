//! The plugins of the bundle, in the order in which a request meets them.

use input_validation::InputValidation;
use jwt_auth::JwtAuth;
use portcullis_config::ConfigError;
use portcullis_filter::{Callbacks, Filter as _, Setup};
use rate_limit::RateLimit;
use rbac::Rbac;
use serde_json::Value;

use crate::member::Member;

/// A plugin of the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Who calls.
    JwtAuth,
    /// What may come in.
    InputValidation,
    /// How often.
    RateLimit,
    /// Who may.
    Rbac,
}

impl Part {
    /// Every part, in the order in which a request meets them: who calls is known before anything is decided by it, and what is
    /// malformed is not counted against anybody.
    pub const ALL: [Self; 4] = [Self::JwtAuth, Self::InputValidation, Self::RateLimit, Self::Rbac];

    /// What any of them needs.
    pub(crate) const CALLBACKS: Callbacks =
        JwtAuth::CALLBACKS.union(InputValidation::CALLBACKS).union(RateLimit::CALLBACKS).union(Rbac::CALLBACKS);

    /// Its field in the configuration, which is the plugin's own name, too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::JwtAuth => JwtAuth::NAME,
            Self::InputValidation => InputValidation::NAME,
            Self::RateLimit => RateLimit::NAME,
            Self::Rbac => Rbac::NAME,
        }
    }

    /// Whether the parts behind it wait while it holds a request. Validation holds requests for their bodies: the head is judged by
    /// all parts meanwhile.
    pub(crate) const fn holds_up_others(self) -> bool {
        !matches!(self, Self::InputValidation)
    }

    /// The schema of its plugin's configuration.
    pub(crate) fn schema(self) -> Value {
        match self {
            Self::JwtAuth => jwt_auth::schema(),
            Self::InputValidation => input_validation::schema(),
            Self::RateLimit => rate_limit::schema(),
            Self::Rbac => rbac::schema(),
        }
    }

    /// The part, configured by a document of its plugin.
    ///
    /// # Errors
    /// All that is wrong with it, as its plugin says it.
    pub(crate) fn configure(self, config: &[u8], host: &dyn Setup) -> Result<Box<dyn Member>, ConfigError> {
        Ok(match self {
            Self::JwtAuth => Box::new(JwtAuth::load(config, host)?),
            Self::InputValidation => Box::new(InputValidation::load(config)?),
            Self::RateLimit => Box::new(RateLimit::load(config)?),
            Self::Rbac => Box::new(Rbac::load(config)?),
        })
    }
}
