//! Looks on while a request is judged, and keeps what it sees.

use std::collections::BTreeSet;
use std::rc::Rc;

use portcullis_explain::{Credentials, Decision, Request};
use portcullis_filter::{HeaderBlock, Reason};
use portcullis_gate::Unfit;
use portcullis_http::{Match, MatchRequest};
use portcullis_policy::{Facts, Params};

use super::{Explanation, Place, RuleAnswer, RuleExplanation};
use crate::record::Decided;
use crate::rule::Rule;
use crate::settings::Settings;
use crate::violation::Violation;
use crate::witness::Witness;

/// What was seen so far.
#[derive(Debug)]
pub(super) struct Explainer {
    settings: Rc<Settings>,
    pub(super) told: Explanation,
    /// What nobody may be told.
    pub(super) credentials: Credentials,
    /// Whether all is told.
    pub(super) over: bool,
}

impl Explainer {
    pub(super) fn new(settings: &Rc<Settings>) -> Self {
        let told = Explanation {
            instance: settings.common.instance.to_string(),
            mode: settings.common.mode,
            on_no_match: settings.on_no_match,
            ..Explanation::default()
        };
        Self { settings: Rc::clone(settings), told, credentials: Credentials::default(), over: false }
    }
}

impl Witness for Explainer {
    fn began(&mut self, request: &MatchRequest<'_>) {
        let settings = &self.settings;
        let candidates: BTreeSet<usize> = settings.index.matches(request).map(|matched| matched.rule).collect();
        let unasked = |(rule, matches): (&Rule, &Match)| RuleExplanation {
            name: rule.name.clone(),
            shadow: rule.shadow,
            fit: matches.fit(request),
            answer: match candidates.contains(&rule.number) {
                true => RuleAnswer::NotAsked,
                false => RuleAnswer::NotForTheRequest,
            },
            reason: None,
            detail: None,
            places: Vec::new(),
            condition: None,
        };
        self.told.rules = settings.rules.iter().zip(settings.index.rules()).map(unasked).collect();
        self.told.request = Request::of(request);
    }

    fn asked(&mut self, rule: &Rule, facts: &Facts<'_>, params: Params<'_>) {
        if let Some(told) = self.told.rules.get_mut(rule.number) {
            told.condition = rule.condition.as_ref().map(|condition| condition.trace(facts, params));
        }
    }

    fn tried(&mut self, rule: &Rule, violation: Option<&Violation>) {
        let Some(told) = self.told.rules.get_mut(rule.number) else { return };
        let Some(violation) = violation else {
            told.answer = RuleAnswer::Passes;
            return;
        };
        told.answer = RuleAnswer::Refuses;
        told.reason = Some(violation.code.reason().to_string());
        told.detail.clone_from(&violation.detail);
        let place = |place: &crate::violation::Place| Place { pointer: place.pointer.clone(), keyword: place.keyword.clone() };
        told.places = violation.places.iter().map(place).collect();
    }

    fn decided(&mut self, decided: &Decided<'_>, reason: Reason, detail: Option<&str>) {
        self.told.decision = Decision {
            outcome: decided.outcome.name().to_owned(),
            reason: reason.to_string(),
            rule: decided.rule.map(str::to_owned),
            detail: detail.map(str::to_owned),
        };
        self.over = true;
    }

    fn unfit(&mut self, headers: &HeaderBlock, unfit: Unfit) {
        self.told.request = Request::unread(headers);
        self.told.unjudged = Some(unfit.into());
    }
}
