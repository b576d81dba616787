//! What is written down of a decision.

use portcullis_attributes::RequestAttributes;
use portcullis_filter::{Decision, HeaderBlock, Host, Outcome, RequestSummary};
use portcullis_gate::Unfit;

use crate::judge::{Judgement, Verdict};
use crate::settings::Settings;

/// A request that was judged.
#[derive(Debug)]
pub(crate) struct Decided<'a> {
    pub(crate) headers: &'a HeaderBlock,
    /// The canonical path, where there is one.
    pub(crate) path: Option<&'a str>,
    pub(crate) judgement: &'a Judgement<'a>,
    pub(crate) outcome: Outcome,
}

impl<'a> Decided<'a> {
    /// What the record says: of a request that passes although a shadow policy would have it refused, that.
    pub(crate) fn recorded(&self) -> (Outcome, Verdict<'a>) {
        let would = self.judgement.shadow.filter(|would| self.outcome == Outcome::Allowed && !would.passes());
        would.map_or((self.outcome, self.judgement.verdict), |would| (Outcome::Shadow, would))
    }
}

/// Counts the decision and writes its record, if it is due or a policy wants it. What only a record needs is worked out for one
/// alone.
pub(crate) fn record(
    settings: &Settings,
    host: &dyn Host,
    request: &RequestAttributes<'_, dyn Host + '_>,
    decided: &Decided<'_>,
) {
    let Decided { headers, path, judgement, .. } = *decided;
    let (outcome, verdict) = decided.recorded();
    let due = settings.recorder.writes(outcome) || !judgement.logged.is_empty();
    let (summary, shown, detail) = if due {
        (RequestSummary::of(headers, path), request.shown_caller(&settings.common.decisions.claims), detail(judgement))
    } else {
        Default::default()
    };
    let decision = Decision {
        outcome,
        reason: verdict.reason(),
        rule: verdict.policy(),
        subject: shown.subject.as_deref(),
        claims: &shown.claims,
        detail: detail.as_deref(),
        request: summary,
    };
    if judgement.logged.is_empty() {
        settings.recorder.record(host, &decision);
    } else {
        settings.recorder.record_always(host, &decision);
    }
}

/// Counts the refusal of a request that no policy has judged, and writes its record.
pub(crate) fn record_unfit(settings: &Settings, host: &dyn Host, headers: &HeaderBlock, unfit: Unfit, outcome: Outcome) {
    let decision = Decision {
        outcome,
        reason: unfit.reason(),
        rule: None,
        subject: None,
        claims: &[],
        detail: unfit.detail(),
        request: RequestSummary::of(headers, None),
    };
    settings.recorder.record(host, &decision);
}

/// What else an operator wants to know, in the words of the configuration.
pub(crate) fn detail(judgement: &Judgement<'_>) -> Option<String> {
    let shadow = judgement.shadow.filter(|would| would.passes()).and_then(|would| match would {
        Verdict::Allowed(name) => Some(format!("shadow policy `{name}` would allow it")),
        _ => None,
    });
    let logged = judgement.logged.iter().map(|name| format!("logged by policy `{name}`"));
    let all: Vec<String> = judgement.failure.iter().cloned().chain(shadow).chain(logged).collect();
    (!all.is_empty()).then(|| all.join("; "))
}
