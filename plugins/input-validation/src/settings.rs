//! The configuration, checked and compiled: what every stream shares.

use std::collections::BTreeMap;

use portcullis_attributes::IdentitySources;
use portcullis_config::{Common, ConfigError, Loaded, Mode};
use portcullis_filter::{HeaderBlock, Recorder};
use portcullis_gate::{DenyResponse, Once, Override, Unfit, recorder};
use portcullis_http::{Match, RuleIndex};
use portcullis_policy::Attribute;

use crate::config::{InputValidationConfig, OnNoMatch, RuleConfig, SignaturesConfig};
use crate::counters::Counters;
use crate::head_limits::HeadLimits;
use crate::response::ResponseRule;
use crate::rule::Rule;
use crate::signatures::SignatureRule;
use crate::violation::{Code, Violation};

/// Everything that a request needs to be judged.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) common: Common,
    pub(crate) stop_iteration: bool,
    pub(crate) on_no_match: OnNoMatch,
    pub(crate) verbose: bool,
    pub(crate) head_limits: HeadLimits,
    /// What its headers may not name a second time.
    once: Once,
    /// For a request that no rule is for.
    pub(crate) signatures: SignatureRule,
    /// What becomes of answers of which a rule says nothing.
    pub(crate) response: Option<ResponseRule>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) index: RuleIndex,
    /// Who is believed to say who calls, where a condition asks.
    pub(crate) identity: IdentitySources,
    pub(crate) deny_response: DenyResponse,
    pub(crate) recorder: Recorder,
    pub(crate) counters: Counters,
}

impl Settings {
    pub(crate) fn new(loaded: Loaded<InputValidationConfig>) -> Result<Self, ConfigError> {
        let Loaded { common, plugin } = loaded;
        let deny_response = DenyResponse::new(plugin.deny_response.unwrap_or_default());
        let deny_response = deny_response.map_err(|error| error.within("deny_response"));
        let signatures = SignatureRule::compile(&plugin.defaults.signatures, &SignaturesConfig::default());
        let signatures = signatures.map_err(|error| error.within("signatures").within("defaults"))?;
        let response = plugin.defaults.response.map(ResponseRule::compile).transpose();
        let response = response.map_err(|error| error.within("response").within("defaults"));
        let (rules, matches) = match (rules(plugin.rules, &plugin.defaults.signatures), &deny_response) {
            (Err(rules), Err(response)) => return Err(rules.and(response.clone())),
            (rules, _) => rules?,
        };
        let looks_at_hosts = rules.iter().any(|rule| rule.reads(Attribute::RequestHost));
        Ok(Self {
            counters: Counters::new(common.instance.as_str(), &rules)?,
            recorder: recorder(&common),
            index: RuleIndex::new(matches).looking_at_hosts(looks_at_hosts),
            common,
            stop_iteration: plugin.stop_iteration,
            on_no_match: plugin.on_no_match,
            verbose: plugin.verbose,
            signatures,
            response: response?,
            head_limits: plugin.defaults.headers.into(),
            once: Once { method: plugin.method_override == Override::Refuse, path: plugin.path_override == Override::Refuse },
            rules,
            identity: IdentitySources::default(),
            deny_response: deny_response?,
        })
    }

    /// Whether a request with these headers is one that rules can judge, within the limits that hold for all.
    pub(crate) fn check_head(&self, headers: &HeaderBlock) -> Result<(), Violation> {
        self.head_limits.check(headers)?;
        self.once.check(headers).map_err(|unfit| match unfit {
            Unfit::MethodOverride => Violation::bare(Code::MethodOverride),
            _ => Violation::bare(Code::PathOverride),
        })
    }

    pub(crate) fn enforces(&self) -> bool {
        self.common.mode == Mode::Enforce
    }
}

fn rules(configured: Vec<RuleConfig>, defaults: &SignaturesConfig) -> Result<(Vec<Rule>, Vec<Match>), ConfigError> {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let compile = |(number, config): (usize, RuleConfig)| {
        let within = |error: ConfigError| error.within_index(number).within("rules");
        if let Some(earlier) = names.insert(config.name.clone(), number) {
            return Err(within(ConfigError::at("name", format!("`rules[{earlier}]` has the same name"))));
        }
        Rule::compile(number, config, defaults).map_err(within)
    };
    let compiled = ConfigError::gather(configured.into_iter().enumerate().map(compile))?;
    Ok(compiled.into_iter().unzip())
}
