//! What jwt-auth tells, for people.

use jwt_auth::{
    Attempt, Demand, Explanation, RequirementAnswer, RequirementExplanation, RequirementKind, RuleAnswer, RuleExplanation,
    TokenExplanation,
};
use portcullis_config::Mode;
use portcullis_filter::Timestamp;
use serde_json::{Map, Value as Json};

use super::outline::{Mark, Node};
use super::text::{passes, recorded, rules, time, unjudged};
use super::{condition, fit};

/// The tokens, the rules, what the one that applies requires, and the decision.
pub(super) fn outline(told: &Explanation, all: bool) -> Vec<Node> {
    let mut nodes: Vec<Node> = told.tokens.iter().map(token).collect();
    if told.unjudged.is_none() && told.tokens.is_empty() {
        nodes.push(Node::plain("no token in the request"));
    }
    nodes.extend(rules(told.rules.iter().collect(), all, |it| &it.fit, |it| it.answer == RuleAnswer::NotForTheRequest, rule));
    nodes.extend(told.preflight.then(|| Node::new(Mark::Yes, "a CORS preflight, which passes without a token")));
    nodes.extend(told.requirement.as_ref().map(|required| Node::plain(requires(told)).with([requirement(required)])));
    let others = told
        .others
        .iter()
        .map(|attempt| attempted(attempt, &format!("the token that nothing requires, for {}", attempt.provider)));
    nodes.extend(others.chain(told.demands.iter().map(demand)));
    nodes.push(decision(told));
    nodes
}

fn requires(told: &Explanation) -> String {
    match told.rules.iter().find(|rule| rule.answer == RuleAnswer::Applies) {
        Some(rule) => format!("what the rule {} requires", rule.name),
        None => "no rule is for this request: what on_no_match requires".to_owned(),
    }
}

fn token(token: &TokenExplanation) -> Node {
    let node =
        Node::plain(format!("token in {}", token.place)).with(token.malformed.iter().map(|why| Node::new(Mark::No, why.clone())));
    let said = [("header", &token.header), ("says", &token.claims)];
    node.with(
        said.into_iter()
            .filter(|(_, members)| !members.is_empty())
            .map(|(what, members)| Node::plain(format!("{what} {}", listed(members)))),
    )
}

fn listed(members: &Map<String, Json>) -> String {
    let value = |name: &str, value: &Json| match (name, value.as_u64()) {
        ("exp" | "nbf" | "iat", Some(seconds)) => time(&Timestamp::from_secs(seconds).to_string()),
        _ => value.to_string(),
    };
    members.iter().map(|(name, member)| format!("{name} {}", value(name, member))).collect::<Vec<_>>().join(", ")
}

fn rule(rule: &RuleExplanation) -> Node {
    let (mark, said) = match rule.answer {
        RuleAnswer::NotForTheRequest => (Mark::Skipped, format!("not for {}", fit::missed(&rule.fit))),
        RuleAnswer::NotAsked => (Mark::Skipped, "not asked, one before it applies".to_owned()),
        RuleAnswer::Applies => (Mark::Yes, "applies".to_owned()),
    };
    let found = fit::found(&rule.fit).filter(|_| rule.answer == RuleAnswer::Applies);
    Node::new(mark, format!("rule {}: {said}", rule.name)).with(found)
}

fn requirement(required: &RequirementExplanation) -> Node {
    let name = match (required.kind, &required.provider) {
        (RequirementKind::Provider, Some(provider)) => format!("a token of {provider}"),
        (RequirementKind::Provider, None) => "a token".to_owned(),
        (RequirementKind::None, _) => "nothing".to_owned(),
        (RequirementKind::RequiresAny, _) => "any of".to_owned(),
        (RequirementKind::RequiresAll, _) => "all of".to_owned(),
        (RequirementKind::AllowMissing, _) => "no token, or a good one".to_owned(),
        (RequirementKind::AllowMissingOrFailed, _) => "no token, or any".to_owned(),
    };
    // One token of one provider: what is wrong with it says all.
    let node = match required.attempts.as_slice() {
        [only] => attempted(only, &name),
        // Its parts say why.
        [] if !required.parts.is_empty() => Node::new(answered(&name, &required.answer).mark(), name),
        several => answered(&name, &required.answer).with(several.iter().map(|attempt| attempted(attempt, &attempt.place))),
    };
    node.with(required.parts.iter().map(requirement))
}

fn attempted(attempt: &Attempt, name: &str) -> Node {
    answered(name, &attempt.answer).with(attempt.condition.iter().map(condition::outline))
}

fn answered(name: &str, answer: &RequirementAnswer) -> Node {
    match answer {
        RequirementAnswer::Met => Node::new(Mark::Yes, name),
        RequirementAnswer::Refused { reason, why } => Node::new(Mark::No, format!("{name}: {why} ({reason})")),
        RequirementAnswer::NeedsKeys => Node::new(Mark::Failed, format!("{name}: the provider's keys are not there")),
        RequirementAnswer::NotAsked => Node::new(Mark::Skipped, format!("{name}: not asked")),
    }
}

fn demand(demand: &Demand) -> Node {
    let found =
        demand.found.as_ref().map_or_else(|| "the token does not say".to_owned(), |found| format!("the token says {found}"));
    Node::new(Mark::of(demand.met), format!("{}: {found}", demand.demand))
}

fn decision(told: &Explanation) -> Node {
    let passes = passes(&told.decision.outcome);
    let who = told.caller.as_ref().map(|caller| {
        let subject =
            caller.subject.as_ref().map_or_else(|| "a caller without a subject".to_owned(), |subject| format!("{subject:?}"));
        format!("{subject} by a token of {}", caller.provider)
    });
    let why = match (&told.unjudged, &told.why, who) {
        (Some(unread), ..) => unjudged(unread, !told.rules.is_empty()),
        (None, Some(why), _) => format!("refused: {why}"),
        (None, None, Some(who)) => format!("verified: {who}"),
        (None, None, None) => "passes without a caller".to_owned(),
    };
    let detail = told
        .decision
        .detail
        .iter()
        .filter(|_| told.why.is_none())
        .map(|detail| Node::plain(format!("a token does not count: {detail}")));
    let shadow = (told.mode == Mode::Shadow && told.decision.outcome == "shadow")
        .then(|| Node::plain("it passes nevertheless: `mode` is shadow"));
    Node::new(Mark::of(passes), format!("{why} ({})", recorded(&told.decision))).with(detail.chain(shadow))
}
