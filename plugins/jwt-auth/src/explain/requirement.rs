//! A requirement's tree, with what each part of it came to: evaluated again, on what was seen the first time.

use std::rc::Rc;

use super::{Attempt, RequirementAnswer, RequirementExplanation, RequirementKind, why};
use crate::caller::Caller;
use crate::reply::Refusal;
use crate::requirement::{Granted, Requirement, Unmet, Verifier};
use crate::settings::Settings;

/// What a provider came to.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) provider: usize,
    pub(super) answer: Result<(usize, Rc<Caller>), Unmet>,
    pub(super) attempts: Vec<Attempt>,
}

/// What was seen, and by whose settings.
pub(super) struct Seen<'s> {
    pub(super) settings: &'s Settings,
    pub(super) looked: &'s [Looked],
}

impl Verifier for Seen<'_> {
    fn verify(&self, provider: usize) -> Result<(usize, Rc<Caller>), Unmet> {
        match self.of(provider).map(|looked| &looked.answer) {
            Some(Ok((place, caller))) => Ok((*place, Rc::clone(caller))),
            Some(Err(unmet)) => Err(*unmet),
            None => Err(Unmet::Refused(Refusal::Missing)),
        }
    }

    fn providers(&self) -> usize {
        self.settings.configured
    }
}

impl Seen<'_> {
    /// The tree of a requirement that was evaluated.
    pub(super) fn explain(&self, requirement: &Requirement) -> RequirementExplanation {
        let evaluated = requirement.evaluate(self);
        let explained = |kind, parts| RequirementExplanation {
            kind,
            provider: None,
            answer: self.answer(&evaluated),
            attempts: Vec::new(),
            parts,
        };
        match requirement {
            Requirement::None => explained(RequirementKind::None, Vec::new()),
            Requirement::Provider(number) => self.provider(*number),
            Requirement::Any(list) => explained(RequirementKind::RequiresAny, self.any(list, &evaluated)),
            Requirement::All(list) => explained(RequirementKind::RequiresAll, self.until(list, &is_refused)),
            Requirement::AllowMissing => explained(RequirementKind::AllowMissing, self.any_provider()),
            Requirement::AllowMissingOrFailed => explained(RequirementKind::AllowMissingOrFailed, self.any_provider()),
        }
    }

    fn provider(&self, number: usize) -> RequirementExplanation {
        let looked = self.of(number);
        RequirementExplanation {
            kind: RequirementKind::Provider,
            provider: self.settings.providers.get(number).map(|provider| provider.name.clone()),
            answer: looked.map_or(RequirementAnswer::NotAsked, |looked| self.answer_of(number, &looked.answer)),
            attempts: looked.map(|looked| looked.attempts.clone()).unwrap_or_default(),
            parts: Vec::new(),
        }
    }

    fn any_provider(&self) -> Vec<RequirementExplanation> {
        (0..self.settings.configured).map(|number| self.provider(number)).collect()
    }

    /// Those that name providers come first; one that lets a missing token pass is asked when they have all failed.
    fn any(&self, list: &[Requirement], evaluated: &Result<Granted, Unmet>) -> Vec<RequirementExplanation> {
        let (optional, named): (Vec<&Requirement>, Vec<&Requirement>) = list.iter().partition(|one| one.is_optional());
        let mut parts = self.until(named, &is_met);
        let met = parts.iter().any(is_met);
        parts.extend(optional.into_iter().map(|one| RequirementExplanation {
            answer: if met { RequirementAnswer::NotAsked } else { self.answer(evaluated) },
            ..unasked(self.explain(one))
        }));
        parts
    }

    /// Each in turn; those after the one that decides were not asked.
    fn until<'r>(
        &self,
        list: impl IntoIterator<Item = &'r Requirement>,
        decides: &dyn Fn(&RequirementExplanation) -> bool,
    ) -> Vec<RequirementExplanation> {
        let mut decided = false;
        let explain = |one: &Requirement| {
            let explained = if decided { unasked(self.explain(one)) } else { self.explain(one) };
            decided |= decides(&explained);
            explained
        };
        list.into_iter().map(explain).collect()
    }

    fn of(&self, provider: usize) -> Option<&Looked> {
        self.looked.iter().find(|looked| looked.provider == provider)
    }

    fn answer(&self, evaluated: &Result<Granted, Unmet>) -> RequirementAnswer {
        answer(evaluated.as_ref().err().copied(), why::of)
    }

    /// Where its only token was refused, in the words of that.
    fn answer_of(&self, number: usize, looked: &Result<(usize, Rc<Caller>), Unmet>) -> RequirementAnswer {
        let places = self.settings.places.get(number).into_iter().flatten();
        let places: Vec<String> = places.map(|place| super::token::place(self.settings, *place)).collect();
        answer(looked.as_ref().err().copied(), |refusal| match refusal {
            Refusal::Missing => format!("no token in {}", places.join(", ")),
            other => why::of(other),
        })
    }
}

/// What `unmet` says of a requirement.
pub(super) fn answer(unmet: Option<Unmet>, why: impl FnOnce(Refusal) -> String) -> RequirementAnswer {
    match unmet {
        None => RequirementAnswer::Met,
        Some(Unmet::NeedsKeys(_)) => RequirementAnswer::NeedsKeys,
        Some(Unmet::Refused(refusal)) => RequirementAnswer::Refused { reason: refusal.reason().to_string(), why: why(refusal) },
    }
}

fn is_met(explained: &RequirementExplanation) -> bool {
    explained.answer == RequirementAnswer::Met
}

fn is_refused(explained: &RequirementExplanation) -> bool {
    matches!(explained.answer, RequirementAnswer::Refused { .. })
}

/// The same, before anybody asked.
fn unasked(explained: RequirementExplanation) -> RequirementExplanation {
    RequirementExplanation {
        answer: RequirementAnswer::NotAsked,
        attempts: Vec::new(),
        parts: explained.parts.into_iter().map(unasked).collect(),
        ..explained
    }
}
