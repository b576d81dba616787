//! The configuration, checked and compiled: what every stream shares.

use std::collections::BTreeMap;

use portcullis_attributes::{IdentitySources, compile};
use portcullis_config::{Common, ConfigError, Loaded};
use portcullis_filter::Recorder;
use portcullis_gate::{DenyResponse, DenyResponseConfig, recorder};
use portcullis_http::{Match, RuleIndex};
use portcullis_policy::{Attribute, Expression, Scope, Type};

use crate::config::{OnNoMatch, Override, PolicyConfig, RbacConfig};
use crate::counters::Counters;
use crate::policy::{Context, Policy, knowable};
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
    /// Whether a second method in the request's headers refuses it.
    pub(crate) one_method: bool,
    /// Whether a second path there does.
    pub(crate) one_path: bool,
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
        let context = Context {
            permissions: &roles.all_permissions(),
            has_roles: plugin.roles_from.is_some(),
            knows_tokens: identity.know_tokens(),
            knows_peers: identity.know_peers(),
        };
        let roles_from = plugin.roles_from.as_deref().map(|source| roles_from(source, context)).transpose();
        let policies = policies(plugin.policies, context);
        let deny_response = deny_response(plugin.deny_response);
        let (roles_from, (policies, matches), deny_response) = all(roles_from, policies, deny_response)?;
        let reads = |attribute: Attribute| {
            let roles_from = roles_from.as_ref().is_some_and(|expression| expression.attributes().contains(&attribute));
            roles_from || policies.iter().any(|policy| policy.reads(attribute))
        };
        let looks_at_methods = matches.iter().any(|rule| rule.methods.is_some()) || reads(Attribute::RequestMethod);
        let looks_at_paths = matches.iter().any(|rule| rule.paths.is_some()) || PATHS.into_iter().any(reads);
        let looks_at_hosts = reads(Attribute::RequestHost);
        Ok(Self {
            one_method: looks_at_methods && plugin.method_override == Override::Refuse,
            one_path: looks_at_paths && plugin.path_override == Override::Refuse,
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
    let knowable = expression.attributes().iter().try_for_each(|attribute| knowable(*attribute, context));
    knowable.map_err(|error| ConfigError::at("roles_from", error.findings().first().map_or("", |finding| &finding.message)))?;
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

/// All three, or everything that is wrong with any.
fn all<A, B, C>(
    a: Result<A, ConfigError>,
    b: Result<B, ConfigError>,
    c: Result<C, ConfigError>,
) -> Result<(A, B, C), ConfigError> {
    match (a, b, c) {
        (Ok(a), Ok(b), Ok(c)) => Ok((a, b, c)),
        (a, b, c) => {
            let errors = [a.err(), b.err(), c.err()].into_iter().flatten();
            Err(errors.reduce(ConfigError::and).unwrap_or_else(|| ConfigError::at("", "not a configuration")))
        }
    }
}
