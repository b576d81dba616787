//! Looks on while a request is judged, and keeps what it sees.

use std::collections::BTreeSet;

use portcullis_explain::{Decision, Request};
use portcullis_filter::{HeaderBlock, Outcome};
use portcullis_gate::Unfit;
use portcullis_http::{Match, MatchRequest, RuleMatch};
use portcullis_policy::{Facts, Outcome as Answer};

use super::caller::caller;
use super::{Explanation, PolicyAnswer, PolicyExplanation, Shadow};
use crate::policy::Policy;
use crate::record::{Decided, detail};
use crate::settings::Settings;
use crate::witness::Witness;

/// What was seen so far.
#[derive(Debug)]
pub(super) struct Explainer<'s> {
    settings: &'s Settings,
    pub(super) told: Explanation,
}

impl<'s> Explainer<'s> {
    pub(super) fn new(settings: &'s Settings) -> Self {
        let told = Explanation {
            instance: settings.common.instance.to_string(),
            mode: settings.common.mode,
            on_no_match: settings.on_no_match,
            ..Explanation::default()
        };
        Self { settings, told }
    }
}

impl Witness for Explainer<'_> {
    fn began(&mut self, request: &MatchRequest<'_>, facts: &Facts<'_>) {
        let settings = self.settings;
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
        self.told.policies = policies.map(unasked).collect();
        self.told.request = Request::of(request);
        self.told.caller = Some(caller(settings, facts));
    }

    fn asked(&mut self, policy: &Policy, matched: &RuleMatch<'_>, facts: &Facts<'_>, answer: &Answer) {
        let Some(told) = self.told.policies.get_mut(policy.number) else { return };
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

    fn decided(&mut self, decided: &Decided<'_>) {
        let judgement = decided.judgement;
        if let Some(policy) = judgement.policy.and_then(|policy| self.told.policies.get_mut(policy.number)) {
            policy.decides = true;
        }
        self.told.shadow =
            judgement.shadow.map(|would| Shadow { rule: would.policy().map(str::to_owned), passes: would.passes() });
        let (outcome, verdict) = decided.recorded();
        self.told.decision = Decision {
            outcome: outcome.name().to_owned(),
            reason: verdict.reason().to_string(),
            rule: verdict.policy().map(str::to_owned),
            detail: detail(judgement),
        };
    }

    fn refused(&mut self, headers: &HeaderBlock, unfit: Unfit, outcome: Outcome) {
        self.told.request = Request::unread(headers);
        self.told.unjudged = Some(unfit.into());
        self.told.decision = Decision {
            outcome: outcome.name().to_owned(),
            reason: unfit.reason().to_string(),
            rule: None,
            detail: unfit.detail().map(str::to_owned),
        };
    }
}
