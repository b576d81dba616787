//! A provider, checked and ready: its keys parsed, its terms compiled.

use std::rc::Rc;

use portcullis_config::{ConfigError, EnvVar, NonEmpty};
use portcullis_filter::Environment;
use portcullis_jose::{Algorithm, Algorithms, KeySet, SymmetricKeys, TokenRules};

use crate::claim_headers::ClaimHeader;
use crate::config::{LocalJwksConfig, ProviderConfig};
use crate::terms::Terms;
use crate::token::Location;

/// One issuer of tokens.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) rules: TokenRules,
    pub(crate) terms: Rc<Terms>,
    pub(crate) keys: Rc<KeySet>,
    pub(crate) places: Vec<Location>,
    pub(crate) forward: bool,
    pub(crate) claim_headers: Rc<Vec<ClaimHeader>>,
}

impl Provider {
    /// Checks what the configuration says; `environment` resolves its references.
    pub(crate) fn new(
        name: String,
        mut config: ProviderConfig,
        environment: &(impl Environment + ?Sized),
    ) -> Result<Self, ConfigError> {
        let algorithms = algorithms(config.algorithms.take())?;
        let symmetric = if algorithms.any_symmetric() { SymmetricKeys::Accept } else { SymmetricKeys::Refuse };
        Ok(Self {
            keys: Rc::new(key_set(&config.local_jwks, symmetric, environment)?),
            places: Location::of(&config),
            forward: config.forward,
            claim_headers: Rc::new(ClaimHeader::of(&config)?),
            terms: Rc::new(Terms::of(&mut config)?),
            rules: TokenRules {
                issuer: config.issuer,
                audiences: config.audiences.map(NonEmpty::into_vec).unwrap_or_default(),
                algorithms,
                clock_skew: config.clock_skew.get(),
                require_expiration: config.require_expiration,
            },
            name,
        })
    }

    /// The same provider, for other audiences.
    pub(crate) fn for_audiences(&self, audiences: NonEmpty<String>) -> Self {
        let mut other = self.clone();
        other.rules.audiences = audiences.into_vec();
        other
    }

    /// The headers that only this plugin may write.
    pub(crate) fn identity_headers(&self) -> impl Iterator<Item = &str> {
        self.claim_headers.iter().map(|header| header.header.as_str())
    }

    /// Whether a token that says it is from `issuer` may be this provider's.
    pub(crate) fn may_have_issued(&self, issuer: Option<&str>) -> bool {
        self.rules.issuer.is_none() || self.rules.issuer.as_deref() == issuer
    }
}

fn algorithms(names: Option<NonEmpty<String>>) -> Result<Algorithms, ConfigError> {
    let Some(names) = names else { return Ok(Algorithms::ALL_ASYMMETRIC) };
    let parse = |(index, name): (usize, &String)| {
        name.parse::<Algorithm>().map_err(|error| ConfigError::at(format!("algorithms[{index}]"), error))
    };
    names.iter().enumerate().map(parse).collect()
}

fn key_set(
    config: &LocalJwksConfig,
    symmetric: SymmetricKeys,
    environment: &(impl Environment + ?Sized),
) -> Result<KeySet, ConfigError> {
    let parsed = match (&config.inline, &config.inline_string, &config.env) {
        (Some(keys), None, None) => KeySet::from_value(keys, symmetric),
        (None, Some(text), None) => KeySet::parse(text.as_bytes(), symmetric),
        (None, None, Some(name)) => {
            let text = environment.variable(name.as_str()).ok_or_else(|| unset(name))?;
            KeySet::parse(text.as_bytes(), symmetric)
        }
        _ => return Err(ConfigError::at("local_jwks", "expected exactly one of `inline`, `inline_string` and `env`")),
    };
    let parsed = parsed.map_err(|error| ConfigError::at("local_jwks", error))?;
    match parsed.skipped.first() {
        // What a person wrote into the configuration is meant: a key that cannot be used is a mistake, found now.
        Some((index, reason)) => Err(ConfigError::at("local_jwks", format!("key {index}: {reason}"))),
        None => Ok(parsed.keys),
    }
}

fn unset(name: &EnvVar) -> ConfigError {
    ConfigError::at("local_jwks.env", format!("the environment variable `{}` is not set", name.as_str()))
}
