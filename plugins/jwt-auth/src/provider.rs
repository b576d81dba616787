//! A provider, checked and ready: its keys parsed, its terms compiled.

use portcullis_config::{ConfigError, EnvVar, NonEmpty};
use portcullis_filter::Environment;
use portcullis_jose::{Algorithm, Algorithms, KeySet, SymmetricKeys, TokenRules};

use crate::claim_headers::ClaimHeader;
use crate::config::{ClaimToHeaderConfig, FromHeaderConfig, LocalJwksConfig, ProviderConfig};
use crate::token::TokenHeader;

/// One issuer of tokens.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) rules: TokenRules,
    pub(crate) keys: KeySet,
    pub(crate) from_headers: Vec<TokenHeader>,
    pub(crate) forward: bool,
    pub(crate) claim_headers: Vec<ClaimHeader>,
}

impl Provider {
    /// Checks what the configuration says; `environment` resolves its references.
    pub(crate) fn new(
        name: String,
        config: ProviderConfig,
        environment: &(impl Environment + ?Sized),
    ) -> Result<Self, ConfigError> {
        let algorithms = algorithms(config.algorithms)?;
        let symmetric = if algorithms.any_symmetric() { SymmetricKeys::Accept } else { SymmetricKeys::Refuse };
        Ok(Self {
            keys: key_set(&config.local_jwks, symmetric, environment)?,
            from_headers: token_headers(config.from_headers),
            forward: config.forward,
            claim_headers: claim_headers(config.claim_to_headers)?,
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

fn token_headers(configured: Option<NonEmpty<FromHeaderConfig>>) -> Vec<TokenHeader> {
    let Some(configured) = configured else { return vec![TokenHeader::bearer()] };
    configured.into_vec().into_iter().map(TokenHeader::from).collect()
}

/// Headers that say how the message is framed and where it goes: a claim in one of them is an attack by configuration.
const NOT_FOR_CLAIMS: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn claim_headers(configured: Vec<ClaimToHeaderConfig>) -> Result<Vec<ClaimHeader>, ConfigError> {
    let check = |(index, config): (usize, ClaimToHeaderConfig)| {
        let name = config.header_name.as_str();
        if NOT_FOR_CLAIMS.contains(&name) {
            let path = format!("claim_to_headers[{index}].header_name");
            return Err(ConfigError::at(path, format!("`{name}` says how a message is framed or routed; take another header")));
        }
        Ok(ClaimHeader::from(config))
    };
    configured.into_iter().enumerate().map(check).collect()
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
