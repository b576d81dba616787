//! What is still to be done about a request that was let on: charges that the response tells, fields in it, leases to give back.

use std::rc::Rc;

use portcullis_attributes::RequestAttributes;
use portcullis_filter::{HeaderBlock, HeaderMap, Host};
use portcullis_gate::judged;
use portcullis_http::{MatchRequest, RuleMatch};
use portcullis_policy::{Facts, Params};
use portcullis_quota::{Place, Receipt, Standing};

use crate::cluster::{Elsewhere, Headers, Part, Report, tell};
use crate::counters::Effect;
use crate::decide::{Charged, Decided};
use crate::limit::Limit;
use crate::settings::Settings;
use crate::waiting::Seat;

/// A request that was let on.
#[derive(Debug)]
pub(crate) struct Open {
    headers: Rc<HeaderBlock>,
    accounts: Vec<Account>,
    /// What services are to be told when the response has come.
    elsewhere: Vec<Part>,
    /// What they report.
    reports: Vec<(Rc<Limit>, Report)>,
    /// What they add to the response.
    added: Headers,
    answered: bool,
}

/// Where it was charged.
#[derive(Debug)]
struct Account {
    /// The number of the limit.
    limit: usize,
    place: Place,
    receipt: Receipt,
    standing: Standing,
    /// What could not be charged when it should have been.
    owed: u64,
}

impl Open {
    /// What is left to be done, if anything is; and the seats of those who wait.
    pub(crate) fn new(settings: &Settings, headers: Rc<HeaderBlock>, decided: Decided) -> (Vec<Seat>, Option<Self>) {
        let announces = settings.response_headers.on_admitted;
        let mut seats = Vec::new();
        let mut accounts = Vec::new();
        for Charged { limit, place, receipt, standing, seat, .. } in decided.charged {
            seats.extend(seat);
            if limit.response.is_some() || limit.lends() || announces && !limit.shadow {
                accounts.push(Account { limit: limit.number, place, receipt, standing, owed: 0 });
            }
        }
        let Elsewhere { admitted, reports, response_headers: added, .. } = decided.elsewhere;
        let elsewhere: Vec<Part> = admitted.into_iter().filter(|part| part.limit.response.is_some()).collect();
        let is_open = !(accounts.is_empty() && elsewhere.is_empty() && reports.is_empty() && added.is_empty());
        (seats, is_open.then_some(Self { headers, accounts, elsewhere, reports, added, answered: false }))
    }

    /// The response has come: it is charged before the client can see it.
    pub(crate) fn on_response(&mut self, settings: &Settings, host: &dyn Host) {
        if std::mem::replace(&mut self.answered, true) {
            return;
        }
        // A client that is told nothing is none the worse.
        let _ = self.added.set(host, HeaderMap::ResponseHeaders);
        let charges = |account: &Account| account.limit(settings).is_some_and(|limit| limit.response.is_some());
        if !self.elsewhere.is_empty() || self.accounts.iter().any(charges) {
            self.charge_response(settings, host);
        }
        if settings.response_headers.on_admitted {
            let standings = self.accounts.iter().filter_map(|account| Some((account.limit(settings)?, account.standing)));
            settings.announce(host, standings, &self.reports);
        }
    }

    /// The exchange is over.
    pub(crate) fn close(mut self, settings: &Settings, host: &dyn Host) {
        for account in &mut self.accounts {
            let Some(limit) = account.limit(settings) else { continue };
            if account.owed > 0 {
                account.charge(settings, host, limit, account.owed);
            }
            if limit.lends()
                && let Ok(changed) = limit.ledger.refund(host, account.place, &account.receipt)
            {
                settings.counters.note_keys(host, limit, changed.keys);
            }
        }
    }

    fn charge_response(&mut self, settings: &Settings, host: &dyn Host) {
        // It was judged before, as the same.
        let Ok(request) = judged(&self.headers, &settings.index, settings.common.path.on_ambiguous) else { return };
        let attributes = RequestAttributes::new(host, &self.headers, &request, &settings.identity);
        let facts = Facts::new(&attributes);
        for account in &mut self.accounts {
            let Some(limit) = account.limit(settings) else { continue };
            let units = units(settings, host, limit, &request, &facts);
            if units > 0 {
                account.charge(settings, host, limit, units);
            }
        }
        for part in &self.elsewhere {
            let units = units(settings, host, &part.limit, &request, &facts);
            if units > 0 && tell(host, part, units).is_err() {
                settings.counters.count(host, &part.limit, Effect::Unavailable);
            }
        }
    }
}

impl Account {
    fn limit<'s>(&self, settings: &'s Settings) -> Option<&'s Limit> {
        settings.limits.get(self.limit).map(Rc::as_ref)
    }

    /// What cannot be charged now is owed until the end.
    fn charge(&mut self, settings: &Settings, host: &dyn Host, limit: &Limit, units: u64) {
        self.owed = 0;
        match limit.ledger.charge(host, self.place, units) {
            Ok(changed) => {
                self.standing = changed.answer;
                settings.counters.note_keys(host, limit, changed.keys);
            }
            Err(_) => {
                self.owed = units;
                settings.counters.count(host, limit, Effect::Contended);
            }
        }
    }
}

/// What the response costs. A charge that fails is as much as the limit can hold.
fn units(settings: &Settings, host: &dyn Host, limit: &Limit, request: &MatchRequest<'_>, facts: &Facts<'_>) -> u64 {
    let Some(charge) = &limit.response else { return 0 };
    let matched = limit.reads_params.then(|| settings.index.matches(request).find(|matched| matched.rule == limit.number));
    let captures = matched.flatten().as_ref().map(RuleMatch::captures);
    let params: Vec<(&str, &str)> = captures.iter().flat_map(|captures| captures.iter()).collect();
    let params: Params<'_> = &params;
    charge.units(facts, params).unwrap_or_else(|_| {
        settings.counters.count(host, limit, Effect::Error);
        limit.most()
    })
}
