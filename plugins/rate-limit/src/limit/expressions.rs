//! The expressions of a limit.

use portcullis_attributes::{IdentitySources, compile};
use portcullis_config::ConfigError;
use portcullis_policy::{Attribute, Expression, Phase, Scope, Type};

use crate::charge::Charge;
use crate::cluster::Descriptor;
use crate::config::{ChargeConfig, LimitConfig};
use crate::key::Key;
use crate::limit::Context;

/// The only one that is evaluated when the response has come.
const RESPONSE: &str = "charge.response";

/// Whatever of a limit is evaluated for a request.
#[derive(Debug)]
pub(crate) struct Expressions {
    pub(crate) condition: Option<Expression>,
    pub(crate) key: Option<Key>,
    pub(crate) descriptor: Option<Descriptor>,
    pub(crate) request: Charge,
    pub(crate) response: Option<Charge>,
}

impl Expressions {
    pub(crate) fn new(config: &LimitConfig, context: Context<'_>) -> Result<Self, ConfigError> {
        let params = config.matches.capture_names();
        let scope = Scope {
            phase: Phase::Body,
            params: Some(&params),
            raw_path: config.raw_path,
            body_max: context.body_max,
            ..Scope::condition()
        };
        let condition = config.condition.as_deref().map(|source| compile("condition", source, &scope)).transpose();
        let keys = ConfigError::both(key(config, &scope), descriptor(config, &scope));
        let charges = charges(&config.charge, &scope).map_err(|error| error.within("charge"));
        let (condition, ((key, descriptor), (request, response))) =
            ConfigError::both(condition, ConfigError::both(keys, charges))?;
        let expressions = Self { condition, key, descriptor, request, response };
        expressions.check(context.identity)?;
        Ok(expressions)
    }

    /// Whether any of them reads it.
    pub(crate) fn read(&self, attribute: Attribute) -> bool {
        self.attributes().any(|(_, read)| read == attribute)
    }

    /// What would be an error at every request is one now.
    fn check(&self, identity: &IdentitySources) -> Result<(), ConfigError> {
        let knowable = |(field, attribute)| match attribute {
            Attribute::Roles | Attribute::Permissions => Err(ConfigError::at(field, "nobody has roles here: ask rbac")),
            Attribute::Body if field == RESPONSE => Err(ConfigError::at(field, "no body is kept until the response comes")),
            attribute => identity.check(attribute).map_err(|wrong| ConfigError::at(field, wrong)),
        };
        ConfigError::gather(self.attributes().map(knowable)).map(|_: Vec<()>| ())
    }

    /// What is read, each with the field that reads it.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&'static str, Attribute)> {
        let condition = self.condition.iter().flat_map(Expression::attributes).map(|attribute| ("condition", *attribute));
        let key = self.key.iter().flat_map(Key::attributes).map(|attribute| ("key", attribute));
        let descriptor = self.descriptor.iter().flat_map(Descriptor::attributes).map(|attribute| ("descriptor", attribute));
        let request = self.request.attributes().iter().map(|attribute| ("charge.request", *attribute));
        let response = self.response.iter().flat_map(Charge::attributes).map(|attribute| (RESPONSE, *attribute));
        condition.chain(key).chain(descriptor).chain(request).chain(response)
    }
}

fn key(config: &LimitConfig, scope: &Scope<'_>) -> Result<Option<Key>, ConfigError> {
    let scope = Scope { result: Type::String, ..scope.clone() };
    let Some(sources) = &config.key else { return Ok(None) };
    let parts = sources.iter().enumerate().map(|(number, source)| compile(&format!("key[{number}]"), source, &scope));
    Ok(Some(Key::new(ConfigError::gather(parts)?, config.on_missing_key)))
}

fn descriptor(config: &LimitConfig, scope: &Scope<'_>) -> Result<Option<Descriptor>, ConfigError> {
    let scope = Scope { result: Type::String, ..scope.clone() };
    let Some(entries) = &config.descriptor else { return Ok(None) };
    let entries = entries.iter().enumerate().map(|(number, entry)| {
        let value = compile(&format!("descriptor[{number}].value"), &entry.value, &scope)?;
        Ok((entry.key.clone(), value))
    });
    Ok(Some(Descriptor::new(ConfigError::gather(entries)?, config.on_missing_key)))
}

fn charges(config: &ChargeConfig, scope: &Scope<'_>) -> Result<(Charge, Option<Charge>), ConfigError> {
    let after = Scope { phase: Phase::Response, ..scope.clone() };
    let request = Charge::new("request", &config.request, scope);
    let response = config.response.as_deref().map(|source| Charge::new("response", source, &after)).transpose();
    ConfigError::both(request, response)
}
