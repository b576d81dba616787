//! What input-validation tells, for people.

use input_validation::{Explanation, OnNoMatch, RuleAnswer, RuleExplanation};
use portcullis_config::Mode;

use super::outline::{Mark, Node};
use super::text::{passes, recorded, rules, unjudged};
use super::{condition, fit};

/// The rules in their order, then the decision.
pub(super) fn outline(told: &Explanation, all: bool) -> Vec<Node> {
    let is_for_others = |rule: &RuleExplanation| rule.answer == RuleAnswer::NotForTheRequest;
    let mut nodes = rules(told.rules.iter().collect(), all, |it| &it.fit, is_for_others, rule);
    nodes.push(decision(told));
    nodes
}

fn rule(rule: &RuleExplanation) -> Node {
    let (mark, said) = match rule.answer {
        RuleAnswer::NotForTheRequest => (Mark::Skipped, format!("not for {}", fit::missed(&rule.fit))),
        RuleAnswer::NotAsked => (Mark::Skipped, "not asked, the decision had fallen".to_owned()),
        RuleAnswer::Passes if rule.shadow => (Mark::Yes, "would let it pass".to_owned()),
        RuleAnswer::Passes => (Mark::Yes, "the request is what it must be".to_owned()),
        RuleAnswer::Refuses if rule.shadow => (Mark::No, format!("would refuse it: {}", wrong(rule))),
        RuleAnswer::Refuses => (Mark::No, format!("refuses it: {}", wrong(rule))),
    };
    let shadow = if rule.shadow { "shadow " } else { "" };
    let node = Node::new(mark, format!("{shadow}rule {}: {said}", rule.name));
    match rule.answer {
        RuleAnswer::NotForTheRequest | RuleAnswer::NotAsked => node,
        RuleAnswer::Passes | RuleAnswer::Refuses => {
            let place = |place: &input_validation::ExplainedPlace| {
                let at = if place.pointer.is_empty() { "/" } else { &place.pointer };
                Node::new(Mark::No, format!("at {at}: `{}`", place.keyword))
            };
            node.with(fit::found(&rule.fit))
                .with(rule.places.iter().map(place))
                .with(rule.condition.iter().map(condition::outline))
        }
    }
}

fn wrong(rule: &RuleExplanation) -> String {
    let reason = rule.reason.as_deref().unwrap_or_default();
    rule.detail.as_ref().map_or_else(|| reason.to_owned(), |detail| format!("{reason}, {detail}"))
}

fn decision(told: &Explanation) -> Node {
    let decision = &told.decision;
    let passes = passes(&decision.outcome);
    let governing =
        told.rules.iter().find(|rule| !rule.shadow && [RuleAnswer::Passes, RuleAnswer::Refuses].contains(&rule.answer));
    let why = match (&told.unjudged, governing) {
        (Some(unread), _) => unjudged(unread, !told.rules.is_empty()),
        (None, Some(rule)) if rule.answer == RuleAnswer::Refuses => format!("refused by {}", rule.name),
        (None, Some(rule)) => format!("allowed by {}", rule.name),
        (None, None) if decision.reason != "no_rule" => {
            let detail = decision.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
            format!("refused by what holds for every request{detail}")
        }
        (None, None) => match told.on_no_match {
            OnNoMatch::Reject => "refused: no rule is for this request, and on_no_match is reject".to_owned(),
            OnNoMatch::Pass => "allowed: no rule is for this request, and on_no_match is pass".to_owned(),
        },
    };
    let shadow_mode = (told.mode == Mode::Shadow && decision.outcome == "shadow")
        .then(|| Node::plain("it passes nevertheless: `mode` is shadow"));
    Node::new(Mark::of(passes), format!("{why} ({})", recorded(decision))).with(shadow_mode)
}
