//! What is written down of a decision.

use portcullis_attributes::RequestAttributes;
use portcullis_filter::{Decision, HeaderBlock, Host, Outcome, Reason, RequestSummary};
use portcullis_gate::Unfit;

use crate::decide::{Cause, Decided, Denial};
use crate::settings::Settings;

impl Cause {
    /// The stable code.
    pub(crate) const fn reason(&self) -> Reason {
        Reason(match self {
            Self::Over(_) | Self::OverThere(_) => "rate_limited",
            Self::Unavailable => "rate_limit_unavailable",
            Self::KeyMissing => "rate_limit_key_missing",
            Self::KeyFailed => "rate_limit_key_error",
            Self::Full => "rate_limit_full",
            Self::Contended => "rate_limit_contended",
            Self::Host => "host_failure",
        })
    }
}

impl Decided {
    /// Whether it was refused for what the proxy did not do.
    pub(crate) fn failed_host(&self) -> bool {
        self.denials.iter().any(|denial| matches!(denial.cause, Cause::Host))
    }

    fn reason(&self) -> Reason {
        match self.denials.first() {
            Some(denial) => denial.cause.reason(),
            None if self.charged.is_empty() && self.elsewhere.admitted.is_empty() => Reason("rate_limit_none"),
            None if !self.wait().is_zero() => Reason("rate_limit_delayed"),
            None => Reason("rate_limit_admitted"),
        }
    }
}

/// Counts the decision and writes its record, if it is due. What only a record needs is worked out for one alone.
pub(crate) fn record(
    settings: &Settings,
    host: &dyn Host,
    request: &RequestAttributes<'_, dyn Host + '_>,
    path: Option<&str>,
    headers: &HeaderBlock,
    decided: &Decided,
    outcome: Outcome,
) {
    // A request that passes although a limit in shadow would have it refused.
    let would = decided.would.first().filter(|_| outcome == Outcome::Allowed);
    let outcome = if would.is_some() { Outcome::Shadow } else { outcome };
    let denial = would.or(decided.denials.first());
    let (summary, shown, detail) = if settings.recorder.writes(outcome) {
        (RequestSummary::of(headers, path), request.shown_caller(&settings.common.decisions.claims), detail(decided, denial))
    } else {
        Default::default()
    };
    let decision = Decision {
        outcome,
        reason: denial.map_or_else(|| decided.reason(), |denial| denial.cause.reason()),
        rule: denial.map(|denial| denial.limit.name.as_str()),
        subject: shown.subject.as_deref(),
        claims: &shown.claims,
        detail: detail.as_deref(),
        request: summary,
    };
    settings.recorder.record(host, &decision);
}

/// Counts the refusal of a request that no limit can judge, and writes its record.
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

/// What else an operator wants to know: whose quota it was, what failed, what else it did not fit into.
fn detail(decided: &Decided, denial: Option<&Denial>) -> Option<String> {
    let key = denial.and_then(|denial| denial.key.clone());
    let others = decided.denials.iter().skip(1).map(|other| format!("also `{}`", other.limit.name));
    let all: Vec<String> = decided.failure.iter().cloned().chain(key).chain(others).collect();
    (!all.is_empty()).then(|| all.join("; "))
}
