//! Keys that providers publish: fetched in the background, once per proxy, kept through rotations and outages.
//!
//! The filter owns one [`KeySources`]. A request takes [`KeySources::current`] keys; where there are none, or not the one that
//! its token names, it is held ([`KeySources::hold`]) and judged again from a callback of the root context.

mod config;
mod discovery;
mod fetch;
mod freshness;
mod ledger;
mod metrics;
mod options;
mod source;
mod store;
mod unknown;
mod uri;
mod waiting;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{Attributes, CallResponse, Flow, Host, StreamId, Timestamp};
use portcullis_jose::KeySet;

pub(crate) use config::{DiscoveryConfig, RemoteJwksConfig};
pub(crate) use options::RemoteKeys;
pub(crate) use waiting::Hold;

use source::Source;
use waiting::{Waiter, Waiting};

/// Ticks until the first one: keys are there as early as can be.
const AT_START: Duration = Duration::from_millis(1);

/// Ticks while requests wait.
const WHILE_WAITING: Duration = Duration::from_millis(5);

/// Ticks otherwise: a token of a new key waits no longer for its fetch to begin, and twenty cheap ticks a second cost nothing.
const OTHERWISE: Duration = Duration::from_millis(50);

/// Names a provider's remote keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceId(usize);

/// Counts the different key sets that a provider has had in this VM: what was verified with an earlier one is to be again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Generation(pub(crate) u64);

/// What becomes of a token whose key is not in its provider's set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnknownKey {
    /// The provider does not have this key: 401.
    Refuse,
    /// It may be new: hold the request, keys are fetched.
    Hold,
}

/// What is known of a request that is judged again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waited {
    /// When it came.
    pub(crate) since: Timestamp,
    /// Whether it has waited long enough: if it still lacks keys, it is refused (503).
    pub(crate) expired: bool,
}

/// What judging a request again came to.
#[derive(Debug)]
pub(crate) enum Rejudged {
    /// It goes on, or is answered.
    Decided(Flow),
    /// It waits on, for this provider; not once it has expired.
    Waits(SourceId),
}

/// Judges a request again, on the host as the request sees it.
pub(crate) type Judge<'a> = dyn FnMut(&dyn Host, Waited) -> Rejudged + 'a;

/// The remote keys of all providers, and the requests that wait for them.
#[derive(Debug, Default)]
pub(crate) struct KeySources {
    sources: Vec<RefCell<Source>>,
    waiting: RefCell<Waiting>,
    /// Whether shared data is only this configuration's VMs'.
    shares: OnceCell<bool>,
    period: Cell<Option<Duration>>,
    aged: Cell<u64>,
}

impl KeySources {
    /// One more provider's keys.
    pub(crate) fn add(&mut self, instance: &str, provider: &str, remote: RemoteKeys) -> SourceId {
        self.sources.push(RefCell::new(Source::new(instance, provider, remote)));
        SourceId(self.sources.len() - 1)
    }

    /// How often to tick at first; never where all keys are local.
    pub(crate) fn tick_period(&self) -> Option<Duration> {
        (!self.sources.is_empty()).then_some(AT_START)
    }

    /// The keys; `None` until they are first fetched and when they are too old: hold the request.
    pub(crate) fn current(&self, source: SourceId, now: Timestamp) -> Option<(Rc<KeySet>, Generation)> {
        self.sources.get(source.0)?.borrow().current(now)
    }

    /// What becomes of a token whose key is not in the set. `asked`: when the request came ([`Waited::since`]), `now` at first.
    pub(crate) fn unknown_key(&self, source: SourceId, kid: Option<&str>, asked: Timestamp, now: Timestamp) -> UnknownKey {
        match self.sources.get(source.0) {
            Some(source) => source.borrow_mut().unknown_key(kid, asked, now),
            None => UnknownKey::Refuse,
        }
    }

    /// Lets a request wait; only from its own callback. `None` when too many wait already: refuse it (503).
    pub(crate) fn hold(&self, source: SourceId, stream: StreamId, now: Timestamp) -> Option<Hold> {
        let patience = self.sources.get(source.0)?.borrow().remote.timeout;
        self.waiting.borrow_mut().hold(source, stream, now, patience)
    }

    /// To be called from the filter's `on_tick`.
    pub(crate) fn on_tick(&self, host: &dyn Host, judge: &mut Judge<'_>) {
        let now = host.now();
        let shares = *self.shares.get_or_init(|| has_own_vm(host));
        for (id, source) in self.all() {
            if source.borrow_mut().tick(host, now, shares) {
                self.waiting.borrow_mut().tell(id);
            }
        }
        self.wake(host, now, judge);
        self.report_ages(host, now);
        self.set_pace(host);
    }

    /// To be called from the filter's `on_http_call_response`.
    pub(crate) fn on_http_call_response(&self, host: &dyn Host, response: CallResponse, judge: &mut Judge<'_>) {
        let now = host.now();
        for (id, source) in self.all() {
            let answered = source.borrow_mut().answered(host, response, now);
            if answered == Some(true) {
                self.waiting.borrow_mut().tell(id);
            }
        }
        self.wake(host, now, judge);
    }

    fn all(&self) -> impl Iterator<Item = (SourceId, &RefCell<Source>)> {
        self.sources.iter().enumerate().map(|(index, source)| (SourceId(index), source))
    }

    fn wake(&self, host: &dyn Host, now: Timestamp, judge: &mut Judge<'_>) {
        let due = self.waiting.borrow_mut().take_due(now);
        for waiter in due {
            self.wake_one(host, waiter, now, judge);
        }
        for (id, source) in self.all() {
            source.borrow().metrics.waiting(host, self.waiting.borrow().count(id));
        }
    }

    fn wake_one(&self, host: &dyn Host, waiter: Waiter, now: Timestamp, judge: &mut Judge<'_>) {
        let waited = Waited { since: waiter.since, expired: waiter.has_expired(now) };
        let mut waits = None;
        let resumed = host.resume(waiter.stream, &mut |host| match judge(host, waited) {
            Rejudged::Decided(flow) => {
                // A refusal that the proxy does not carry out must not let the body go on.
                if matches!(flow, Flow::Continue) {
                    waiter.release();
                }
                flow
            }
            Rejudged::Waits(source) => {
                waits = Some(source);
                Flow::Pause
            }
        });
        // A client that has gone cannot be resumed, and nobody waits for it.
        if let (Ok(()), Some(source)) = (resumed, waits) {
            self.waiting.borrow_mut().put_back(waiter, source);
        }
    }

    /// Once a second.
    fn report_ages(&self, host: &dyn Host, now: Timestamp) {
        if self.aged.replace(now.as_secs()) == now.as_secs() {
            return;
        }
        for (_, source) in self.all() {
            let source = source.borrow();
            if let Some(age) = source.age(now) {
                source.metrics.age(host, age);
            }
        }
    }

    fn set_pace(&self, host: &dyn Host) {
        let period = if self.waiting.borrow().is_empty() { OTHERWISE } else { WHILE_WAITING };
        if self.period.get() != Some(period) && host.set_tick_period(period).is_ok() {
            self.period.set(Some(period));
        }
    }
}

/// Where VMs have no id of their own, all plugins of the proxy share one namespace: whoever writes there could add keys.
fn has_own_vm(host: &(impl Attributes + ?Sized)) -> bool {
    matches!(host.attribute(&["plugin_vm_id"]), Ok(Some(id)) if !id.is_empty())
}

#[cfg(test)]
mod tests;
