//! The verdict: every policy that is for the request is asked, DENY before ALLOW.

use portcullis_filter::Host;
use portcullis_http::{MatchRequest, RuleMatch};
use portcullis_policy::{Facts, Outcome};

use crate::config::{Action, OnNoMatch};
use crate::counters::Effect;
use crate::policy::Policy;
use crate::settings::Settings;
use crate::witness::Witness;

/// Who decided, and what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verdict<'s> {
    /// A policy allows.
    Allowed(&'s str),
    /// A policy denies.
    Denied(&'s str),
    /// A policy that may deny cannot tell whether it does.
    Failed(&'s str),
    /// No policy decides; what then counts.
    NoMatch(OnNoMatch),
}

impl Verdict<'_> {
    /// Whether the request passes.
    pub(crate) fn passes(self) -> bool {
        matches!(self, Self::Allowed(_) | Self::NoMatch(OnNoMatch::Allow))
    }
}

/// What came of asking the policies.
#[derive(Debug)]
pub(crate) struct Judgement<'s> {
    pub(crate) verdict: Verdict<'s>,
    /// The policy that decided.
    pub(crate) policy: Option<&'s Policy>,
    /// What the verdict would be if shadow policies counted, where that is another.
    pub(crate) shadow: Option<Verdict<'s>>,
    /// Policies that want the decision recorded.
    pub(crate) logged: Vec<&'s str>,
    /// The condition that could not be evaluated and decided, or else the first of those: its policy, and what failed in it.
    pub(crate) failure: Option<String>,
}

/// Asks every policy that is for `request`.
pub(crate) fn judge<'s>(
    settings: &'s Settings,
    host: &dyn Host,
    request: &MatchRequest<'_>,
    facts: &Facts<'_>,
    witness: &mut impl Witness,
) -> Judgement<'s> {
    witness.began(request, facts);
    let candidates = settings.index.matches(request);
    let candidates = candidates.filter_map(|matched| Some((settings.policies.get(matched.rule)?, matched))).collect();
    let mut trial = Trial { settings, host, facts, candidates, failure: None, witness };
    let logged = trial.logged();
    let decided = trial.first(Action::Deny).or_else(|| trial.first(Action::Allow));
    let (verdict, policy) =
        decided.map_or((Verdict::NoMatch(settings.on_no_match), None), |(verdict, policy)| (verdict, Some(policy)));
    let shadow = trial.shadow(verdict);
    Judgement { verdict, policy, shadow, logged, failure: trial.failure }
}

struct Trial<'s, 'a, 'f, W> {
    settings: &'s Settings,
    host: &'a dyn Host,
    facts: &'a Facts<'f>,
    /// In the configured order.
    candidates: Vec<(&'s Policy, RuleMatch<'a>)>,
    failure: Option<String>,
    witness: &'a mut W,
}

impl<'s, W: Witness> Trial<'s, '_, '_, W> {
    fn logged(&mut self) -> Vec<&'s str> {
        let logged: Vec<&'s Policy> =
            self.asked(|policy| policy.action == Action::Log && !policy.shadow).into_iter().map(|(policy, _)| policy).collect();
        logged.iter().for_each(|policy| self.settings.counters.count(self.host, policy, Effect::Logged));
        logged.into_iter().map(|policy| policy.name.as_str()).collect()
    }

    /// The first policy with this action that decides; those after it are not asked.
    fn first(&mut self, action: Action) -> Option<(Verdict<'s>, &'s Policy)> {
        let count = self.candidates.len();
        let (verdict, policy) = (0..count).find_map(|at| self.ask(at, |policy| policy.action == action && !policy.shadow))?;
        let effect = if verdict.passes() { Effect::Allowed } else { Effect::Denied };
        self.settings.counters.count(self.host, policy, effect);
        Some((verdict, policy))
    }

    /// What would be otherwise if shadow policies counted. Every one of them is asked and counted.
    fn shadow(&mut self, verdict: Verdict<'s>) -> Option<Verdict<'s>> {
        let hits = self.asked(|policy| policy.shadow);
        hits.iter().for_each(|(policy, _)| self.settings.counters.count(self.host, policy, Effect::Shadow));
        let first = |action| hits.iter().find(|(policy, _)| policy.action == action).map(|(_, verdict)| *verdict);
        match verdict {
            Verdict::Denied(_) | Verdict::Failed(_) => None,
            Verdict::Allowed(_) => first(Action::Deny),
            Verdict::NoMatch(_) => first(Action::Deny).or_else(|| first(Action::Allow)),
        }
        .filter(|would| would.passes() != verdict.passes())
    }

    fn asked(&mut self, wanted: impl Fn(&Policy) -> bool + Copy) -> Vec<(&'s Policy, Verdict<'s>)> {
        let count = self.candidates.len();
        (0..count).filter_map(|at| self.ask(at, wanted).map(|(verdict, policy)| (policy, verdict))).collect()
    }

    /// What the candidate `at` says, if it is wanted and holds. An error holds in a DENY alone.
    fn ask(&mut self, at: usize, wanted: impl Fn(&Policy) -> bool) -> Option<(Verdict<'s>, &'s Policy)> {
        let (policy, matched) = self.candidates.get(at).filter(|(policy, _)| wanted(policy))?;
        let policy = *policy;
        let outcome = policy.holds(self.facts, || matched.captures());
        self.witness.asked(policy, matched, self.facts, &outcome);
        let failed = match outcome {
            Outcome::True => false,
            Outcome::False => return None,
            Outcome::Error(failure) => {
                self.settings.counters.count(self.host, policy, Effect::Error);
                // A DENY that fails decides: of several failures, that one is told.
                if policy.action == Action::Deny && !policy.shadow || self.failure.is_none() {
                    self.failure = Some(format!("policy `{}`: {failure}", policy.name));
                }
                true
            }
        };
        match (policy.action, failed) {
            (Action::Deny, true) => Some((Verdict::Failed(&policy.name), policy)),
            (Action::Deny, false) => Some((Verdict::Denied(&policy.name), policy)),
            (Action::Allow | Action::Log, true) => None,
            (Action::Allow | Action::Log, false) => Some((Verdict::Allowed(&policy.name), policy)),
        }
    }
}
