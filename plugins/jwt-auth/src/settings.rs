//! The configuration, checked and compiled: what every stream shares.

use std::cell::RefCell;
use std::collections::BTreeMap;

use portcullis_config::{Common, ConfigError, Loaded};
use portcullis_filter::{Environment, Recorder};
use portcullis_gate::{DenyResponse, recorder};
use portcullis_http::{Match, RuleIndex};

use crate::config::{JwtAuthConfig, MultipleTokens, Preflight, ProviderConfig, RuleConfig};
use crate::demands::Demands;
use crate::identity_headers::IdentityHeaders;
use crate::jwks::KeySources;
use crate::memory::Memory;
use crate::provider::{Context, Provider};
use crate::reply::Challenge;
use crate::requirement::Requirement;
use crate::token::Locations;

/// Everything that a request needs to be judged.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) common: Common,
    /// The configured ones first, then those that requirements have derived from them.
    pub(crate) providers: Vec<Provider>,
    /// How many are configured.
    pub(crate) configured: usize,
    /// For each provider, the numbers of the places where it looks.
    pub(crate) places: Vec<Vec<usize>>,
    pub(crate) locations: Locations,
    pub(crate) rules: Vec<Rule>,
    pub(crate) index: RuleIndex,
    pub(crate) on_no_match: Requirement,
    pub(crate) preflight: Preflight,
    pub(crate) multiple_tokens: MultipleTokens,
    pub(crate) challenge: Challenge,
    pub(crate) identity_headers: IdentityHeaders,
    /// What no trailer may be: an identity, or a token that nobody looked at.
    pub(crate) not_for_trailers: IdentityHeaders,
    pub(crate) memory: RefCell<Memory>,
    pub(crate) sources: KeySources,
    pub(crate) recorder: Recorder,
}

/// A rule without its match, which is in the index.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) requirement: Requirement,
    pub(crate) demands: Demands,
    pub(crate) deny_response: DenyResponse,
}

impl Settings {
    pub(crate) fn new(loaded: Loaded<JwtAuthConfig>, environment: &(impl Environment + ?Sized)) -> Result<Self, ConfigError> {
        let Loaded { common, plugin } = loaded;
        let mut sources = KeySources::default();
        let context = Context { instance: common.instance.as_str(), environment, sources: &mut sources };
        let mut providers = providers(plugin.providers, context)?;
        let configured = providers.len();
        let (rules, matches) = rules(plugin.rules, &mut providers)?;
        let on_no_match = match plugin.on_no_match {
            Some(requirement) => Requirement::new(requirement, &mut providers).map_err(|error| error.within("on_no_match"))?,
            None => Requirement::Any((0..configured).map(Requirement::Provider).collect()),
        };
        let locations = Locations::new(providers.iter().flat_map(|provider| &provider.places));
        let identity_headers: Vec<&str> = providers.iter().flat_map(Provider::identity_headers).collect();
        if let Some(name) = locations.header_names().find(|name| identity_headers.contains(name)) {
            return Err(ConfigError::at("providers", format!("`{name}` cannot carry both a token and a claim")));
        }
        Ok(Self {
            not_for_trailers: IdentityHeaders::new(identity_headers.iter().copied().chain(locations.header_names())),
            identity_headers: IdentityHeaders::new(identity_headers),
            places: providers.iter().map(|provider| locations.numbers(&provider.places)).collect(),
            challenge: Challenge::new(plugin.challenge, common.instance.as_str())?,
            memory: RefCell::new(Memory::new(plugin.token_cache.max_entries)?),
            recorder: recorder(&common),
            sources,
            index: RuleIndex::new(matches).looking_at_hosts(providers.iter().any(|provider| provider.terms.read_host())),
            preflight: plugin.preflight,
            multiple_tokens: plugin.multiple_tokens,
            locations,
            configured,
            common,
            providers,
            rules,
            on_no_match,
        })
    }
}

fn providers(
    configured: BTreeMap<String, ProviderConfig>,
    mut context: Context<'_, impl Environment + ?Sized>,
) -> Result<Vec<Provider>, ConfigError> {
    if configured.is_empty() {
        return Err(ConfigError::at("providers", "expected at least one provider"));
    }
    let provider = |(name, config): (String, ProviderConfig)| {
        let key = name.clone();
        Provider::new(name, config, &mut context).map_err(|error| error.within_key(&key).within("providers"))
    };
    configured.into_iter().map(provider).collect()
}

fn rules(configured: Vec<RuleConfig>, providers: &mut Vec<Provider>) -> Result<(Vec<Rule>, Vec<Match>), ConfigError> {
    let compile = |(index, mut config): (usize, RuleConfig)| {
        let matches = std::mem::take(&mut config.matches);
        let rule = Rule::new(config, providers).map_err(|error| error.within_index(index).within("rules"))?;
        Ok((rule, matches))
    };
    configured.into_iter().enumerate().map(compile).collect()
}

impl Rule {
    fn new(config: RuleConfig, providers: &mut Vec<Provider>) -> Result<Self, ConfigError> {
        let requirement = Requirement::new(config.requires, providers).map_err(|error| error.within("requires"))?;
        let demands = Demands::new(config.scopes, config.step_up);
        if matches!(requirement, Requirement::None) && !demands.is_empty() {
            return Err(ConfigError::at("requires", "`none` looks for no token, so there is none to have scopes or a step-up"));
        }
        let deny_response = DenyResponse::new(config.deny_response.unwrap_or_default());
        Ok(Self {
            name: config.name,
            requirement,
            demands,
            deny_response: deny_response.map_err(|error| error.within("deny_response"))?,
        })
    }
}
