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
use crate::trial::Trial;
use crate::violation::{Code, Violation};

/// What is asked of the trials of a request.
pub(crate) struct Trials {
    pub(crate) governing: Option<Trial>,
    pub(crate) shadow: Option<Trial>,
    /// The connection is upgraded: nothing more can be judged.
    pub(crate) upgrade: bool,
}

impl Settings {
    /// The first rule that is for the request judges it, and the first before it that is only tried out.
    pub(crate) fn try_head(
        &self,
        host: &dyn Host,
        headers: &HeaderBlock,
        request: &MatchRequest<'_>,
        end_of_stream: bool,
    ) -> Trials {
        let attributes = RequestAttributes::new(host, headers, request, &self.identity);
        let facts = Facts::new(&attributes);
        let mut trials = Trials { governing: None, shadow: None, upgrade: false };
        for matched in self.index.matches(request) {
            let Some(rule) = self.rules.get(matched.rule) else { continue };
            if rule.shadow && trials.shadow.is_some() {
                continue;
            }
            let captures = matched.captures();
            let params: Vec<(&str, &str)> = captures.iter().collect();
            let (trial, upgrade) = match rule.judge(&Head { headers, facts: &facts, params: &params, end_of_stream }) {
                Ok(Rest::Body(checker)) => (Trial::new(rule.number, checker), false),
                Ok(Rest::Upgrade) => (Trial::upgraded(rule.number), true),
                Err(violation) => (Trial::refused(rule.number, violation), false),
            };
            if rule.shadow {
                trials.shadow = Some(trial);
            } else {
                trials.upgrade = upgrade;
                trials.governing = Some(trial);
                break;
            }
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
    pub(crate) fn finish(&self, host: &dyn Host, mut pending: Pending) -> Flow {
        let headers = Rc::clone(&pending.headers);
        // It was read before, and is the same.
        let request = match judged(&headers, &self.index, self.common.path.on_ambiguous) {
            Ok(request) => request,
            Err(malformed) => return self.refuse_unfit(host, &headers, Unfit::Malformed(malformed)),
        };
        for trial in [&mut pending.governing, &mut pending.shadow].into_iter().flatten() {
            let Some(rule) = self.rules.get(trial.rule) else { continue };
            let body = trial.finish(rule, self.verbose);
            if trial.violation.is_none() && rule.condition_reads_body() {
                let checked = self.check_condition(host, &headers, &request, rule, body.as_ref());
                trial.note(checked.err());
            }
        }
        let no_rule = Violation::bare(Code::NoRule);
        let violation = match &pending.governing {
            Some(trial) => trial.violation.as_ref(),
            None => (self.on_no_match == OnNoMatch::Reject).then_some(&no_rule),
        };
        let rule = pending.governing.as_ref().and_then(|trial| self.rules.get(trial.rule));
        if violation.is_none() && self.finish_shadow(host, &pending, request.path()) {
            return Flow::Continue;
        }
        self.conclude(host, &headers, request.path(), rule, violation)
    }

    fn check_condition(
        &self,
        host: &dyn Host,
        headers: &HeaderBlock,
        request: &MatchRequest<'_>,
        rule: &Rule,
        body: Option<&Body>,
    ) -> Result<(), Violation> {
        let Some(condition) = &rule.condition else { return Ok(()) };
        let attributes = RequestAttributes::new(host, headers, request, &self.identity);
        let with_body = WithBody { request: &attributes, body };
        let matched = self.index.matches(request).find(|matched| matched.rule == rule.number);
        let captures = matched.map(|matched| matched.captures()).unwrap_or_default();
        let params: Vec<(&str, &str)> = captures.iter().collect();
        condition.check(&Facts::new(&with_body), &params)
    }

    /// Whether a rule that is only tried out would have refused what passes: that is recorded instead then.
    fn finish_shadow(&self, host: &dyn Host, pending: &Pending, path: Option<&str>) -> bool {
        let Some(trial) = &pending.shadow else { return false };
        let Some((rule, violation)) = self.rules.get(trial.rule).zip(trial.violation.as_ref()) else { return false };
        self.counters.count(host, rule, Effect::Shadow);
        if let Some(governing) = pending.governing.as_ref().and_then(|trial| self.rules.get(trial.rule)) {
            self.counters.count(host, governing, Effect::Passed);
        }
        let headers = &*pending.headers;
        record(self, host, Decided { headers, path, outcome: Outcome::Shadow, rule: Some(&rule.name) }, Some(violation));
        true
    }

    /// A body is wrong before it is over.
    pub(crate) fn refuse(&self, host: &dyn Host, pending: &Pending, violation: &Violation) -> Flow {
        let rule = pending.governing.as_ref().and_then(|trial| self.rules.get(trial.rule));
        let request = judged(&pending.headers, &self.index, self.common.path.on_ambiguous).ok();
        self.conclude(host, &pending.headers, request.as_ref().and_then(MatchRequest::path), rule, Some(violation))
    }

    pub(crate) fn conclude(
        &self,
        host: &dyn Host,
        headers: &HeaderBlock,
        path: Option<&str>,
        rule: Option<&Rule>,
        violation: Option<&Violation>,
    ) -> Flow {
        let outcome = outcome(self.common.mode, violation.is_some(), false);
        let name = rule.map(|rule| rule.name.as_str());
        if let Some(rule) = rule {
            self.counters.count(host, rule, if violation.is_some() { Effect::Refused } else { Effect::Passed });
        }
        record(self, host, Decided { headers, path, outcome, rule: name }, violation);
        match violation.filter(|_| outcome == Outcome::Denied) {
            Some(violation) => {
                let own = rule.and_then(|rule| rule.deny_response.as_ref());
                Flow::Reply(own.unwrap_or(&self.deny_response).applied(violation.reply(name, self.verbose)))
            }
            None => Flow::Continue,
        }
    }

    /// No rule can judge the request.
    pub(crate) fn refuse_unfit(&self, host: &dyn Host, headers: &HeaderBlock, unfit: Unfit) -> Flow {
        let outcome = outcome(self.common.mode, true, unfit == Unfit::Host);
        record_unfit(self, host, Decided { headers, path: None, outcome, rule: None }, unfit);
        if outcome == Outcome::Denied { Flow::Reply(unfit.reply()) } else { Flow::Continue }
    }
}
