//! Requirement trees: which tokens a request must carry, compiled and evaluated.

use std::collections::BTreeSet;
use std::rc::Rc;

use portcullis_config::{ConfigError, NonEmpty};

use crate::caller::Caller;
use crate::config::{MultipleTokens, ProviderAndAudiences, RequirementConfig};
use crate::jwks::SourceId;
use crate::provider::Provider;
use crate::reply::Refusal;

/// What a request must satisfy; a provider by its number.
#[derive(Debug)]
pub(crate) enum Requirement {
    /// Nothing: no token is looked for.
    None,
    /// A token of this provider.
    Provider(usize),
    /// One of these, tried in order.
    Any(Vec<Requirement>),
    /// All of these.
    All(Vec<Requirement>),
    /// No token, or a good one of any provider.
    AllowMissing,
    /// Anything.
    AllowMissingOrFailed,
}

/// Why a requirement is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unmet {
    /// The request is refused.
    Refused(Refusal),
    /// Nobody knows before these keys are there.
    NeedsKeys(SourceId),
}

/// Who calls, as far as it has to be known.
#[derive(Debug, Default)]
pub(crate) struct Granted {
    /// The verified callers, each with the place of its token; the first is the identity.
    pub(crate) callers: Vec<(usize, Rc<Caller>)>,
    /// Why a token that was optional does not count.
    pub(crate) optional_failure: Option<Refusal>,
}

/// Verifies the tokens of one request.
pub(crate) trait Verifier {
    /// The caller whom a token of this provider proves, and the place of that token.
    fn verify(&self, provider: usize) -> Result<(usize, Rc<Caller>), Unmet>;

    /// How many providers there are to choose from when a requirement names none.
    fn providers(&self) -> usize;
}

impl Requirement {
    /// Compiles what the configuration says. A provider with other audiences is one more at the end of `providers`.
    pub(crate) fn new(config: RequirementConfig, providers: &mut Vec<Provider>) -> Result<Self, ConfigError> {
        Ok(match config {
            RequirementConfig::None => Self::None,
            RequirementConfig::ProviderName(name) => {
                Self::Provider(number(&name, providers).map_err(|error| error.within("provider_name"))?)
            }
            RequirementConfig::ProviderAndAudiences(ProviderAndAudiences { provider_name, audiences }) => {
                let number = number(&provider_name, providers)
                    .map_err(|error| error.within("provider_name").within("provider_and_audiences"))?;
                let derived = providers.get(number).map(|provider| provider.for_audiences(audiences));
                providers.extend(derived);
                Self::Provider(providers.len() - 1)
            }
            RequirementConfig::RequiresAny(list) => Self::Any(each("requires_any", list, providers)?),
            RequirementConfig::RequiresAll(list) => Self::All(each("requires_all", list, providers)?),
            RequirementConfig::AllowMissing => Self::AllowMissing,
            RequirementConfig::AllowMissingOrFailed => Self::AllowMissingOrFailed,
        })
    }

    /// How many tokens a request may carry.
    pub(crate) fn tokens_max(&self, multiple: MultipleTokens) -> usize {
        match self {
            _ if multiple == MultipleTokens::AllValid => usize::MAX,
            Self::None | Self::Provider(_) | Self::AllowMissing | Self::AllowMissingOrFailed => 1,
            Self::Any(list) => list.iter().map(|one| one.tokens_max(multiple)).max().unwrap_or(1),
            Self::All(list) => list.iter().map(|one| one.tokens_max(multiple)).fold(0, usize::saturating_add).max(1),
        }
    }

    /// Whether the tokens that `verifier` sees meet the requirement.
    pub(crate) fn evaluate(&self, verifier: &impl Verifier) -> Result<Granted, Unmet> {
        match self {
            Self::None => Ok(Granted::default()),
            Self::Provider(number) => verifier.verify(*number).map(Granted::one),
            Self::Any(list) => any(list, verifier),
            Self::All(list) => all(list, verifier),
            Self::AllowMissing => any_provider(verifier).or_else(missing_is_fine),
            Self::AllowMissingOrFailed => any_provider(verifier).or_else(failed_is_fine),
        }
    }
}

impl Granted {
    fn one(caller: (usize, Rc<Caller>)) -> Self {
        Self { callers: vec![caller], optional_failure: None }
    }

    fn and(mut self, other: Self) -> Self {
        let known: BTreeSet<usize> = self.callers.iter().map(|(place, _)| *place).collect();
        self.callers.extend(other.callers.into_iter().filter(|(place, _)| !known.contains(place)));
        self.optional_failure = self.optional_failure.or(other.optional_failure);
        self
    }
}

/// Every one of them. What one of them refuses does not wait for the keys of another.
fn all(list: &[Requirement], verifier: &impl Verifier) -> Result<Granted, Unmet> {
    let (mut granted, mut waits) = (Granted::default(), None);
    for one in list {
        match one.evaluate(verifier) {
            Ok(more) => granted = granted.and(more),
            Err(Unmet::NeedsKeys(source)) => waits = waits.or(Some(source)),
            refused @ Err(Unmet::Refused(_)) => return refused,
        }
    }
    waits.map_or(Ok(granted), |source| Err(Unmet::NeedsKeys(source)))
}

/// A token of any configured provider.
pub(crate) fn any_provider(verifier: &impl Verifier) -> Result<Granted, Unmet> {
    first_met((0..verifier.providers()).map(|number| verifier.verify(number).map(Granted::one)))
}

/// Alternatives that name a provider come first; what they say of the request decides whether a missing token will do.
fn any(list: &[Requirement], verifier: &impl Verifier) -> Result<Granted, Unmet> {
    let named = list.iter().filter(|one| !one.is_optional());
    let met = first_met(named.map(|one| one.evaluate(verifier)));
    if list.iter().any(|one| matches!(one, Requirement::AllowMissingOrFailed)) {
        return met.or_else(failed_is_fine);
    }
    if list.iter().any(|one| matches!(one, Requirement::AllowMissing)) {
        return met.or_else(missing_is_fine);
    }
    met
}

impl Requirement {
    pub(crate) fn is_optional(&self) -> bool {
        matches!(self, Self::AllowMissing | Self::AllowMissingOrFailed)
    }
}

/// The first that is met; else the keys that one of them waits for; else the refusal that says most.
fn first_met(alternatives: impl Iterator<Item = Result<Granted, Unmet>>) -> Result<Granted, Unmet> {
    let mut worst = Unmet::Refused(Refusal::Missing);
    for alternative in alternatives {
        match alternative {
            Ok(granted) => return Ok(granted),
            Err(unmet) => worst = worst.worse(unmet),
        }
    }
    Err(worst)
}

impl Unmet {
    /// Of two reasons, the one that says more.
    pub(crate) fn worse(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Refused(refusal) => refusal.rank(),
            Self::NeedsKeys(_) => u8::MAX,
        }
    }
}

fn missing_is_fine(unmet: Unmet) -> Result<Granted, Unmet> {
    if unmet == Unmet::Refused(Refusal::Missing) { Ok(Granted::default()) } else { Err(unmet) }
}

fn failed_is_fine(unmet: Unmet) -> Result<Granted, Unmet> {
    match unmet {
        Unmet::Refused(Refusal::Missing) => Ok(Granted::default()),
        Unmet::Refused(refusal) => Ok(Granted { callers: Vec::new(), optional_failure: Some(refusal) }),
        Unmet::NeedsKeys(_) => Err(unmet),
    }
}

fn each(field: &str, list: NonEmpty<RequirementConfig>, providers: &mut Vec<Provider>) -> Result<Vec<Requirement>, ConfigError> {
    let compile = |(index, config)| Requirement::new(config, providers).map_err(|error| error.within_index(index).within(field));
    list.into_vec().into_iter().enumerate().map(compile).collect()
}

fn number(name: &str, providers: &[Provider]) -> Result<usize, ConfigError> {
    providers.iter().position(|provider| provider.name == name).ok_or_else(|| {
        let known = providers.iter().map(|provider| provider.name.as_str());
        let hint = portcullis_config::nearest(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        ConfigError::at("", format!("no provider is called `{name}`{hint}"))
    })
}
