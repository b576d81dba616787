//! What each limit says, before anything is charged.

use std::cell::OnceCell;
use std::time::Duration;

use portcullis_filter::Host;
use portcullis_http::RuleMatch;
use portcullis_policy::{Facts, Outcome, Params};
use portcullis_quota::{Admission, Place, Verdict};

use super::{Cause, Charged, Denial};
use crate::charge::Charge;
use crate::counters::Effect;
use crate::ledger::Look;
use crate::limit::{Account, Limit};
use crate::settings::Settings;

/// The limits of one request are asked one after the other.
pub(super) struct Asking<'s, 'a, 'f> {
    settings: &'s Settings,
    host: &'a dyn Host,
    facts: &'a Facts<'f>,
    /// Drawn once for all limits that are enforced for a share.
    drawn: OnceCell<u32>,
    pub(super) failure: Option<String>,
}

/// A limit that is for the request, and what it says.
#[derive(Debug)]
pub(super) struct Asked<'s> {
    pub(super) limit: &'s Limit,
    /// Whether a refusal counts.
    pub(super) binds: bool,
    key: Option<String>,
    says: Result<Offer, Cause>,
}

/// What it would charge.
#[derive(Debug)]
struct Offer {
    look: Look,
    cost: u64,
    patience: Duration,
}

impl<'s, 'a, 'f> Asking<'s, 'a, 'f> {
    pub(super) fn new(settings: &'s Settings, host: &'a dyn Host, facts: &'a Facts<'f>) -> Self {
        Self { settings, host, facts, drawn: OnceCell::new(), failure: None }
    }

    /// What the limit of `matched` says; nothing where it is not for the request after all.
    pub(super) fn ask(&mut self, matched: RuleMatch<'_>) -> Option<Asked<'s>> {
        let limit = self.settings.limits.get(matched.rule)?;
        let captures = limit.reads_params.then(|| matched.captures());
        let params: Vec<(&str, &str)> = captures.iter().flat_map(|captures| captures.iter()).collect();
        if !self.applies(limit, &params) {
            return None;
        }
        let (key, says) = match limit.account(self.host, &self.settings.hash_key, self.facts, &params) {
            Ok(Account::Of(place, parts)) => (limit.shown(place, &parts), self.offer(limit, place, &params)),
            Ok(Account::Keyless(place)) => {
                self.count(limit, Effect::MissingKey);
                (None, self.offer(limit, place, &params))
            }
            Ok(Account::None) => {
                self.count(limit, Effect::MissingKey);
                return None;
            }
            Ok(Account::Missing) => {
                self.count(limit, Effect::MissingKey);
                (None, Err(Cause::KeyMissing))
            }
            Ok(Account::Failed(why)) => {
                self.fail(limit, &why);
                (None, Err(Cause::KeyFailed))
            }
            Err(_) => (None, Err(Cause::Host)),
        };
        Some(Asked { limit, binds: self.binds(limit), key, says })
    }

    /// Whether the limit's condition holds. Where nobody can tell, it does.
    fn applies(&mut self, limit: &Limit, params: Params<'_>) -> bool {
        match limit.condition.as_ref().map(|condition| condition.holds(self.facts, params)) {
            None | Some(Outcome::True) => true,
            Some(Outcome::False) => false,
            Some(Outcome::Error(failure)) => {
                self.fail(limit, &format!("condition: {failure}"));
                true
            }
        }
    }

    fn offer(&mut self, limit: &Limit, place: Place, params: Params<'_>) -> Result<Offer, Cause> {
        let cost = self.cost(limit, &limit.request, params);
        let patience = self.patience(limit);
        let look = limit.ledger.look(self.host, place)?;
        match limit.ledger.verdict(&look, cost, patience) {
            Verdict::Admitted(_) => Ok(Offer { look, cost, patience }),
            Verdict::Refused(refusal) => Err(Cause::Over(refusal)),
        }
    }

    /// A charge that fails is as much as the limit can hold.
    fn cost(&mut self, limit: &Limit, charge: &Charge, params: Params<'_>) -> u64 {
        charge.units(self.facts, params).unwrap_or_else(|why| {
            self.fail(limit, &format!("charge.request: {why}"));
            limit.ledger.meter.capacity()
        })
    }

    /// How long a request may wait: where there is no seat left, it is refused instead.
    fn patience(&self, limit: &Limit) -> Duration {
        limit.room.as_ref().filter(|room| !room.is_full()).map(|room| room.longest).unwrap_or_default()
    }

    fn binds(&self, limit: &Limit) -> bool {
        !limit.shadow
            && (limit.enforce.is_whole() || limit.enforce.has(*self.drawn.get_or_init(|| self.settings.draw(self.host))))
    }

    fn fail(&mut self, limit: &Limit, why: &str) {
        self.count(limit, Effect::Error);
        self.failure.get_or_insert_with(|| format!("limit `{}`: {why}", limit.name));
    }

    fn count(&self, limit: &Limit, effect: Effect) {
        self.settings.counters.count(self.host, limit, effect);
    }
}

impl<'s> Asked<'s> {
    pub(super) const fn refuses(&self) -> bool {
        self.says.is_err()
    }

    pub(super) fn into_denial(self) -> Option<Denial<'s>> {
        let Self { limit, key, says, .. } = self;
        Some(Denial { limit, cause: says.err()?, key })
    }

    /// Charges what the limit has offered, if that still stands; with how many keys there are more.
    pub(super) fn charge(self, host: &dyn Host) -> Result<(Charged<'s>, i64), Option<Denial<'s>>> {
        let Self { limit, key, says, binds } = self;
        let denied = |cause| Some(Denial { limit, cause, key });
        let offer = match says {
            Ok(offer) => offer,
            Err(cause) => return Err(denied(cause)),
        };
        match limit.ledger.spend(host, offer.look, offer.cost, offer.patience) {
            Err(trouble) => Err(denied(trouble.into())),
            Ok(changed) => match changed.answer {
                Ok(admission) => Ok((charged(limit, changed.place, admission, binds), changed.keys)),
                Err(refusal) => Err(denied(Cause::Over(refusal))),
            },
        }
    }
}

/// Only a limit that binds has anybody wait.
fn charged(limit: &Limit, place: Place, admission: Admission, binds: bool) -> Charged<'_> {
    let Admission { receipt, standing, wait, .. } = admission;
    let wait = if binds { wait } else { Duration::ZERO };
    let seat = limit.room.as_ref().filter(|_| !wait.is_zero()).map(|room| room.take_seat());
    Charged { limit, place, receipt, standing, wait, seat }
}
