//! A request whose head was good: what is still to come is shown to its trials.

use std::rc::Rc;

use portcullis_filter::{BodyKind, HeaderBlock, Host, HostError};

use crate::rule::Rule;
use crate::settings::Settings;
use crate::signatures::Detected;
use crate::trial::Trial;
use crate::violation::Violation;

/// How much of a body is read from the host at once.
const PIECE: usize = 64 << 10;

/// A request whose head was good, and whose body or trailers are to come.
#[derive(Debug)]
pub(crate) struct Pending {
    /// Kept: a proxy that has let the headers go does not show them again.
    pub(crate) headers: Rc<HeaderBlock>,
    /// By the rule that decides; `None` where none is for the request.
    pub(crate) governing: Option<Trial>,
    /// By a rule that is tried out.
    pub(crate) shadow: Option<Trial>,
    /// Of a request that no rule is for: what is wrong with it, and what was found and does not refuse.
    pub(crate) without_rule: Option<Violation>,
    pub(crate) detected: Detected,
    pub(crate) travel: Travel,
}

/// What becomes of the pieces of a body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Travel {
    /// The proxy keeps them; so many bytes are judged.
    Held(usize),
    /// Each goes on as soon as it is judged.
    Passing,
}

impl Pending {
    /// Shows what is new of the body to the trials.
    pub(crate) fn read(&mut self, settings: &Settings, host: &dyn Host, size: usize) -> Result<(), HostError> {
        let start = match self.travel {
            Travel::Held(judged) => judged,
            Travel::Passing => 0,
        };
        let more = size.checked_sub(start).ok_or(HostError::BAD_ARGUMENT)?;
        let mut trials: Vec<(&Rule, &mut Trial)> = [&mut self.governing, &mut self.shadow]
            .into_iter()
            .flatten()
            .filter_map(|trial| Some((settings.rules.get(trial.rule)?, trial)))
            .collect();
        trials.iter_mut().for_each(|(rule, trial)| trial.announce(rule, more));
        let mut at = start;
        while at < size && trials.iter().any(|(_, trial)| trial.wants_bytes()) {
            let piece = host.body(BodyKind::Request, at, (size - at).min(PIECE))?;
            if piece.is_empty() {
                return Err(HostError::INTERNAL_FAILURE);
            }
            at += piece.len();
            trials.iter_mut().filter(|(_, trial)| trial.wants_bytes()).for_each(|(rule, trial)| trial.feed(rule, &piece));
        }
        if let Travel::Held(judged) = &mut self.travel {
            *judged = size;
        }
        Ok(())
    }
}
