//! Parameters by name: of paths, queries, headers, cookies and forms.

use std::collections::BTreeMap;

use portcullis_config::ConfigError;
use portcullis_validation::{Parameter, ParameterConfig};

use crate::config::Additional;

/// What parameters may be, compiled.
#[derive(Debug)]
pub(crate) struct Parameters {
    additional: Additional,
    named: BTreeMap<String, Parameter>,
}

impl Parameters {
    /// Compiles what the configuration says.
    pub(crate) fn compile(
        additional: Additional,
        named: impl IntoIterator<Item = (String, ParameterConfig)>,
    ) -> Result<Self, ConfigError> {
        let compile = |(name, config): (String, ParameterConfig)| match Parameter::compile(config) {
            Ok(parameter) => Ok((name, parameter)),
            Err(error) => Err(error.within_key(&name)),
        };
        let named = ConfigError::gather(named.into_iter().map(compile))?.into_iter().collect();
        Ok(Self { additional, named })
    }

    /// Whether `fields`, repeated ones too, are what they may be; in words that hold nothing of the client's.
    pub(crate) fn check<'f>(&self, fields: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> Result<(), String> {
        let mut values: BTreeMap<&str, Vec<&[u8]>> = BTreeMap::new();
        for (name, value) in fields {
            match self.named.get_key_value(name) {
                Some((name, _)) => values.entry(name).or_default().push(value),
                None if self.additional == Additional::Reject => return Err("one that the rule does not name".to_owned()),
                None => {}
            }
        }
        for (name, parameter) in &self.named {
            let values = values.remove(name.as_str()).unwrap_or_default();
            parameter.check(values).map_err(|problem| format!("`{name}`: {problem}"))?;
        }
        Ok(())
    }

    /// Each name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }
}
