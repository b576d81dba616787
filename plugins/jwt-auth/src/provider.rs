//! A provider, checked and ready: its keys parsed, its terms compiled.

use std::rc::Rc;

use portcullis_config::{ConfigError, NonEmpty};
use portcullis_filter::Environment;
use portcullis_jose::{Algorithm, Algorithms, KeySet, SymmetricKeys, TokenRules};

use crate::claim_headers::ClaimHeader;
use crate::config::{LocalJwksConfig, ProviderConfig};
use crate::jwks::{KeySources, RemoteKeys, SourceId};
use crate::terms::Terms;
use crate::token::Location;

/// One issuer of tokens.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) rules: TokenRules,
    pub(crate) terms: Rc<Terms>,
    pub(crate) keys: Keys,
    pub(crate) places: Vec<Location>,
    pub(crate) forward: bool,
    pub(crate) claim_headers: Rc<Vec<ClaimHeader>>,
}

/// Where a provider's keys come from.
#[derive(Debug, Clone)]
pub(crate) enum Keys {
    /// The configuration.
    Local(Rc<KeySet>),
    /// The issuer.
    Remote(SourceId),
}

/// What provider configurations refer to, and add to.
pub(crate) struct Context<'a, E: ?Sized> {
    pub(crate) instance: &'a str,
    pub(crate) environment: &'a E,
    pub(crate) sources: &'a mut KeySources,
}

impl Provider {
    /// Checks what the configuration says.
    pub(crate) fn new(
        name: String,
        mut config: ProviderConfig,
        context: &mut Context<'_, impl Environment + ?Sized>,
    ) -> Result<Self, ConfigError> {
        let algorithms = algorithms(config.algorithms.take())?;
        Ok(Self {
            keys: keys(&name, &mut config, algorithms, context)?,
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

    /// Whether a token that says it is from `issuer` may be this provider's, of all those in `providers`. One that names no issuer
    /// does not speak for those that others name.
    pub(crate) fn may_have_issued(&self, issuer: Option<&str>, providers: &[Self]) -> bool {
        match &self.rules.issuer {
            Some(own) => issuer == Some(own),
            None => issuer.is_none() || providers.iter().all(|other| other.rules.issuer.as_deref() != issuer),
        }
    }
}

fn algorithms(names: Option<NonEmpty<String>>) -> Result<Algorithms, ConfigError> {
    let Some(names) = names else { return Ok(Algorithms::ALL_ASYMMETRIC) };
    let parse = |(index, name): (usize, &String)| {
        name.parse::<Algorithm>().map_err(|error| ConfigError::at(format!("algorithms[{index}]"), error))
    };
    names.iter().enumerate().map(parse).collect()
}

fn keys(
    provider: &str,
    config: &mut ProviderConfig,
    algorithms: Algorithms,
    context: &mut Context<'_, impl Environment + ?Sized>,
) -> Result<Keys, ConfigError> {
    let remote = match (config.local_jwks.take(), config.remote_jwks.take(), config.discovery.take()) {
        (Some(local), None, None) => {
            let symmetric = if algorithms.any_symmetric() { SymmetricKeys::Accept } else { SymmetricKeys::Refuse };
            return Ok(Keys::Local(Rc::new(key_set(&local, symmetric, context.environment)?)));
        }
        (None, Some(remote), None) => RemoteKeys::at(remote, context.environment).map_err(|error| error.within("remote_jwks"))?,
        (None, None, Some(discovery)) => {
            let issuer = config.issuer.as_deref();
            RemoteKeys::discovered(discovery, issuer, context.environment).map_err(|error| error.within("discovery"))?
        }
        _ => return Err(ConfigError::at("", "expected exactly one of `local_jwks`, `remote_jwks` and `discovery`")),
    };
    if algorithms.any_symmetric() {
        return Err(ConfigError::at("algorithms", "HS256, HS384 and HS512 need `local_jwks`: no secret comes from a remote set"));
    }
    Ok(Keys::Remote(context.sources.add(context.instance, provider, remote)))
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
            let text = environment.variable(name.as_str()).ok_or_else(unset)?;
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

fn unset() -> ConfigError {
    ConfigError::at("local_jwks.env", "the environment variable is not set")
}
