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

    /// The refusal that is recorded: where the request passes, one of a limit that would have it refused.
    pub(crate) fn deciding(&self, outcome: Outcome) -> Option<&Denial> {
        self.denials.first().or_else(|| self.would.first().filter(|_| outcome == Outcome::Shadow))
    }

    /// The stable code, where `deciding` is recorded.
    pub(crate) fn told_reason(&self, deciding: Option<&Denial>) -> Reason {
        match deciding {
            Some(denial) => denial.cause.reason(),
            None if self.charged.is_empty() && self.elsewhere.admitted.is_empty() => Reason("rate_limit_none"),
            None if !self.wait().is_zero() => Reason("rate_limit_delayed"),
            None => Reason("rate_limit_admitted"),
        }
    }
}

/// Counts the decision and writes its record, if it is due; the outcome that it has. What only a record needs is worked out for one alone.
pub(crate) fn record(
    settings: &Settings,
    host: &dyn Host,
    request: &RequestAttributes<'_, dyn Host + '_>,
    path: Option<&str>,
    headers: &HeaderBlock,
    decided: &Decided,
    outcome: Outcome,
) -> Outcome {
    let outcome = if outcome == Outcome::Allowed && !decided.would.is_empty() { Outcome::Shadow } else { outcome };
    let denial = decided.deciding(outcome);
    let (summary, shown, detail) = if settings.recorder.writes(outcome) {
        (RequestSummary::of(headers, path), request.shown_caller(&settings.common.decisions.claims), detail(decided, denial))
    } else {
        Default::default()
    };
    let decision = Decision {
        outcome,
        reason: decided.told_reason(denial),
        rule: denial.map(|denial| denial.limit.name.as_str()),
        subject: shown.subject.as_deref(),
        claims: &shown.claims,
        detail: detail.as_deref(),
        request: summary,
    };
    settings.recorder.record(host, &decision);
    outcome
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
pub(crate) fn detail(decided: &Decided, denial: Option<&Denial>) -> Option<String> {
    let key = denial.and_then(|denial| denial.key.as_ref()).map(ToString::to_string);
    let others = decided.denials.iter().skip(1).map(|other| format!("also `{}`", other.limit.name));
    let all: Vec<String> = decided.failure.iter().cloned().chain(key).chain(others).collect();
    (!all.is_empty()).then(|| all.join("; "))
}
