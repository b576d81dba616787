//! What rbac tells, for people.

use portcullis_config::Mode;
use rbac::{Action, ExplainedCaller, Explanation, OnNoMatch, PolicyAnswer, PolicyExplanation};

use super::outline::{Mark, Node};
use super::text::{passes, recorded, rules, unjudged};
use super::{condition, fit};

/// The caller, then the policies in the order in which they count, then the decision.
pub(super) fn outline(told: &Explanation, all: bool) -> Vec<Node> {
    let mut nodes: Vec<Node> = told.caller.iter().map(caller).collect();
    let mut ordered: Vec<&PolicyExplanation> = told.policies.iter().collect();
    ordered.sort_by_key(|policy| (policy.shadow, rank(policy.action)));
    nodes.extend(rules(ordered, all, |it| &it.fit, |it| it.answer == PolicyAnswer::NotForTheRequest, policy));
    nodes.push(decision(told));
    nodes
}

/// DENY counts first; what only records comes last.
const fn rank(action: Action) -> u8 {
    match action {
        Action::Deny => 0,
        Action::Allow => 1,
        Action::Log => 2,
    }
}

fn caller(caller: &ExplainedCaller) -> Node {
    let listed = |name: &str, words: &Option<Vec<String>>| {
        let words = words.as_ref()?;
        Some(Node::plain(format!("{name}: {}", if words.is_empty() { "none".to_owned() } else { words.join(", ") })))
    };
    let scopes = caller.token.as_ref().and_then(|token| listed("scopes", &token.scopes));
    let unreadable = caller.unreadable.iter().map(|why| Node::new(Mark::Failed, why.clone()));
    let roles = [listed("roles", &caller.roles), listed("permissions", &caller.permissions)];
    let unknown = (caller.roles_from.is_some() && caller.roles.is_none())
        .then(|| Node::new(Mark::Failed, "nobody can tell the roles: whoever asks for one gets an error"));
    Node::plain(who(caller))
        .with(scopes.into_iter().chain(unreadable))
        .with(caller.roles_from.iter().map(|trace| condition::named("roles_from: ", trace)))
        .with(roles.into_iter().flatten().chain(unknown))
}

fn who(caller: &ExplainedCaller) -> String {
    let token = caller.token.as_ref().map(|token| {
        let subject = token.subject.as_ref().map_or_else(|| "without a subject".to_owned(), |subject| format!("{subject:?}"));
        let from = [("of", &token.provider), ("from", &token.issuer)];
        let from = from.into_iter().filter_map(|(word, name)| Some(format!(" {word} {}", name.as_ref()?)));
        format!("{subject} by a token{}", from.collect::<String>())
    });
    let peer = caller.peer.as_ref().map(|peer| format!("{peer} by certificate"));
    let known: Vec<String> = token.into_iter().chain(peer).collect();
    format!("caller: {}", if known.is_empty() { "nobody is known".to_owned() } else { known.join(", ") })
}

fn policy(policy: &PolicyExplanation) -> Node {
    let (mark, said) = said(policy);
    let shadow = if policy.shadow { "shadow " } else { "" };
    let node = Node::new(mark, format!("{shadow}{} {}: {said}", action(policy.action), policy.name));
    match policy.answer {
        PolicyAnswer::NotForTheRequest | PolicyAnswer::NotAsked => node,
        _ => node.with(fit::found(&policy.fit)).with(policy.condition.iter().map(condition::outline)),
    }
}

fn said(policy: &PolicyExplanation) -> (Mark, String) {
    let would = if policy.shadow { "would " } else { "" };
    let third = if policy.shadow { "" } else { "s" };
    let (mark, said) = match (policy.answer, policy.action) {
        (PolicyAnswer::NotForTheRequest, _) => return (Mark::Skipped, format!("not for {}", fit::missed(&policy.fit))),
        (PolicyAnswer::NotAsked, _) => (Mark::Skipped, "not asked, another has decided"),
        (PolicyAnswer::DoesNotHold, Action::Allow) => (Mark::No, "does not hold"),
        (PolicyAnswer::DoesNotHold, Action::Deny) => (Mark::Yes, "does not hold"),
        (PolicyAnswer::DoesNotHold, Action::Log) => (Mark::Skipped, "does not hold"),
        (PolicyAnswer::Holds, Action::Allow) => return (Mark::Yes, format!("{would}allow{third}")),
        (PolicyAnswer::Holds, Action::Deny) => {
            return (Mark::No, format!("{would}{}", if policy.shadow { "deny" } else { "denies" }));
        }
        (PolicyAnswer::Holds, Action::Log) => (Mark::Yes, "has it recorded"),
        (PolicyAnswer::Error, Action::Deny) => {
            return (Mark::Failed, format!("cannot be told, which {would}{}", if policy.shadow { "deny" } else { "denies" }));
        }
        (PolicyAnswer::Error, Action::Allow) => (Mark::Failed, "cannot be told, which does not allow"),
        (PolicyAnswer::Error, Action::Log) => (Mark::Failed, "cannot be told"),
    };
    (mark, said.to_owned())
}

const fn action(action: Action) -> &'static str {
    match action {
        Action::Allow => "ALLOW",
        Action::Deny => "DENY",
        Action::Log => "LOG",
    }
}

fn decision(told: &Explanation) -> Node {
    let passes = passes(&told.decision.outcome);
    let why = match (&told.unjudged, told.policies.iter().find(|policy| policy.decides)) {
        (Some(unread), _) => unjudged(unread, !told.policies.is_empty()),
        (None, Some(policy)) if policy.answer == PolicyAnswer::Error => {
            format!("denied by {}, which cannot be told", policy.name)
        }
        (None, Some(policy)) if policy.action == Action::Deny => format!("denied by {}", policy.name),
        (None, Some(policy)) => format!("allowed by {}", policy.name),
        (None, None) => match told.on_no_match {
            OnNoMatch::Deny => "denied: no policy decides, and on_no_match is DENY".to_owned(),
            OnNoMatch::Allow => "allowed: no policy decides, and on_no_match is ALLOW".to_owned(),
        },
    };
    let shadow_mode = (told.mode == Mode::Shadow && told.decision.outcome == "shadow" && told.shadow.is_none())
        .then(|| Node::plain("it passes nevertheless: `mode` is shadow"));
    let shadow = told.shadow.as_ref().map(|shadow| {
        let would = if shadow.passes { "allowed" } else { "denied" };
        Node::plain(format!("if shadow policies counted: {would} by {}", shadow.rule.as_deref().unwrap_or("on_no_match")))
    });
    Node::new(Mark::of(passes), format!("{why} ({})", recorded(&told.decision))).with(shadow_mode.into_iter().chain(shadow))
}
