//! The decision about a request: every limit that is for it is asked, then all are charged, or none.

mod ask;
mod denial;

use std::rc::Rc;
use std::time::Duration;

use portcullis_config::Mode;
use portcullis_filter::Host;
use portcullis_http::MatchRequest;
use portcullis_policy::Facts;
use portcullis_quota::{Place, Receipt, Standing};

use crate::cluster::{Elsewhere, Part};
use crate::counters::Effect;
use crate::limit::Limit;
use crate::settings::Settings;
use crate::waiting::Seat;
use ask::{Asked, Asking};

pub(crate) use denial::{Cause, Denial};

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// What it did not fit into, in the configured order: nothing, and it passes.
    pub(crate) denials: Vec<Denial>,
    /// What it would not have fitted into, had it counted.
    pub(crate) would: Vec<Denial>,
    /// What it was charged to.
    pub(crate) charged: Vec<Charged>,
    /// What becomes of it with those who count elsewhere.
    pub(crate) elsewhere: Elsewhere,
    /// The first expression that could not be evaluated: its limit, and what failed.
    pub(crate) failure: Option<String>,
}

/// A charge that was made.
#[derive(Debug)]
pub(crate) struct Charged {
    pub(crate) limit: Rc<Limit>,
    pub(crate) place: Place,
    pub(crate) receipt: Receipt,
    pub(crate) standing: Standing,
    /// How long the request has to wait, and its seat.
    pub(crate) wait: Duration,
    pub(crate) seat: Option<Seat>,
}

impl Decided {
    pub(crate) fn passes(&self) -> bool {
        self.denials.is_empty()
    }

    /// How long the request has to wait.
    pub(crate) fn wait(&self) -> Duration {
        self.charged.iter().map(|charged| charged.wait).max().unwrap_or_default()
    }
}

impl Settings {
    /// Decides about `request`, and charges it if it passes.
    pub(crate) fn decide(&self, host: &dyn Host, request: &MatchRequest<'_>, facts: &Facts<'_>) -> Decided {
        let mut asking = Asking::new(self, host, facts);
        let (mut binding, mut tried, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
        for asked in self.index.matches(request).filter_map(|matched| asking.ask(matched)) {
            let list = match asked.binds {
                _ if asked.is_elsewhere() => &mut elsewhere,
                true => &mut binding,
                false => &mut tried,
            };
            list.push(asked);
        }
        let mut decided = Decided { failure: asking.failure, ..Decided::default() };
        // Those that decide come first: those that are tried out are charged for what passes.
        if binding.iter().any(|asked| asked.refuses()) {
            decided.denials = binding.into_iter().filter_map(Asked::into_denial).collect();
        } else {
            self.charge_all(host, binding, &mut decided);
        }
        let passes = decided.passes();
        for asked in tried {
            match if passes { self.charge(host, asked) } else { Err(asked.into_denial()) } {
                Ok(charged) => decided.charged.push(charged),
                Err(denial) => decided.would.extend(denial),
            }
        }
        if passes {
            decided.elsewhere = self.elsewhere(elsewhere);
        }
        decided
    }

    /// What services are to be asked; only to try it out, where nothing is enforced.
    fn elsewhere(&self, asked: Vec<Asked>) -> Elsewhere {
        let enforces = self.common.mode != Mode::Shadow;
        let (asks, tries): (Vec<_>, Vec<_>) = asked.into_iter().partition(|asked| asked.binds && enforces);
        let parts = |asked: Vec<Asked>| asked.into_iter().filter_map(Asked::into_part).collect();
        Elsewhere { asks: parts(asks), tries: parts(tries), ..Elsewhere::default() }
    }

    /// Charges here what a service does not answer: all of it, or nothing.
    pub(crate) fn charge_here(&self, host: &dyn Host, parts: Vec<Part>, decided: &mut Decided) {
        let asked = parts.into_iter().filter_map(|part| Asked::here(host, part)).collect();
        self.charge_all(host, asked, decided);
    }

    /// Charges each, or none: what was charged before one that refuses is given back.
    fn charge_all(&self, host: &dyn Host, asked: Vec<Asked>, decided: &mut Decided) {
        for asked in asked {
            match self.charge(host, asked) {
                Ok(charged) => decided.charged.push(charged),
                Err(denial) => {
                    decided.denials.extend(denial);
                    decided.charged.drain(..).for_each(|charged| self.give_back(host, &charged));
                    return;
                }
            }
        }
    }

    fn charge(&self, host: &dyn Host, asked: Asked) -> Result<Charged, Option<Denial>> {
        let limit = Rc::clone(&asked.limit);
        let charged = asked.charge(host)?;
        self.counters.note_keys(host, &limit, charged.1);
        Ok(charged.0)
    }

    /// Undoes a charge. One that cannot be undone is paid for: nobody gains by that.
    pub(crate) fn give_back(&self, host: &dyn Host, charged: &Charged) {
        if let Ok(changed) = charged.limit.ledger.refund(host, charged.place, &charged.receipt) {
            self.counters.note_keys(host, &charged.limit, changed.keys);
        }
    }

    /// Counts what the limits did.
    pub(crate) fn count(&self, host: &dyn Host, decided: &Decided) {
        for part in &decided.elsewhere.admitted {
            self.counters.count(host, &part.limit, Effect::Admitted);
        }
        for charged in &decided.charged {
            self.counters.count(host, &charged.limit, Effect::Admitted);
            if !charged.wait.is_zero() {
                self.counters.count(host, &charged.limit, Effect::Delayed);
            }
            if charged.limit.ledger.is_overflow(charged.place) {
                self.counters.count(host, &charged.limit, Effect::Overflow);
            }
        }
        let refused = if self.common.mode == Mode::Shadow { Effect::WouldRefuse } else { Effect::Refused };
        for (denials, effect) in [(&decided.denials, refused), (&decided.would, Effect::WouldRefuse)] {
            for denial in denials {
                self.counters.count(host, &denial.limit, effect);
                if let Some(cause) = denial.cause.effect() {
                    self.counters.count(host, &denial.limit, cause);
                }
            }
        }
    }
}
