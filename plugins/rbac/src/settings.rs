//! The configuration, checked and compiled: what every stream shares.

use std::collections::BTreeMap;

use portcullis_attributes::{IdentitySources, compile};
use portcullis_config::{Common, ConfigError, Loaded};
use portcullis_filter::Recorder;
use portcullis_gate::{DenyResponse, DenyResponseConfig, Once, Override, recorder};
use portcullis_http::{Match, RuleIndex};
use portcullis_policy::{Attribute, Expression, Scope, Type};

use crate::config::{OnNoMatch, PolicyConfig, RbacConfig};
use crate::counters::Counters;
use crate::policy::{Context, Policy, check};
use crate::roles::Roles;

/// Everything that a request needs to be judged.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) common: Common,
    pub(crate) identity: IdentitySources,
    pub(crate) roles_from: Option<Expression>,
    pub(crate) roles: Roles,
    pub(crate) policies: Vec<Policy>,
    pub(crate) index: RuleIndex,
    pub(crate) on_no_match: OnNoMatch,
    /// What its headers may not name a second time.
    pub(crate) once: Once,
    pub(crate) deny_response: DenyResponse,
    pub(crate) recorder: Recorder,
    pub(crate) counters: Counters,
}

/// What says where a request goes.
const PATHS: [Attribute; 3] = [Attribute::RequestCanonicalPath, Attribute::RequestPath, Attribute::RequestUrlPath];

impl Settings {
    pub(crate) fn new(loaded: Loaded<RbacConfig>) -> Result<Self, ConfigError> {
        let Loaded { common, plugin } = loaded;
        let identity = plugin.identity_from.map(IdentitySources::try_from).transpose()?.unwrap_or_default();
        let roles = Roles::new(plugin.roles)?;
        let context =
            Context { permissions: &roles.all_permissions(), has_roles: plugin.roles_from.is_some(), identity: &identity };
        let roles_from = plugin.roles_from.as_deref().map(|source| roles_from(source, context)).transpose();
        let policies = policies(plugin.policies, context);
        let deny_response = deny_response(plugin.deny_response);
        let (roles_from, ((policies, matches), deny_response)) =
            ConfigError::both(roles_from, ConfigError::both(policies, deny_response))?;
        let reads = |attribute: Attribute| {
            let roles_from = roles_from.as_ref().is_some_and(|expression| expression.attributes().contains(&attribute));
            roles_from || policies.iter().any(|policy| policy.reads(attribute))
        };
        let looks_at_methods = matches.iter().any(|rule| rule.methods.is_some()) || reads(Attribute::RequestMethod);
        let looks_at_paths = matches.iter().any(|rule| rule.paths.is_some()) || PATHS.into_iter().any(reads);
        let looks_at_hosts = reads(Attribute::RequestHost);
        Ok(Self {
            once: Once {
                method: looks_at_methods && plugin.method_override == Override::Refuse,
                path: looks_at_paths && plugin.path_override == Override::Refuse,
            },
            counters: Counters::new(common.instance.as_str(), &policies)?,
            recorder: recorder(&common),
            index: RuleIndex::new(matches).looking_at_hosts(looks_at_hosts),
            on_no_match: plugin.on_no_match,
            common,
            identity,
            roles_from,
            roles,
            policies,
            deny_response,
        })
    }
}

/// It may not ask for what it answers.
fn roles_from(source: &str, context: Context<'_>) -> Result<Expression, ConfigError> {
    let scope = Scope { result: Type::List(Box::new(Type::String)), ..Scope::condition() };
    let expression = compile("roles_from", source, &scope)?;
    let asks = |attribute: &Attribute| matches!(attribute, Attribute::Roles | Attribute::Permissions);
    if expression.attributes().iter().any(asks) {
        return Err(ConfigError::at("roles_from", "`hasRole` and `hasPermission` ask for what this says"));
    }
    let known = expression.attributes().iter().try_for_each(|attribute| check(*attribute, context));
    known.map_err(|wrong| ConfigError::at("roles_from", wrong))?;
    Ok(expression)
}

fn policies(configured: Vec<PolicyConfig>, context: Context<'_>) -> Result<(Vec<Policy>, Vec<Match>), ConfigError> {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let compile = |(number, config): (usize, PolicyConfig)| {
        let within = |error: ConfigError| error.within_index(number).within("policies");
        if let Some(earlier) = names.insert(config.name.clone(), number) {
            return Err(within(ConfigError::at("name", format!("`policies[{earlier}]` has the same name"))));
        }
        Policy::new(number, config, context).map_err(within)
    };
    let compiled = ConfigError::gather(configured.into_iter().enumerate().map(compile))?;
    Ok(compiled.into_iter().unzip())
}

fn deny_response(config: Option<DenyResponseConfig>) -> Result<DenyResponse, ConfigError> {
    DenyResponse::new(config.unwrap_or_default()).map_err(|error| error.within("deny_response"))
}
