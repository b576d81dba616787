//! Looks on while a request is judged, and keeps what it sees.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use portcullis_explain::{Decision, Request};
use portcullis_filter::{HeaderBlock, Outcome};
use portcullis_http::{Match, MatchRequest};
use portcullis_jose::VerifiedClaims;
use portcullis_policy::Trace;

use super::requirement::{Looked, Seen, answer};
use super::token::{place, tokens};
use super::{Attempt, Caller as Told, Explanation, RuleAnswer, RuleExplanation, demand, why};
use crate::caller::Caller;
use crate::config::Preflight;
use crate::demands::Demands;
use crate::expressions::Bearer;
use crate::filter::{Judged, is_preflight};
use crate::reply::Refusal;
use crate::requirement::{Requirement, Unmet};
use crate::settings::{Rule, Settings};
use crate::terms::Terms;
use crate::token::Found;
use crate::witness::Witness;

/// What was seen so far.
#[derive(Debug)]
pub(super) struct Explainer<'s> {
    settings: &'s Settings,
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    explanation: Explanation,
    is_preflight: bool,
    looked: Vec<Looked>,
    /// The tokens that the provider has looked at, whom nobody has asked yet what came of it.
    attempts: Vec<Attempt>,
    /// The condition that was asked of the token at hand.
    condition: Option<Trace>,
}

impl<'s> Explainer<'s> {
    pub(super) fn new(settings: &'s Settings, headers: &HeaderBlock) -> Self {
        let told = Explanation {
            instance: settings.common.instance.to_string(),
            mode: settings.common.mode,
            request: Request::unread(headers),
            tokens: tokens(settings, headers),
            ..Explanation::default()
        };
        let state = State { explanation: told, is_preflight: is_preflight(headers), ..State::default() };
        Self { settings, state: RefCell::new(state) }
    }

    pub(super) fn finish(self) -> Explanation {
        self.state.into_inner().explanation
    }
}

impl Witness for Explainer<'_> {
    fn began(&self, request: &MatchRequest<'_>, rule: Option<&Rule>) {
        let settings = self.settings;
        let state = &mut *self.state.borrow_mut();
        let rules = settings.rules.iter().zip(settings.index.rules());
        let explained = |(one, matches): (&Rule, &Match)| {
            let fit = matches.fit(request);
            let answer = match (rule, fit.holds()) {
                (Some(rule), _) if std::ptr::eq(rule, one) => RuleAnswer::Applies,
                (_, true) => RuleAnswer::NotAsked,
                (_, false) => RuleAnswer::NotForTheRequest,
            };
            RuleExplanation { name: one.name.clone(), fit, answer }
        };
        state.explanation.rules = rules.map(explained).collect();
        state.explanation.request = Request::of(request);
        state.explanation.preflight = state.is_preflight && settings.preflight == Preflight::Pass;
    }

    fn terms(&self, terms: &Terms, claims: &VerifiedClaims, bearer: &Bearer<'_>) {
        self.state.borrow_mut().condition = terms.trace(claims, bearer);
    }

    fn verified(&self, number: usize, found: &Found<'_>, verified: &Result<Rc<Caller>, Unmet>, now: Duration) {
        let state = &mut *self.state.borrow_mut();
        let Some(provider) = self.settings.providers.get(number) else { return };
        let place = place(self.settings, found.location);
        let token = state.explanation.tokens.iter().find(|token| token.place == place);
        let why = |refusal: Refusal| token.map_or_else(|| why::of(refusal), |token| why::of_token(refusal, provider, token, now));
        let answer = answer(verified.as_ref().err().copied(), why);
        state.attempts.push(Attempt { provider: provider.name.clone(), place, answer, condition: state.condition.take() });
    }

    fn looked(&self, provider: usize, looked: &Result<(usize, Rc<Caller>), Unmet>) {
        let state = &mut *self.state.borrow_mut();
        let answer = match looked {
            Ok((place, caller)) => Ok((*place, Rc::clone(caller))),
            Err(unmet) => Err(*unmet),
        };
        state.looked.push(Looked { provider, answer, attempts: std::mem::take(&mut state.attempts) });
    }

    fn required(&self, requirement: &Requirement) {
        let state = &mut *self.state.borrow_mut();
        let looked = std::mem::take(&mut state.looked);
        state.explanation.requirement = Some(Seen { settings: self.settings, looked: &looked }.explain(requirement));
    }

    fn demanded(&self, demands: &Demands, claims: &VerifiedClaims, (now, skew): (Duration, Duration)) {
        self.state.borrow_mut().explanation.demands = demand::demands(demands, claims, now, skew);
    }

    fn concluded(&self, judged: &Judged<'_>, outcome: Outcome) {
        let state = &mut *self.state.borrow_mut();
        let (reason, detail) = judged.reason();
        let told = &mut state.explanation;
        told.others = std::mem::take(&mut state.looked).into_iter().flat_map(|looked| looked.attempts).collect();
        told.caller = judged.caller().map(|caller| told_of(caller, self.settings));
        told.why = judged.verdict.as_ref().err().map(|refusal| why::of(*refusal));
        told.decision = Decision {
            outcome: outcome.name().to_owned(),
            reason: reason.to_string(),
            rule: judged.rule.map(|rule| rule.name.clone()),
            detail: detail.map(str::to_owned),
        };
        if let Some(Refusal::Unfit(unfit)) = judged.verdict.as_ref().err() {
            told.unjudged = Some((*unfit).into());
        }
    }
}

fn told_of(caller: &Caller, settings: &Settings) -> Told {
    Told {
        provider: settings.providers.get(caller.provider).map(|provider| provider.name.clone()).unwrap_or_default(),
        issuer: caller.claims.issuer().map(str::to_owned),
        subject: caller.claims.subject().map(str::to_owned),
    }
}
