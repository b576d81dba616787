//! What is written down of a decision.

use portcullis_filter::{Decision, HeaderBlock, Host, Outcome, Reason, RequestSummary};
use portcullis_gate::Unfit;

use crate::settings::Settings;
use crate::violation::{Code, Violation};
use crate::witness::Witness;

/// Why a request passed.
pub(crate) const PASSED: Reason = Reason("input_valid");

/// What a decision was about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decided<'a> {
    pub(crate) headers: &'a HeaderBlock,
    /// The canonical path, where there is one.
    pub(crate) path: Option<&'a str>,
    pub(crate) outcome: Outcome,
    /// The rule that decided.
    pub(crate) rule: Option<&'a str>,
}

/// Counts the decision and writes its record, if it is due.
pub(crate) fn record(
    settings: &Settings,
    host: &dyn Host,
    decided: Decided<'_>,
    violation: Option<&Violation>,
    witness: &mut impl Witness,
) {
    let nothing = if decided.rule.is_some() { PASSED } else { Code::NoRule.reason() };
    let reason = violation.map_or(nothing, |violation| violation.code.reason());
    let detail = violation.and_then(|violation| violation.detail.as_deref());
    witness.decided(&decided, reason, detail);
    write(settings, host, decided, reason, detail);
}

/// The same of a request that no rule can judge.
pub(crate) fn record_unfit(settings: &Settings, host: &dyn Host, decided: Decided<'_>, unfit: Unfit, witness: &mut impl Witness) {
    witness.unfit(decided.headers, unfit);
    witness.decided(&decided, unfit.reason(), unfit.detail());
    write(settings, host, decided, unfit.reason(), unfit.detail());
}

/// The same of an answer that nobody can read.
pub(crate) fn record_response(settings: &Settings, host: &dyn Host, headers: &HeaderBlock, rule: Option<&str>, reason: Reason) {
    write(settings, host, Decided { headers, path: None, outcome: Outcome::Denied, rule }, reason, None);
}

fn write(settings: &Settings, host: &dyn Host, decided: Decided<'_>, reason: Reason, detail: Option<&str>) {
    let due = settings.recorder.writes(decided.outcome);
    let request = if due { RequestSummary::of(decided.headers, decided.path) } else { RequestSummary::default() };
    let decision = Decision { outcome: decided.outcome, reason, rule: decided.rule, subject: None, claims: &[], detail, request };
    settings.recorder.record(host, &decision);
}
