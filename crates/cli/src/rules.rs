//! The rules of a policy, whatever its plugin: which of them are for a request.

mod bundle;
mod input_validation;
mod jwt_auth;
mod rate_limit;
mod rbac;

use portcullis_config::{ConfigError, Mode, OnAmbiguous};
use portcullis_http::{Match, MatchRequest, RuleIndex};
use serde_json::Value as Json;

use crate::plugin::Plugin;

/// The rules of one configuration, in the configured order.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Names the plugin in metrics.
    pub(crate) instance: String,
    /// What the plugin's reasons begin with, where its rules have judged the request: `rbac_`.
    pub(crate) reasons: &'static str,
    pub(crate) mode: Mode,
    pub(crate) rules: Vec<Rule>,
    /// Whether some request finds no rule that decides.
    pub(crate) may_not_match: bool,
    on_ambiguous: OnAmbiguous,
    choice: Choice,
    index: RuleIndex,
}

/// A rule, as far as all plugins have it.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) name: String,
    /// Whether it does the same with every request that it is for.
    pub(crate) by_match: bool,
    pub(crate) effect: Effect,
}

/// What a rule does.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// Lets requests pass and refuses them.
    Decides,
    /// Would, if it were not tried out; the metric that grows where it holds.
    Shadow { held: String, allows: bool },
    /// Has decisions recorded; the metric that grows where it does.
    Logs { logged: String },
}

/// Which of the rules whose match selects a request are for it.
#[derive(Debug, Clone, Copy)]
enum Choice {
    All,
    /// The first; where there is none, what follows the rules.
    First,
}

impl Rules {
    /// The rules of `config`.
    ///
    /// # Errors
    /// When the plugin would refuse it.
    pub(crate) fn of(plugin: Plugin, config: &Json) -> Result<Self, ConfigError> {
        let config = config.to_string();
        match plugin {
            Plugin::Bundle => bundle::rules(config.as_bytes()),
            Plugin::InputValidation => input_validation::rules(config.as_bytes()),
            Plugin::JwtAuth => jwt_auth::rules(config.as_bytes()),
            Plugin::RateLimit => rate_limit::rules(config.as_bytes()),
            Plugin::Rbac => rbac::rules(config.as_bytes()),
        }
    }

    /// The numbers of the rules that are for the request; none where it cannot be judged.
    pub(crate) fn candidates(&self, method: &str, host: &str, path: &[u8]) -> Vec<usize> {
        let request = MatchRequest::parse(method.as_bytes(), Some(host.as_bytes()), Some(path), self.on_ambiguous);
        let Ok(request) = request else { return Vec::new() };
        match self.choice {
            Choice::All => self.index.matches(&request).map(|matched| matched.rule).collect(),
            Choice::First => vec![self.index.first(&request).map_or(self.index.len(), |matched| matched.rule)],
        }
    }
}

/// Whether `matches` leaves no request out.
fn is_for_all(matches: &Match) -> bool {
    *matches == Match::default()
}
