//! The plugins of the bundle, in the order in which a request meets them.

#[cfg(feature = "input-validation")]
use input_validation::InputValidation;
#[cfg(feature = "jwt-auth")]
use jwt_auth::JwtAuth;
use portcullis_config::{ConfigError, Finding};
use portcullis_filter::{Callbacks, Filter as _, Setup};
#[cfg(feature = "rate-limit")]
use rate_limit::RateLimit;
#[cfg(feature = "rbac")]
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

    /// What any of those in this module needs.
    pub(crate) const CALLBACKS: Callbacks = {
        let all = Callbacks::of(&[]);
        #[cfg(feature = "jwt-auth")]
        let all = all.union(JwtAuth::CALLBACKS);
        #[cfg(feature = "input-validation")]
        let all = all.union(InputValidation::CALLBACKS);
        #[cfg(feature = "rate-limit")]
        let all = all.union(RateLimit::CALLBACKS);
        #[cfg(feature = "rbac")]
        let all = all.union(Rbac::CALLBACKS);
        all
    };

    /// Its field in the configuration, which is the plugin's own name, too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::JwtAuth => "jwt_auth",
            Self::InputValidation => "input_validation",
            Self::RateLimit => "rate_limit",
            Self::Rbac => "rbac",
        }
    }

    /// Whether the parts behind it wait while it holds a request. Validation holds requests for their bodies: the head is judged by
    /// all parts meanwhile.
    pub(crate) const fn holds_up_others(self) -> bool {
        !matches!(self, Self::InputValidation)
    }

    /// The schema of its plugin's configuration; nothing where the plugin is not in this module.
    pub(crate) fn schema(self) -> Option<Value> {
        match self {
            #[cfg(feature = "jwt-auth")]
            Self::JwtAuth => Some(jwt_auth::schema()),
            #[cfg(feature = "input-validation")]
            Self::InputValidation => Some(input_validation::schema()),
            #[cfg(feature = "rate-limit")]
            Self::RateLimit => Some(rate_limit::schema()),
            #[cfg(feature = "rbac")]
            Self::Rbac => Some(rbac::schema()),
            #[allow(unreachable_patterns, reason = "nothing is left where every part is there")]
            _ => None,
        }
    }

    /// What is suspicious in the document of its plugin.
    pub(crate) fn warnings(self, config: &[u8]) -> Vec<Finding> {
        #[cfg(feature = "rbac")]
        if self == Self::Rbac {
            return rbac::warnings(config);
        }
        let _ = config;
        Vec::new()
    }

    /// The part, configured by a document of its plugin.
    ///
    /// # Errors
    /// All that is wrong with it, as its plugin says it; that the plugin is not in this module.
    pub(crate) fn configure(self, config: &[u8], host: &dyn Setup) -> Result<Box<dyn Member>, ConfigError> {
        let _ = host;
        Ok(match self {
            #[cfg(feature = "jwt-auth")]
            Self::JwtAuth => Box::new(JwtAuth::load(config, host)?),
            #[cfg(feature = "input-validation")]
            Self::InputValidation => Box::new(InputValidation::load(config)?),
            #[cfg(feature = "rate-limit")]
            Self::RateLimit => Box::new(RateLimit::load(config)?),
            #[cfg(feature = "rbac")]
            Self::Rbac => Box::new(Rbac::load(config)?),
            #[allow(unreachable_patterns, reason = "nothing is left where every part is there")]
            _ => return Err(ConfigError::at("", "the module was built without it")),
        })
    }
}

#[cfg(all(test, feature = "input-validation", feature = "jwt-auth", feature = "rate-limit", feature = "rbac"))]
mod tests {
    use super::*;

    #[test]
    fn parts_are_called_as_their_plugins() {
        let names = [JwtAuth::NAME, InputValidation::NAME, RateLimit::NAME, Rbac::NAME];
        assert_eq!(Part::ALL.map(Part::name), names);
    }
}
