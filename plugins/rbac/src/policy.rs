//! One policy, compiled.

use std::collections::BTreeSet;

use portcullis_attributes::{IdentitySources, compile, unguarded, warnings};
use portcullis_config::{ConfigError, Finding, nearest};
use portcullis_gate::DenyResponse;
use portcullis_http::{Captures, Match};
use portcullis_policy::{Attribute, Expression, Facts, Outcome, Scope, Trace};

use crate::config::{Action, PolicyConfig};

/// The longest name of a policy, in bytes: it stands in metrics and in response code details.
const NAME_MAX: usize = 128;

/// A policy without its match, which is in the index.
#[derive(Debug)]
pub(crate) struct Policy {
    /// Its place in the configured order.
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) action: Action,
    pub(crate) shadow: bool,
    pub(crate) deny_response: Option<DenyResponse>,
    condition: Option<Condition>,
}

#[derive(Debug)]
struct Condition {
    expression: Expression,
    reads_params: bool,
}

/// What all policies are compiled with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Every permission that some role has.
    pub(crate) permissions: &'a BTreeSet<&'a str>,
    /// Whether callers can have roles at all.
    pub(crate) has_roles: bool,
    /// Who is believed to say who calls.
    pub(crate) identity: &'a IdentitySources,
}

impl Policy {
    /// Compiles what the configuration says.
    pub(crate) fn new(number: usize, config: PolicyConfig, context: Context<'_>) -> Result<(Self, Match), ConfigError> {
        let name = name(&config.name);
        let condition = config.condition.as_deref().map(|source| {
            let params = config.matches.capture_names();
            let scope = Scope { params: Some(&params), raw_path: config.raw_path, ..Scope::condition() };
            Condition::new(source, &scope, context)
        });
        let deny_response = match config.deny_response {
            Some(_) if config.action != Action::Deny => Err(ConfigError::at("deny_response", "only a DENY policy refuses")),
            response => response.map(DenyResponse::new).transpose().map_err(|error| error.within("deny_response")),
        };
        let (condition, deny_response) = ConfigError::both(condition.transpose(), deny_response)?;
        let ((), condition) = ConfigError::both(name, Ok(condition))?;
        let policy = Self { number, name: config.name, action: config.action, shadow: config.shadow, deny_response, condition };
        Ok((policy, config.matches))
    }

    /// What is suspicious about its condition; of a DENY also what may be absent, for that denies.
    pub(crate) fn warnings(&self) -> Vec<Finding> {
        let Some(Condition { expression, .. }) = &self.condition else { return Vec::new() };
        let mut found = warnings("condition", expression);
        if self.action == Action::Deny {
            found.extend(unguarded("condition", expression));
        }
        found
    }

    /// What each part of its condition comes to; `None` where it has none.
    pub(crate) fn trace(&self, facts: &Facts<'_>, captures: &Captures<'_>) -> Option<Trace> {
        let params: Vec<(&str, &str)> = captures.iter().collect();
        self.condition.as_ref().map(|condition| condition.expression.trace(facts, &params))
    }

    /// Whether its condition names the request's method.
    pub(crate) fn reads(&self, attribute: Attribute) -> bool {
        self.condition.as_ref().is_some_and(|condition| condition.expression.attributes().contains(&attribute))
    }

    /// Whether what it is for holds. `captures` are asked for only if the condition reads them.
    pub(crate) fn holds<'a>(&self, facts: &Facts<'_>, captures: impl FnOnce() -> Captures<'a>) -> Outcome {
        let Some(condition) = &self.condition else { return Outcome::True };
        let params: Vec<(&str, &str)> = if condition.reads_params { captures().iter().collect() } else { Vec::new() };
        condition.expression.holds(facts, &params)
    }
}

impl Condition {
    fn new(source: &str, scope: &Scope<'_>, context: Context<'_>) -> Result<Self, ConfigError> {
        let expression = compile("condition", source, scope)?;
        let known = expression.attributes().iter().try_for_each(|attribute| check(*attribute, context));
        known.map_err(|wrong| ConfigError::at("condition", wrong))?;
        let granted = |(permission, place): (&str, _)| match context.permissions.contains(permission) {
            true => Ok(()),
            false => Err(nobody_has(permission, place, context)),
        };
        ConfigError::gather(expression.literal_arguments("hasPermission").into_iter().map(granted))?;
        Ok(Self { reads_params: expression.attributes().contains(&Attribute::Params), expression })
    }
}

/// What would be an error at every request is one now.
pub(crate) fn check(attribute: Attribute, context: Context<'_>) -> Result<(), &'static str> {
    match attribute {
        Attribute::Roles | Attribute::Permissions if !context.has_roles => Err("nobody has roles without `roles_from`"),
        attribute => context.identity.check(attribute),
    }
}

fn nobody_has(permission: &str, place: Option<portcullis_policy::Position>, context: Context<'_>) -> ConfigError {
    let near = nearest(permission, context.permissions.iter().copied());
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let place = place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    ConfigError::at(format_args!("condition{place}"), format!("no role has the permission `{permission}`{hint}"))
}

fn name(name: &str) -> Result<(), ConfigError> {
    let wrong = if name.is_empty() {
        "a policy without a name"
    } else if name.len() > NAME_MAX {
        "expected at most 128 bytes"
    } else if name.chars().any(char::is_control) {
        "expected a name without control characters"
    } else {
        return Ok(());
    };
    Err(ConfigError::at("name", wrong))
}
