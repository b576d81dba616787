//! Looks on while a request is judged, and keeps what it sees.

use std::collections::BTreeSet;

use portcullis_explain::{Decision, Request, Unjudged as Told};
use portcullis_filter::{HeaderBlock, Outcome};
use portcullis_http::{Match, MatchRequest, RuleMatch};
use portcullis_policy::{Facts, Outcome as Answer};

use super::caller::caller;
use super::{Explanation, PolicyAnswer, PolicyExplanation, Shadow};
use crate::policy::Policy;
use crate::record::{Decided, detail};
use crate::refusal::Unjudged;
use crate::settings::Settings;
use crate::witness::Witness;

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Explainer(pub(super) Explanation);

impl Witness for Explainer {
    fn began(&mut self, settings: &Settings, request: &MatchRequest<'_>, facts: &Facts<'_>) {
        let candidates: BTreeSet<usize> = settings.index.matches(request).map(|matched| matched.rule).collect();
        let policies = settings.policies.iter().zip(settings.index.rules());
        let unasked = |(policy, rule): (&Policy, &Match)| PolicyExplanation {
            name: policy.name.clone(),
            action: policy.action,
            shadow: policy.shadow,
            fit: rule.fit(request),
            answer: match candidates.contains(&policy.number) {
                true => PolicyAnswer::NotAsked,
                false => PolicyAnswer::NotForTheRequest,
            },
            decides: false,
            condition: None,
            failure: None,
        };
        self.0.policies = policies.map(unasked).collect();
        self.0.request = Request::of(request);
        self.0.caller = Some(caller(settings, facts));
    }

    fn asked(&mut self, policy: &Policy, matched: &RuleMatch<'_>, facts: &Facts<'_>, answer: &Answer) {
        let Some(told) = self.0.policies.get_mut(policy.number) else { return };
        told.condition = policy.trace(facts, &matched.captures());
        told.answer = match answer {
            Answer::True => PolicyAnswer::Holds,
            Answer::False => PolicyAnswer::DoesNotHold,
            Answer::Error(failure) => {
                told.failure = Some(failure.to_string());
                PolicyAnswer::Error
            }
        };
    }

    fn decided(&mut self, settings: &Settings, decided: &Decided<'_>) {
        let judgement = decided.judgement;
        if let Some(policy) = judgement.policy.and_then(|policy| self.0.policies.get_mut(policy.number)) {
            policy.decides = true;
        }
        self.0.shadow = judgement.shadow.map(|would| Shadow { rule: would.policy().map(str::to_owned), passes: would.passes() });
        let (outcome, verdict) = decided.recorded();
        self.concluded(settings, outcome, verdict.reason().0);
        self.0.decision.rule = verdict.policy().map(str::to_owned);
        self.0.decision.detail = detail(judgement);
    }

    fn refused(&mut self, settings: &Settings, headers: &HeaderBlock, unjudged: Unjudged, outcome: Outcome) {
        self.concluded(settings, outcome, unjudged.reason().0);
        self.0.request = Request::unread(headers);
        self.0.decision.detail = unjudged.detail().map(str::to_owned);
        self.0.unjudged = Some(told(unjudged));
    }
}

impl Explainer {
    fn concluded(&mut self, settings: &Settings, outcome: Outcome, reason: &str) {
        self.0.instance = settings.common.instance.to_string();
        self.0.mode = settings.common.mode;
        self.0.on_no_match = settings.on_no_match;
        self.0.decision = Decision { outcome: outcome.name().to_owned(), reason: reason.to_owned(), ..Decision::default() };
    }
}

fn told(unjudged: Unjudged) -> Told {
    let header = |what: &str| format!("a header names a second {what}, which some servers take for the one in the request");
    let why = match unjudged {
        Unjudged::Unfit(unfit) => return unfit.into(),
        Unjudged::MethodOverride => header("method"),
        Unjudged::PathOverride => header("path"),
    };
    Told { reason: unjudged.reason().to_string(), why }
}
