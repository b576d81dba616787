//! rbac: every policy that is for a request is asked.

use portcullis_config::{ConfigError, load};
use portcullis_filter::{Filter as _, metric_segment};
use portcullis_http::RuleIndex;
use rbac::{Action, PolicyConfig, Rbac, RbacConfig};

use super::{Choice, Effect, Rule, Rules, is_for_all};

pub(super) fn rules(config: &[u8]) -> Result<Rules, ConfigError> {
    let loaded = load::<RbacConfig>(config, Rbac::NAME)?;
    let (common, policies) = (loaded.common, loaded.plugin.policies);
    let instance = common.instance.to_string();
    Ok(Rules {
        reasons: "rbac_",
        mode: common.mode,
        may_not_match: !policies.iter().any(decides_all),
        rules: policies.iter().map(|policy| rule(policy, &instance)).collect(),
        on_ambiguous: common.path.on_ambiguous,
        choice: Choice::All,
        index: RuleIndex::new(policies.into_iter().map(|policy| policy.matches)),
        instance,
    })
}

fn decides_all(policy: &PolicyConfig) -> bool {
    policy.action != Action::Log && !policy.shadow && policy.condition.is_none() && is_for_all(&policy.matches)
}

fn rule(policy: &PolicyConfig, instance: &str) -> Rule {
    let metric = |effect: &str| format!("portcullis.policies.{instance}.{}.{effect}", metric_segment(&policy.name));
    let effect = match (policy.action, policy.shadow) {
        (Action::Log, true) => Effect::Logs { logged: metric("shadow") },
        (Action::Log, false) => Effect::Logs { logged: metric("logged") },
        (action, true) => Effect::Shadow { held: metric("shadow"), allows: action == Action::Allow },
        (Action::Allow | Action::Deny, false) => Effect::Decides,
    };
    Rule { name: policy.name.clone(), by_match: policy.condition.is_none(), effect }
}
