//! The plugins, and what they say of a configuration.

use std::collections::BTreeSet;

use bundle::Bundle;
use clap::ValueEnum;
use input_validation::{ExplainedInputValidation, InputValidation};
use jwt_auth::{ExplainedJwtAuth, JwtAuth};
use portcullis_config::nearest;
use portcullis_filter::{ConfigError, Filter, Setup};
use portcullis_host::{Options, Proxy, StartError};
use rate_limit::{ExplainedRateLimit, RateLimit};
use rbac::{ExplainedRbac, Rbac};
use serde_json::Value as Json;

/// A plugin, by the name of its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Plugin {
    /// All others as one
    Bundle,
    /// Decides what may come in
    InputValidation,
    /// Verifies JSON Web Tokens
    JwtAuth,
    /// Limits how often
    RateLimit,
    /// Decides who may do what
    Rbac,
}

impl Plugin {
    pub(crate) const ALL: [Self; 5] = [Self::Bundle, Self::InputValidation, Self::JwtAuth, Self::RateLimit, Self::Rbac];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::InputValidation => "input-validation",
            Self::JwtAuth => "jwt-auth",
            Self::RateLimit => "rate-limit",
            Self::Rbac => "rbac",
        }
    }

    /// The file of its module.
    pub(crate) fn module(self) -> String {
        let name = match self {
            Self::Bundle => Bundle::NAME,
            Self::InputValidation => InputValidation::NAME,
            Self::JwtAuth => JwtAuth::NAME,
            Self::RateLimit => RateLimit::NAME,
            Self::Rbac => Rbac::NAME,
        };
        format!("{name}.wasm")
    }

    /// The plugin called `name`.
    ///
    /// # Errors
    /// When there is none: which there are.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name);
        Self::ALL.into_iter().find(|plugin| plugin.name() == name).ok_or_else(|| match nearest(name, names) {
            Some(near) => format!("no such plugin; did you mean `{near}`?"),
            None => format!("no such plugin; expected one of {}", listed(names)),
        })
    }

    /// The plugin that alone has some of the fields of `config`.
    ///
    /// # Errors
    /// When it cannot be told.
    pub(crate) fn of(config: &Json) -> Result<Self, String> {
        let fields: BTreeSet<&str> = config.as_object().into_iter().flatten().map(|(field, _)| field.as_str()).collect();
        let schemas = Self::ALL.map(Self::schema);
        let owners = |field: &&str| {
            Self::ALL.into_iter().zip(&schemas).filter(|(_, schema)| has_field(schema, field)).map(|(it, _)| it).collect()
        };
        let owned = fields.iter().map(owners).filter_map(|owners: Vec<Self>| <[Self; 1]>::try_from(owners).ok());
        let mut owned: Vec<Self> = owned.flatten().collect();
        owned.dedup();
        match owned.as_slice() {
            [only] => Ok(*only),
            _ => Err(format!(
                "it cannot be told which plugin this is for; say it with `--plugin` ({})",
                listed(Self::ALL.map(Self::name))
            )),
        }
    }

    /// Whether it takes `config`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn configure(self, config: &[u8], setup: &dyn Setup) -> Result<(), ConfigError> {
        match self {
            Self::Bundle => Bundle::configure(config, setup).map(drop),
            Self::InputValidation => InputValidation::configure(config, setup).map(drop),
            Self::JwtAuth => JwtAuth::configure(config, setup).map(drop),
            Self::RateLimit => RateLimit::configure(config, setup).map(drop),
            Self::Rbac => Rbac::configure(config, setup).map(drop),
        }
    }

    /// A simulated proxy with the plugin in it, natively.
    ///
    /// # Errors
    /// When it refuses the configuration.
    pub(crate) fn proxy(self, config: &[u8], options: Options) -> Result<Proxy, StartError> {
        match self {
            Self::Bundle => Proxy::native::<Bundle>(config, options),
            Self::InputValidation => Proxy::native::<InputValidation>(config, options),
            Self::JwtAuth => Proxy::native::<JwtAuth>(config, options),
            Self::RateLimit => Proxy::native::<RateLimit>(config, options),
            Self::Rbac => Proxy::native::<Rbac>(config, options),
        }
    }

    /// The same proxy, whose log has an explanation each time that a request is judged; of a bundle it has none.
    ///
    /// # Errors
    /// When it refuses the configuration.
    pub(crate) fn explained(self, config: &[u8], options: Options) -> Result<Proxy, StartError> {
        match self {
            Self::Bundle => Proxy::native::<Bundle>(config, options),
            Self::InputValidation => Proxy::native::<ExplainedInputValidation>(config, options),
            Self::JwtAuth => Proxy::native::<ExplainedJwtAuth>(config, options),
            Self::RateLimit => Proxy::native::<ExplainedRateLimit>(config, options),
            Self::Rbac => Proxy::native::<ExplainedRbac>(config, options),
        }
    }

    /// What is suspicious in `config`, a line per finding and what is indented below it.
    pub(crate) fn warnings(self, config: &[u8]) -> Vec<String> {
        let findings = match self {
            Self::Bundle => bundle::warnings(config),
            Self::InputValidation | Self::JwtAuth | Self::RateLimit => Vec::new(),
            Self::Rbac => rbac::warnings(config),
        };
        findings.iter().map(ToString::to_string).collect()
    }

    fn schema(self) -> Json {
        match self {
            Self::Bundle => bundle::schema(),
            Self::InputValidation => input_validation::schema(),
            Self::JwtAuth => jwt_auth::schema(),
            Self::RateLimit => rate_limit::schema(),
            Self::Rbac => rbac::schema(),
        }
    }
}

fn has_field(schema: &Json, field: &str) -> bool {
    schema.get("properties").is_some_and(|properties| properties.get(field).is_some())
}

fn listed<const N: usize>(names: [&str; N]) -> String {
    names.map(|name| format!("`{name}`")).join(", ")
}
