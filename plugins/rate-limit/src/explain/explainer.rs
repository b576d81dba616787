//! Looks on while requests are judged, and keeps what it sees.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use portcullis_explain::{Credentials, Decision, Request, tell};
use portcullis_filter::{HeaderBlock, Host, Outcome, StreamId};
use portcullis_gate::Unfit;
use portcullis_http::{Match, MatchRequest};
use portcullis_policy::{Facts, Params};

use super::{Explanation, LimitAnswer, LimitExplanation};
use crate::decide::{Cause, Decided, Denial};
use crate::key::ShownKey;
use crate::limit::Limit;
use crate::settings::Settings;
use crate::witness::Witness;

/// What was seen so far of requests that are not judged yet: a service may be asked about one while another one comes.
#[derive(Debug, Default)]
pub(super) struct Explainer(RefCell<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// The one whose limits are asked.
    current: Option<StreamId>,
    told: BTreeMap<StreamId, (Credentials, Explanation)>,
}

impl Explainer {
    fn note(&self, limit: &Limit, note: impl FnOnce(&mut LimitExplanation)) {
        let mut seen = self.0.borrow_mut();
        let current = seen.current;
        let told = current.and_then(|current| seen.told.get_mut(&current));
        if let Some(told) = told.and_then(|(_, told)| told.limits.get_mut(limit.number)) {
            note(told);
        }
    }
}

impl Witness for Explainer {
    fn began(&self, settings: &Settings, stream: StreamId, headers: &HeaderBlock, request: &MatchRequest<'_>) {
        let candidates: BTreeSet<usize> = settings.index.matches(request).map(|matched| matched.rule).collect();
        let unasked = |(limit, matches): (&std::rc::Rc<Limit>, &Match)| LimitExplanation {
            name: limit.name.clone(),
            shadow: limit.shadow,
            fit: matches.fit(request),
            answer: match candidates.contains(&limit.number) {
                true => LimitAnswer::DoesNotApply,
                false => LimitAnswer::NotForTheRequest,
            },
            condition: None,
            key: None,
            cost: None,
            remaining: None,
            wait: None,
            reason: None,
        };
        let limits = settings.limits.iter().zip(settings.index.rules()).map(unasked).collect();
        let told = Explanation { limits, request: Request::of(request), ..empty(settings) };
        let mut seen = self.0.borrow_mut();
        seen.current = Some(stream);
        seen.told.insert(stream, (Credentials::of(headers), told));
    }

    fn asked(&self, limit: &Limit, facts: &Facts<'_>, params: Params<'_>) {
        let condition = limit.condition.as_ref().map(|condition| condition.trace(facts, params));
        self.note(limit, |told| told.condition = condition);
    }

    fn keyed(&self, limit: &Limit, key: Option<&ShownKey>) {
        self.note(limit, |told| {
            told.answer = LimitAnswer::Fits;
            told.key = key.map(ToString::to_string);
        });
    }

    fn costs(&self, limit: &Limit, units: u64) {
        self.note(limit, |told| told.cost = Some(units));
    }

    fn decided(&self, host: &dyn Host, stream: StreamId, decided: &Decided, outcome: Outcome, detail: Option<String>) {
        let Some((credentials, mut told)) = self.0.borrow_mut().told.remove(&stream) else { return };
        for charged in &decided.charged {
            let Some(told) = told.limits.get_mut(charged.limit.number) else { continue };
            told.answer = if charged.wait.is_zero() { LimitAnswer::Charged } else { LimitAnswer::Waits };
            told.remaining = Some(charged.standing.remaining);
            told.wait = (!charged.wait.is_zero()).then(|| seconds(charged.wait));
        }
        for part in &decided.elsewhere.admitted {
            if let Some(told) = told.limits.get_mut(part.limit.number) {
                told.answer = LimitAnswer::Charged;
            }
        }
        for (denials, answer) in [(&decided.denials, LimitAnswer::Refuses), (&decided.would, LimitAnswer::WouldRefuse)] {
            for denial in denials {
                if let Some(told) = told.limits.get_mut(denial.limit.number) {
                    refuse(told, denial, answer);
                }
            }
        }
        let deciding = decided.deciding(outcome);
        told.decision = Decision {
            outcome: outcome.name().to_owned(),
            reason: decided.told_reason(deciding).to_string(),
            rule: deciding.map(|denial| denial.limit.name.clone()),
            detail,
        };
        tell(host, &credentials, &told);
    }

    fn refused(&self, settings: &Settings, host: &dyn Host, headers: &HeaderBlock, unfit: Unfit, outcome: Outcome) {
        let decision = Decision {
            outcome: outcome.name().to_owned(),
            reason: unfit.reason().to_string(),
            rule: None,
            detail: unfit.detail().map(str::to_owned),
        };
        let told = Explanation { request: Request::unread(headers), unjudged: Some(unfit.into()), decision, ..empty(settings) };
        tell(host, &Credentials::of(headers), &told);
    }
}

fn empty(settings: &Settings) -> Explanation {
    Explanation { instance: settings.common.instance.to_string(), mode: settings.common.mode, ..Explanation::default() }
}

fn refuse(told: &mut LimitExplanation, denial: &Denial, answer: LimitAnswer) {
    told.answer = answer;
    told.reason = Some(denial.cause.reason().to_string());
    if let Cause::Over(refusal) = &denial.cause {
        told.remaining = Some(refusal.standing.remaining);
        told.wait = refusal.retry_after.map(seconds);
    }
}

fn seconds(time: Duration) -> String {
    format!("{}s", time.as_secs_f64())
}
