//! input-validation: the first rule that is for a request judges it; those that are only tried out and stand before it are asked too.

use input_validation::{InputValidation, InputValidationConfig, RuleConfig};
use portcullis_config::{ConfigError, load};
use portcullis_filter::{Filter as _, metric_segment};
use portcullis_http::RuleIndex;

use super::{Choice, Effect, Rule, Rules, is_for_all};

pub(super) fn rules(config: &[u8]) -> Result<Rules, ConfigError> {
    let loaded = load::<InputValidationConfig>(config, InputValidation::NAME)?;
    let (common, rules) = (loaded.common, loaded.plugin.rules);
    let instance = common.instance.to_string();
    Ok(Rules {
        // Its codes say what is wrong with a request, whichever rule found it.
        reasons: "",
        mode: common.mode,
        may_not_match: !rules.iter().any(|rule| !rule.shadow && is_for_all(&rule.matches)),
        rules: rules.iter().map(|rule| self::rule(rule, &instance)).collect(),
        on_ambiguous: common.path.on_ambiguous,
        choice: Choice::First,
        index: RuleIndex::new(rules.into_iter().map(|rule| rule.matches)),
        instance,
    })
}

fn rule(rule: &RuleConfig, instance: &str) -> Rule {
    let held = || format!("portcullis.rules.{instance}.{}.shadow", metric_segment(&rule.name));
    let effect = if rule.shadow { Effect::Shadow { held: held(), allows: false } } else { Effect::Decides };
    Rule { name: rule.name.clone(), by_match: false, effect }
}
