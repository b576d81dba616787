//! rate-limit: every limit that is for a request is asked.

use portcullis_config::{ConfigError, load};
use portcullis_filter::{Filter as _, metric_segment};
use portcullis_http::RuleIndex;
use rate_limit::{LimitConfig, RateLimit, RateLimitConfig};

use super::{Choice, Effect, Rule, Rules};

pub(super) fn rules(config: &[u8]) -> Result<Rules, ConfigError> {
    let loaded = load::<RateLimitConfig>(config, RateLimit::NAME)?;
    let (common, limits) = (loaded.common, loaded.plugin.limits.into_vec());
    let instance = common.instance.to_string();
    Ok(Rules {
        reasons: "rate_limit",
        mode: common.mode,
        // What no limit is for passes, and there is no saying otherwise.
        may_not_match: false,
        rules: limits.iter().map(|limit| rule(limit, &instance)).collect(),
        on_ambiguous: common.path.on_ambiguous,
        choice: Choice::All,
        index: RuleIndex::new(limits.into_iter().map(|limit| limit.matches)),
        instance,
    })
}

fn rule(limit: &LimitConfig, instance: &str) -> Rule {
    let held = || format!("portcullis.limits.{instance}.{}.would_refuse", metric_segment(&limit.name));
    let effect = if limit.shadow { Effect::Shadow { held: held(), allows: false } } else { Effect::Decides };
    Rule { name: limit.name.clone(), by_match: false, effect }
}
