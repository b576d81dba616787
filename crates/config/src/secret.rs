//! Secrets: the configuration names where one is, and never holds it.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{ConfigError, Scalar, impl_scalar};

/// A reference to a secret: `{ env: NAME }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// The environment variable of the VM that holds the secret.
    pub env: EnvVar,
}

impl Secret {
    /// The secret itself, from the environment that `lookup` reads.
    ///
    /// # Errors
    /// When the variable is unset or empty; the error does not repeat its name, for somebody may have put the secret there.
    pub fn resolve(&self, lookup: impl Fn(&str) -> Option<String>) -> Result<ResolvedSecret, ConfigError> {
        match lookup(self.env.as_str()) {
            Some(secret) if !secret.is_empty() => Ok(ResolvedSecret(secret)),
            Some(_) => Err(ConfigError::at("env", "this environment variable is empty")),
            None => Err(ConfigError::at("env", "this environment variable is not set in the proxy's VM")),
        }
    }
}

/// The name of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EnvVar(String);

impl EnvVar {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Scalar for EnvVar {
    const EXPECTED: &'static str = "the name of an environment variable";
    const PATTERN: &'static str = "^[A-Za-z_][A-Za-z0-9_]{0,254}$";
    const NAME: &'static str = "EnvVar";

    /// Unlike the other scalars it is not quoted when it is wrong: it may be the secret itself.
    fn parse(text: &str) -> Result<Self, String> {
        let name = text.len() <= 255
            && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if name { Ok(Self(text.to_owned())) } else { Err(format!("expected {}", Self::EXPECTED)) }
    }
}

impl_scalar!(EnvVar);

/// A secret, found. Neither printed nor compared.
#[derive(Clone)]
pub struct ResolvedSecret(String);

impl ResolvedSecret {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ResolvedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(name: &str) -> Secret {
        Secret { env: EnvVar::parse(name).unwrap() }
    }

    #[test]
    fn is_read_from_the_environment_and_never_printed() {
        let found = secret("HMAC_KEY").resolve(|name| (name == "HMAC_KEY").then(|| "s3cr3t".to_owned())).unwrap();
        assert_eq!(found.expose(), "s3cr3t");
        assert_eq!(format!("{found:?}"), "[redacted]");
    }

    #[test]
    fn an_unset_or_empty_variable_is_an_error() {
        let unset = secret("HMAC_KEY").resolve(|_| None).unwrap_err();
        assert_eq!(unset.to_string(), "env: this environment variable is not set in the proxy's VM");
        let empty = secret("HMAC_KEY").resolve(|_| Some(String::new())).unwrap_err();
        assert_eq!(empty.to_string(), "env: this environment variable is empty");
    }

    #[test]
    fn a_wrong_name_is_not_repeated() {
        for text in ["", "1A", "s3cr3t!", "A-B", "A B"] {
            assert_eq!(EnvVar::parse(text).unwrap_err(), "expected the name of an environment variable", "{text:?}");
        }
    }
}
