//! The configuration, checked and compiled: what every stream shares.

use std::collections::BTreeMap;

use portcullis_config::{Common, ConfigError, Loaded};
use portcullis_filter::{Environment, Recorder, RecorderOptions};
use portcullis_http::{Match, RuleIndex};

use crate::config::{JwtAuthConfig, ProviderConfig, RequirementConfig, RuleConfig};
use crate::identity_headers::IdentityHeaders;
use crate::provider::Provider;
use crate::token::Locations;

/// Everything that a request needs to be judged.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) common: Common,
    pub(crate) providers: Vec<Provider>,
    pub(crate) locations: Locations,
    pub(crate) rules: Vec<Rule>,
    pub(crate) index: RuleIndex,
    pub(crate) on_no_match: Requirement,
    pub(crate) identity_headers: IdentityHeaders,
    pub(crate) recorder: Recorder,
}

/// A rule without its match, which is in the index.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) requirement: Requirement,
}

/// What a request must satisfy; a provider by its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Requirement {
    /// Nothing.
    None,
    /// A token of this provider.
    Provider(usize),
    /// A token of any provider.
    AnyProvider,
}

impl Settings {
    pub(crate) fn new(loaded: Loaded<JwtAuthConfig>, environment: &(impl Environment + ?Sized)) -> Result<Self, ConfigError> {
        let Loaded { common, plugin } = loaded;
        let providers = providers(plugin.providers, environment)?;
        let (rules, matches) = rules(plugin.rules, &providers)?;
        let on_no_match = match plugin.on_no_match {
            Some(requirement) => Requirement::new(requirement, &providers).map_err(|error| error.within("on_no_match"))?,
            None => Requirement::AnyProvider,
        };
        Ok(Self {
            locations: Locations::new(providers.iter().flat_map(|provider| &provider.from_headers)),
            identity_headers: IdentityHeaders::new(providers.iter().flat_map(Provider::identity_headers)),
            index: RuleIndex::new(matches),
            recorder: recorder(&common),
            common,
            providers,
            rules,
            on_no_match,
        })
    }
}

impl Requirement {
    fn new(config: RequirementConfig, providers: &[Provider]) -> Result<Self, ConfigError> {
        match config {
            RequirementConfig::None => Ok(Self::None),
            RequirementConfig::ProviderName(name) => provider_index(&name, providers).map(Self::Provider),
        }
    }
}

fn provider_index(name: &str, providers: &[Provider]) -> Result<usize, ConfigError> {
    providers.iter().position(|provider| provider.name == name).ok_or_else(|| {
        let known = providers.iter().map(|provider| provider.name.as_str());
        let hint = portcullis_config::nearest(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        ConfigError::at("provider_name", format!("no provider is called `{name}`{hint}"))
    })
}

fn providers(
    configured: BTreeMap<String, ProviderConfig>,
    environment: &(impl Environment + ?Sized),
) -> Result<Vec<Provider>, ConfigError> {
    if configured.is_empty() {
        return Err(ConfigError::at("providers", "expected at least one provider"));
    }
    let provider = |(name, config): (String, ProviderConfig)| {
        let key = name.clone();
        Provider::new(name, config, environment).map_err(|error| error.within_key(&key).within("providers"))
    };
    configured.into_iter().map(provider).collect()
}

fn rules(configured: Vec<RuleConfig>, providers: &[Provider]) -> Result<(Vec<Rule>, Vec<Match>), ConfigError> {
    let rule = |(index, config): (usize, RuleConfig)| {
        let requirement = Requirement::new(config.requires, providers)
            .map_err(|error| error.within("requires").within_index(index).within("rules"))?;
        Ok((Rule { name: config.name, requirement }, config.matches))
    };
    configured.into_iter().enumerate().map(rule).collect()
}

fn recorder(common: &Common) -> Recorder {
    Recorder::new(RecorderOptions {
        instance: common.instance.to_string(),
        allowed: common.decisions.allowed,
        max_per_second: common.decisions.max_per_second,
    })
}
