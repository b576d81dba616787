//! The decision about a request: every limit that is for it is asked, then all are charged, or none.

mod ask;
mod denial;

use std::time::Duration;

use portcullis_config::Mode;
use portcullis_filter::Host;
use portcullis_http::MatchRequest;
use portcullis_policy::Facts;
use portcullis_quota::{Place, Receipt, Standing};

use crate::counters::Effect;
use crate::limit::Limit;
use crate::settings::Settings;
use crate::waiting::Seat;
use ask::{Asked, Asking};

pub(crate) use denial::{Cause, Denial};

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Decided<'s> {
    /// What it did not fit into, in the configured order: nothing, and it passes.
    pub(crate) denials: Vec<Denial<'s>>,
    /// What it would not have fitted into, had it counted.
    pub(crate) would: Vec<Denial<'s>>,
    /// What it was charged to.
    pub(crate) charged: Vec<Charged<'s>>,
    /// The first expression that could not be evaluated: its limit, and what failed.
    pub(crate) failure: Option<String>,
}

/// A charge that was made.
#[derive(Debug)]
pub(crate) struct Charged<'s> {
    pub(crate) limit: &'s Limit,
    pub(crate) place: Place,
    pub(crate) receipt: Receipt,
    pub(crate) standing: Standing,
    /// How long the request has to wait, and its seat.
    pub(crate) wait: Duration,
    pub(crate) seat: Option<Seat>,
}

impl Decided<'_> {
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
    pub(crate) fn decide<'s>(&'s self, host: &dyn Host, request: &MatchRequest<'_>, facts: &Facts<'_>) -> Decided<'s> {
        let mut asking = Asking::new(self, host, facts);
        let asked: Vec<Asked<'s>> = self.index.matches(request).filter_map(|matched| asking.ask(matched)).collect();
        let mut decided = Decided { failure: asking.failure, ..Decided::default() };
        // Those that decide come first: those that are tried out are charged for what passes.
        let (binding, tried): (Vec<_>, Vec<_>) = asked.into_iter().partition(|asked| asked.binds);
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
        self.count(host, &decided);
        decided
    }

    /// Charges each, or none: what was charged before one that refuses is given back.
    fn charge_all<'s>(&'s self, host: &dyn Host, asked: Vec<Asked<'s>>, decided: &mut Decided<'s>) {
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

    fn charge<'s>(&'s self, host: &dyn Host, asked: Asked<'s>) -> Result<Charged<'s>, Option<Denial<'s>>> {
        let limit = asked.limit;
        let charged = asked.charge(host)?;
        self.counters.note_keys(host, limit, charged.1);
        Ok(charged.0)
    }

    /// Undoes a charge. One that cannot be undone is paid for: nobody gains by that.
    pub(crate) fn give_back(&self, host: &dyn Host, charged: &Charged<'_>) {
        if let Ok(changed) = charged.limit.ledger.refund(host, charged.place, &charged.receipt) {
            self.counters.note_keys(host, charged.limit, changed.keys);
        }
    }

    fn count(&self, host: &dyn Host, decided: &Decided<'_>) {
        for charged in &decided.charged {
            self.counters.count(host, charged.limit, Effect::Admitted);
            if !charged.wait.is_zero() {
                self.counters.count(host, charged.limit, Effect::Delayed);
            }
            if charged.limit.ledger.is_overflow(charged.place) {
                self.counters.count(host, charged.limit, Effect::Overflow);
            }
        }
        let refused = if self.common.mode == Mode::Shadow { Effect::WouldRefuse } else { Effect::Refused };
        for (denials, effect) in [(&decided.denials, refused), (&decided.would, Effect::WouldRefuse)] {
            for denial in denials {
                self.counters.count(host, denial.limit, effect);
                if let Some(cause) = denial.cause.effect() {
                    self.counters.count(host, denial.limit, cause);
                }
            }
        }
    }
}
