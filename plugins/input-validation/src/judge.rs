//! The judgement: which rules try a request, and what becomes of it.

use std::rc::Rc;

use portcullis_attributes::RequestAttributes;
use portcullis_filter::{Flow, HeaderBlock, Host, Outcome};
use portcullis_gate::{Unfit, judged, outcome};
use portcullis_http::MatchRequest;
use portcullis_policy::Facts;

use crate::body::Body;
use crate::condition::WithBody;
use crate::config::OnNoMatch;
use crate::counters::Effect;
use crate::head::{Head, Rest};
use crate::pending::{Pending, Travel};
use crate::record::{Decided, record, record_unfit};
use crate::rule::Rule;
use crate::settings::Settings;
use crate::signatures::Detected;
use crate::trial::Trial;
use crate::violation::{Code, Violation};
use crate::witness::Witness;

/// What is asked of the trials of a request.
pub(crate) struct Trials {
    pub(crate) governing: Option<Trial>,
    pub(crate) shadow: Option<Trial>,
    /// The connection is upgraded: nothing more can be judged.
    pub(crate) upgrade: bool,
    /// What is wrong with a request that no rule is for.
    pub(crate) without_rule: Option<Violation>,
    pub(crate) detected: Detected,
}

/// What a request came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verdict<'a> {
    pub(crate) headers: &'a HeaderBlock,
    /// The canonical path, where there is one.
    pub(crate) path: Option<&'a str>,
    /// The rule that judged it.
    pub(crate) rule: Option<&'a Rule>,
    /// What is wrong with it.
    pub(crate) violation: Option<&'a Violation>,
}

impl Settings {
    /// The first rule that is for the request judges it, and the first before it that is only tried out.
    pub(crate) fn try_head(
        &self,
        host: &dyn Host,
        headers: &HeaderBlock,
        request: &MatchRequest<'_>,
        end_of_stream: bool,
        witness: &mut impl Witness,
    ) -> Trials {
        witness.began(request);
        let attributes = RequestAttributes::new(host, headers, request, &self.identity);
        let facts = Facts::new(&attributes);
        let mut trials =
            Trials { governing: None, shadow: None, upgrade: false, without_rule: None, detected: Detected::default() };
        for matched in self.index.matches(request) {
            let Some(rule) = self.rules.get(matched.rule) else { continue };
            if rule.shadow && trials.shadow.is_some() {
                continue;
            }
            let captures = matched.captures();
            let params: Vec<(&str, &str)> = captures.iter().collect();
            let head = Head { headers, facts: &facts, params: &params, end_of_stream, path: request.path() };
            let mut detected = Detected::default();
            let (trial, upgrade) = match rule.judge(&head, &mut detected, witness) {
                Ok(Rest::Body(checker)) => (Trial::new(rule.number, checker, detected), false),
                Ok(Rest::Upgrade) => (Trial::upgraded(rule.number, detected), true),
                Err(violation) => (Trial::refused(rule.number, violation, detected), false),
            };
            if rule.shadow {
                trials.shadow = Some(trial);
            } else {
                trials.upgrade = upgrade;
                trials.governing = Some(trial);
                break;
            }
        }
        if trials.governing.is_none() {
            let head = Head { headers, facts: &facts, params: &[], end_of_stream, path: request.path() };
            trials.without_rule = self.signatures.head(&head, &mut trials.detected).err();
        }
        trials
    }

    /// In shadow mode, and where nothing decides any more, the request is not held.
    pub(crate) fn travel(&self, trials: &Trials) -> Travel {
        let rule = trials.governing.as_ref().and_then(|trial| self.rules.get(trial.rule));
        let streams = rule.is_none_or(|rule| rule.body.as_ref().is_some_and(|body| body.streams()));
        if streams || !self.enforces() { Travel::Passing } else { Travel::Held(0) }
    }

    /// All of the request has come.
    pub(crate) fn finish(&self, host: &dyn Host, mut pending: Pending, witness: &mut impl Witness) -> Flow {
        let headers = Rc::clone(&pending.headers);
        // It was read before, and is the same.
        let request = match judged(&headers, &self.index, self.common.path.on_ambiguous) {
            Ok(request) => request,
            Err(malformed) => return self.refuse_unfit(host, &headers, Unfit::Malformed(malformed), witness),
        };
        let mut refused = false;
        for trial in [&mut pending.governing, &mut pending.shadow].into_iter().flatten() {
            let Some(rule) = self.rules.get(trial.rule) else { continue };
            let body = trial.finish(rule, self.verbose);
            if trial.violation.is_none() && rule.condition_reads_body() {
                let checked = self.check_condition(host, &headers, &request, rule, body.as_ref(), witness);
                trial.note(checked.err());
            }
            // What is tried out has not seen all of a request that was refused before.
            if !refused {
                witness.tried(rule, trial.violation.as_ref());
            }
            refused |= trial.violation.is_some();
        }
        let no_rule = Violation::bare(Code::NoRule);
        let violation = match &pending.governing {
            Some(trial) => trial.violation.as_ref(),
            None if self.on_no_match == OnNoMatch::Reject => Some(&no_rule),
            None => pending.without_rule.as_ref(),
        };
        let rule = pending.governing.as_ref().and_then(|trial| self.rules.get(trial.rule));
        let detected = pending.governing.as_ref().map_or(&pending.detected, |trial| &trial.detected);
        detected.iter().chain(violation).for_each(|found| self.counters.signature(host, found, violation == Some(found)));
        if violation.is_none() {
            let passed = self.finish_shadow(host, &pending, request.path(), witness);
            let decided = Decided { headers: &headers, path: request.path(), outcome: Outcome::Shadow, rule: None };
            if passed || self.finish_detected(host, decided, rule, detected, witness) {
                return Flow::Continue;
            }
        }
        self.conclude(host, Verdict { headers: &headers, path: request.path(), rule, violation }, witness)
    }

    fn check_condition(
        &self,
        host: &dyn Host,
        headers: &HeaderBlock,
        request: &MatchRequest<'_>,
        rule: &Rule,
        body: Option<&Body>,
        witness: &mut impl Witness,
    ) -> Result<(), Violation> {
        let Some(condition) = &rule.condition else { return Ok(()) };
        let attributes = RequestAttributes::new(host, headers, request, &self.identity);
        let with_body = WithBody { request: &attributes, body };
        let matched = self.index.matches(request).find(|matched| matched.rule == rule.number);
        let captures = matched.map(|matched| matched.captures()).unwrap_or_default();
        let params: Vec<(&str, &str)> = captures.iter().collect();
        let facts = Facts::new(&with_body);
        witness.asked(rule, &facts, &params);
        condition.check(&facts, &params)
    }

    /// Whether a rule that is only tried out would have refused what passes: that is recorded instead then.
    fn finish_shadow(&self, host: &dyn Host, pending: &Pending, path: Option<&str>, witness: &mut impl Witness) -> bool {
        let Some(trial) = &pending.shadow else { return false };
        let Some((rule, violation)) = self.rules.get(trial.rule).zip(trial.violation.as_ref()) else { return false };
        self.counters.count(host, rule, Effect::Shadow);
        if let Some(governing) = pending.governing.as_ref().and_then(|trial| self.rules.get(trial.rule)) {
            self.counters.count(host, governing, Effect::Passed);
        }
        let headers = &*pending.headers;
        let decided = Decided { headers, path, outcome: Outcome::Shadow, rule: Some(&rule.name) };
        record(self, host, decided, Some(violation), witness);
        true
    }

    /// Whether signatures were found that do not refuse: the first of them is recorded then.
    fn finish_detected(
        &self,
        host: &dyn Host,
        decided: Decided<'_>,
        rule: Option<&Rule>,
        detected: &Detected,
        witness: &mut impl Witness,
    ) -> bool {
        let Some(violation) = detected.iter().next() else { return false };
        if let Some(rule) = rule {
            self.counters.count(host, rule, Effect::Passed);
        }
        let decided = Decided { rule: rule.map(|rule| rule.name.as_str()), ..decided };
        record(self, host, decided, Some(violation), witness);
        true
    }

    /// A body is wrong before it is over.
    pub(crate) fn refuse(&self, host: &dyn Host, pending: &Pending, violation: &Violation, witness: &mut impl Witness) -> Flow {
        let rule = pending.governing.as_ref().and_then(|trial| self.rules.get(trial.rule));
        let request = judged(&pending.headers, &self.index, self.common.path.on_ambiguous).ok();
        self.counters.signature(host, violation, true);
        if let Some(rule) = rule {
            witness.tried(rule, Some(violation));
        }
        let path = request.as_ref().and_then(MatchRequest::path);
        self.conclude(host, Verdict { headers: &pending.headers, path, rule, violation: Some(violation) }, witness)
    }

    pub(crate) fn conclude(&self, host: &dyn Host, verdict: Verdict<'_>, witness: &mut impl Witness) -> Flow {
        let Verdict { headers, path, rule, violation } = verdict;
        let outcome = outcome(self.common.mode, violation.is_some(), false);
        let name = rule.map(|rule| rule.name.as_str());
        if let Some(rule) = rule {
            self.counters.count(host, rule, if violation.is_some() { Effect::Refused } else { Effect::Passed });
        }
        record(self, host, Decided { headers, path, outcome, rule: name }, violation, witness);
        match violation.filter(|_| outcome == Outcome::Denied) {
            Some(violation) => {
                let own = rule.and_then(|rule| rule.deny_response.as_ref());
                Flow::Reply(own.unwrap_or(&self.deny_response).applied(violation.reply(name, self.verbose)))
            }
            None => Flow::Continue,
        }
    }

    /// No rule can judge the request.
    pub(crate) fn refuse_unfit(&self, host: &dyn Host, headers: &HeaderBlock, unfit: Unfit, witness: &mut impl Witness) -> Flow {
        let outcome = outcome(self.common.mode, true, unfit == Unfit::Host);
        record_unfit(self, host, Decided { headers, path: None, outcome, rule: None }, unfit, witness);
        if outcome == Outcome::Denied { Flow::Reply(unfit.reply()) } else { Flow::Continue }
    }
}
