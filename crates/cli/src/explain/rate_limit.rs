//! What rate-limit tells, for people.

use portcullis_config::Mode;
use rate_limit::{Explanation, LimitAnswer, LimitExplanation};

use super::outline::{Mark, Node};
use super::text::{passes, recorded, rules, unjudged};
use super::{condition, fit};

/// The limits in their order, then the decision.
pub(super) fn outline(told: &Explanation, all: bool) -> Vec<Node> {
    let is_for_others = |limit: &LimitExplanation| limit.answer == LimitAnswer::NotForTheRequest;
    let mut nodes = rules(told.limits.iter().collect(), all, |it| &it.fit, is_for_others, limit);
    nodes.push(decision(told));
    nodes
}

fn limit(limit: &LimitExplanation) -> Node {
    let (cost, left) = (units(limit.cost.unwrap_or_default()), limit.remaining.map(|left| format!(", {} left", units(left))));
    let (left, wait) = (left.unwrap_or_default(), limit.wait.as_deref().unwrap_or_default());
    let (mark, said) = match limit.answer {
        LimitAnswer::NotForTheRequest => (Mark::Skipped, format!("not for {}", fit::missed(&limit.fit))),
        LimitAnswer::DoesNotApply => (Mark::Skipped, "does not apply".to_owned()),
        LimitAnswer::Fits => (Mark::Yes, format!("{cost} would fit, and nothing is charged")),
        LimitAnswer::Charged => (Mark::Yes, format!("{cost} charged{left}")),
        LimitAnswer::Waits => (Mark::Yes, format!("{cost} charged, waits for {wait}")),
        LimitAnswer::Refuses => (Mark::No, format!("refuses it: {}", wrong(limit, &cost, &left))),
        LimitAnswer::WouldRefuse => (Mark::No, format!("would refuse it: {}", wrong(limit, &cost, &left))),
    };
    let shadow = if limit.shadow { "shadow " } else { "" };
    let node = Node::new(mark, format!("{shadow}limit {}: {said}", limit.name));
    if limit.answer == LimitAnswer::NotForTheRequest {
        return node;
    }
    let key = limit.key.as_ref().map(Node::plain);
    node.with(fit::found(&limit.fit)).with(limit.condition.iter().map(condition::outline)).with(key)
}

fn wrong(limit: &LimitExplanation, cost: &str, left: &str) -> String {
    let reason = limit.reason.as_deref().unwrap_or_default();
    let again = limit.wait.as_ref().map(|wait| format!(", again in {wait}")).unwrap_or_default();
    match limit.cost {
        Some(_) => format!("{reason}, costs {cost}{left}{again}"),
        None => reason.to_owned(),
    }
}

fn units(units: u64) -> String {
    format!("{units} unit{}", if units == 1 { "" } else { "s" })
}

fn decision(told: &Explanation) -> Node {
    let decision = &told.decision;
    let why = match (&told.unjudged, &decision.rule) {
        (Some(unread), _) => unjudged(unread, false),
        (None, Some(rule)) if passes(&decision.outcome) => format!("allowed, though {rule} would refuse it"),
        (None, Some(rule)) => format!("refused by {rule}"),
        (None, None) if decision.reason == "rate_limit_none" => "allowed: no limit is for this request".to_owned(),
        (None, None) => "allowed: it fits".to_owned(),
    };
    // Of a refusal it has the key, which stands there already.
    let detail = decision.detail.as_ref().filter(|detail| !detail.starts_with("key ")).map(|detail| Node::plain(detail.clone()));
    let shadow_mode = (told.mode == Mode::Shadow && decision.outcome == "shadow")
        .then(|| Node::plain("it passes nevertheless: `mode` is shadow"));
    Node::new(Mark::of(passes(&decision.outcome)), format!("{why} ({})", recorded(decision))).with(detail).with(shadow_mode)
}
