//! jwt-auth: the first rule whose match selects a request is for it, else `on_no_match`.

use jwt_auth::{JwtAuth, JwtAuthConfig, RequirementConfig};
use portcullis_config::{ConfigError, load};
use portcullis_filter::Filter as _;
use portcullis_http::RuleIndex;

use super::{Choice, Effect, Rule, Rules, is_for_all};

pub(super) fn rules(config: &[u8]) -> Result<Rules, ConfigError> {
    let loaded = load::<JwtAuthConfig>(config, JwtAuth::NAME)?;
    let (common, plugin) = (loaded.common, loaded.plugin);
    let may_not_match = !plugin.rules.iter().any(|rule| is_for_all(&rule.matches));
    let rules = plugin.rules.iter().map(|rule| self::rule(&rule.name, Some(&rule.requires)));
    let on_no_match = (may_not_match || plugin.on_no_match.is_some()).then(|| rule("on_no_match", plugin.on_no_match.as_ref()));
    Ok(Rules {
        instance: common.instance.to_string(),
        reasons: "jwt_",
        mode: common.mode,
        may_not_match,
        rules: rules.chain(on_no_match).collect(),
        on_ambiguous: common.path.on_ambiguous,
        choice: Choice::First,
        index: RuleIndex::new(plugin.rules.into_iter().map(|rule| rule.matches)),
    })
}

fn rule(name: &str, requires: Option<&RequirementConfig>) -> Rule {
    let by_match = matches!(requires, Some(RequirementConfig::None));
    Rule { name: name.to_owned(), by_match, effect: Effect::Decides }
}
