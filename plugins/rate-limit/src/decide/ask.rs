//! What each limit says, before anything is charged.

use std::cell::OnceCell;
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::Host;
use portcullis_http::RuleMatch;
use portcullis_policy::{Facts, Outcome, Params};
use portcullis_quota::{Admission, Place, Verdict};

use super::{Cause, Charged, Denial};
use crate::charge::Charge;
use crate::cluster::{Cluster, Part};
use crate::config::OnMissingKey;
use crate::counters::Effect;
use crate::key::{ShownKey, Told};
use crate::ledger::{Changed, Look};
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
pub(super) struct Asked {
    pub(super) limit: Rc<Limit>,
    /// Whether a refusal counts.
    pub(super) binds: bool,
    key: Option<ShownKey>,
    says: Result<Offer, Cause>,
}

/// What it would charge.
#[derive(Debug)]
enum Offer {
    /// To an account of this proxy.
    Here(Look, Spending),
    /// To what a service counts by these values; to an account of this proxy, where it has one, if the service does not answer.
    There { values: Vec<String>, hits: u64, account: Option<Place> },
}

/// How much, and how long the request would wait for it.
#[derive(Debug, Clone, Copy)]
struct Spending {
    cost: u64,
    patience: Duration,
}

/// The key as a record shows it, and what the limit says.
type Said = (Option<ShownKey>, Result<Offer, Cause>);

impl<'s, 'a, 'f> Asking<'s, 'a, 'f> {
    pub(super) fn new(settings: &'s Settings, host: &'a dyn Host, facts: &'a Facts<'f>) -> Self {
        Self { settings, host, facts, drawn: OnceCell::new(), failure: None }
    }

    /// What the limit of `matched` says; nothing where it is not for the request after all.
    pub(super) fn ask(&mut self, matched: RuleMatch<'_>) -> Option<Asked> {
        let limit = self.settings.limits.get(matched.rule)?;
        let captures = limit.reads_params.then(|| matched.captures());
        let params: Vec<(&str, &str)> = captures.iter().flat_map(|captures| captures.iter()).collect();
        self.settings.tell(|witness| witness.asked(limit, self.facts, &params));
        if !self.applies(limit, &params) {
            return None;
        }
        let (key, says) = match &limit.cluster {
            Some(cluster) => self.ask_there(limit, cluster, &params)?,
            None => self.ask_here(limit, &params)?,
        };
        self.settings.tell(|witness| witness.keyed(limit, key.as_ref()));
        Some(Asked { binds: self.binds(limit), limit: Rc::clone(limit), key, says })
    }

    fn ask_here(&mut self, limit: &Limit, params: Params<'_>) -> Option<Said> {
        Some(match self.account(limit, params)? {
            Ok((place, key)) => (key, self.offer(limit, place, params)),
            Err(cause) => (None, Err(cause)),
        })
    }

    /// What a service is to be asked. Whoever costs nothing is not asked about.
    fn ask_there(&mut self, limit: &Limit, cluster: &Cluster, params: Params<'_>) -> Option<Said> {
        let (told, lacks) = cluster.descriptor.tell(self.facts, params);
        if lacks {
            self.count(limit, Effect::MissingKey);
        }
        let values = match told {
            Told::Key(values) => values,
            Told::Missing if cluster.descriptor.on_missing() == OnMissingKey::Skip => return None,
            Told::Missing => return Some((None, Err(Cause::KeyMissing))),
            Told::Failed(why) => {
                self.fail(limit, &why);
                return Some((None, Err(Cause::KeyFailed)));
            }
        };
        let account = if cluster.falls_back { self.account(limit, params) } else { None };
        let account = match account.transpose() {
            Ok(account) => account.map(|(place, _)| place),
            Err(cause) => return Some((None, Err(cause))),
        };
        let hits = self.cost(limit, &limit.request, params);
        let key = self
            .settings
            .hash_key
            .get(self.host)
            .ok()
            .and_then(|key| limit.shown(key.place(values.iter().map(String::as_str), 1), &values));
        (hits > 0).then_some((key, Ok(Offer::There { values, hits, account })))
    }

    /// Whom the request is counted for here, and how a record shows it.
    fn account(&mut self, limit: &Limit, params: Params<'_>) -> Option<Result<(Place, Option<ShownKey>), Cause>> {
        let account = match limit.account(self.host, &self.settings.hash_key, self.facts, params) {
            Ok(Account::Of(place, parts)) => return Some(Ok((place, limit.shown(place, &parts)))),
            Ok(account) => account,
            Err(_) => return Some(Err(Cause::Host)),
        };
        match &account {
            Account::Failed(why) => self.fail(limit, why),
            _ => self.count(limit, Effect::MissingKey),
        }
        match account {
            Account::Of(place, _) | Account::Keyless(place) => Some(Ok((place, None))),
            Account::None => None,
            Account::Missing => Some(Err(Cause::KeyMissing)),
            Account::Failed(_) => Some(Err(Cause::KeyFailed)),
        }
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
        offer(limit, self.host, place, Spending { cost, patience: self.patience(limit) })
    }

    /// A charge that fails is as much as the limit can hold.
    fn cost(&mut self, limit: &Limit, charge: &Charge, params: Params<'_>) -> u64 {
        let units = charge.units(self.facts, params).unwrap_or_else(|why| {
            self.fail(limit, &format!("charge.request: {why}"));
            limit.most()
        });
        self.settings.tell(|witness| witness.costs(limit, units));
        units
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

impl Asked {
    /// What the proxy counts by itself of what a service does not answer; nothing where it does not count it.
    pub(super) fn here(host: &dyn Host, part: Part) -> Option<Self> {
        let Part { limit, hits, account, key, .. } = part;
        let says = offer(&limit, host, account?, Spending { cost: hits, patience: Duration::ZERO });
        Some(Self { limit, binds: true, key, says })
    }

    pub(super) const fn refuses(&self) -> bool {
        self.says.is_err()
    }

    /// Whether a service is to be asked.
    pub(super) const fn is_elsewhere(&self) -> bool {
        matches!(self.says, Ok(Offer::There { .. }))
    }

    /// What it is to be asked.
    pub(super) fn into_part(self) -> Option<Part> {
        match self.says {
            Ok(Offer::There { values, hits, account }) => Some(Part { limit: self.limit, values, hits, account, key: self.key }),
            _ => None,
        }
    }

    pub(super) fn into_denial(self) -> Option<Denial> {
        let Self { limit, key, says, .. } = self;
        Some(Denial { limit, cause: says.err()?, key })
    }

    /// Charges what the limit has offered, if that still stands; with how many keys there are more.
    pub(super) fn charge(self, host: &dyn Host) -> Result<(Charged, i64), Option<Denial>> {
        let Self { limit, key, says, binds } = self;
        let spent = match says {
            Ok(Offer::Here(look, Spending { cost, patience })) => limit.ledger.spend(host, look, cost, patience),
            Ok(Offer::There { .. }) => return Err(None),
            Err(cause) => return Err(Some(Denial { limit, cause, key })),
        };
        let cause = match spent {
            Ok(Changed { answer: Ok(admission), place, keys }) => return Ok((charged(limit, place, admission, binds), keys)),
            Ok(Changed { answer: Err(refusal), .. }) => Cause::Over(refusal),
            Err(trouble) => trouble.into(),
        };
        Err(Some(Denial { limit, cause, key }))
    }
}

fn offer(limit: &Limit, host: &dyn Host, place: Place, spending: Spending) -> Result<Offer, Cause> {
    let look = limit.ledger.look(host, place)?;
    match limit.ledger.verdict(&look, spending.cost, spending.patience) {
        Verdict::Admitted(_) => Ok(Offer::Here(look, spending)),
        Verdict::Refused(refusal) => Err(Cause::Over(refusal)),
    }
}

/// Only a limit that binds has anybody wait.
fn charged(limit: Rc<Limit>, place: Place, admission: Admission, binds: bool) -> Charged {
    let Admission { receipt, standing, wait, .. } = admission;
    let wait = if binds { wait } else { Duration::ZERO };
    let seat = limit.room.as_ref().filter(|_| !wait.is_zero()).map(|room| room.take_seat());
    Charged { limit, place, receipt, standing, wait, seat }
}
