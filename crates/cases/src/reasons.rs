//! Who decided about a request, and why: out of the records that it left and the counters that grew.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::runner::Observed;

/// What counters of decisions are called: `portcullis.decisions.<instance>.<outcome>.<reason>`.
const DECISIONS: &str = "portcullis.decisions.";

/// The filter state that names the policy which decided.
const POLICY: &str = "portcullis_policy";

/// A line for each decision: `rbac denied it: rbac_denied, rule "no-guests"`.
pub(crate) fn reasons(seen: &Observed, growth: &BTreeMap<String, i64>) -> Vec<String> {
    let recorded: Vec<Recorded> = seen.decisions.iter().map(Recorded::of).collect();
    let decisions = growth.keys().filter_map(|name| Recorded::counted(name));
    let unrecorded = decisions.filter(|decision| !recorded.iter().any(|known| known.is_same(decision)));
    let unrecorded = unrecorded.map(|decision| decision.line(policy(seen, decision.reason)));
    recorded.iter().map(|decision| decision.line(None)).chain(unrecorded).collect()
}

/// A decision, of which a counter knows less.
struct Recorded<'a> {
    plugin: &'a str,
    outcome: &'a str,
    reason: &'a str,
    rule: Option<&'a str>,
    detail: Option<&'a str>,
}

impl<'a> Recorded<'a> {
    fn of(record: &'a Value) -> Self {
        let text = |name: &str| record.get(name).and_then(Value::as_str);
        let required = |name: &str| text(name).unwrap_or_default();
        Self {
            plugin: required("plugin"),
            outcome: required("outcome"),
            reason: required("reason"),
            rule: text("rule"),
            detail: text("detail"),
        }
    }

    fn counted(metric: &'a str) -> Option<Self> {
        let mut parts = metric.strip_prefix(DECISIONS)?.rsplitn(3, '.');
        let (reason, outcome, plugin) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { plugin, outcome, reason, rule: None, detail: None })
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.plugin, self.outcome, self.reason) == (other.plugin, other.outcome, other.reason)
    }

    fn line(&self, policy: Option<String>) -> String {
        let Self { plugin, outcome, reason, rule, detail } = self;
        let verb = if *outcome == "shadow" { "would deny" } else { outcome };
        let rule = rule.map(str::to_owned).or(policy).map(|rule| format!(", rule \"{}\"", rule.escape_debug()));
        let detail = detail.map(|detail| format!(" ({})", detail.escape_debug()));
        format!("{plugin} {verb} it: {reason}{}{}", rule.unwrap_or_default(), detail.unwrap_or_default())
    }
}

/// The policy that let the request pass, which no record names.
fn policy(seen: &Observed, reason: &str) -> Option<String> {
    let name = seen.filter_state.get(POLICY)?.as_ref().filter(|_| reason.starts_with("rbac_"))?;
    Some(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn grew(names: &[&str]) -> BTreeMap<String, i64> {
        names.iter().map(|name| ((*name).to_owned(), 1)).collect()
    }

    #[test]
    fn a_refusal_is_told_by_its_record() {
        let record =
            json!({"plugin": "rbac", "outcome": "denied", "reason": "rbac_error", "rule": "a", "detail": "policy `a`: absent"});
        let seen = Observed { decisions: vec![record], ..Observed::default() };
        let lines = reasons(&seen, &grew(&["portcullis.decisions.rbac.denied.rbac_error", "portcullis.policies.rbac.a.denied"]));
        assert_eq!(lines, ["rbac denied it: rbac_error, rule \"a\" (policy `a`: absent)"]);
    }

    #[test]
    fn what_passes_leaves_no_record_and_is_told_by_counters() {
        let state = BTreeMap::from([(POLICY.to_owned(), Some(b"read-orders".to_vec()))]);
        let seen = Observed { filter_state: state, ..Observed::default() };
        let grew =
            grew(&["portcullis.decisions.jwt_auth.allowed.jwt_verified", "portcullis.decisions.rbac.allowed.rbac_allowed"]);
        let lines = reasons(&seen, &grew);
        assert_eq!(lines, ["jwt_auth allowed it: jwt_verified", "rbac allowed it: rbac_allowed, rule \"read-orders\""]);
    }
}
