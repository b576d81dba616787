//! Requests that wait for keys.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{StreamId, Timestamp};

use super::SourceId;

/// How many requests of one provider may wait in one VM: a flood must not fill the proxy's memory with bodies.
pub(super) const MAX_WAITING: usize = 1000;

/// How many are judged in one callback: other requests of the worker come in between.
const MAX_AT_ONCE: usize = 100;

/// Whether a request waits; its stream's body and trailer callbacks answer `Pause` as long as it does. Dropped with the stream.
#[derive(Debug)]
pub(crate) struct Hold(Rc<Cell<bool>>);

impl Hold {
    /// Whether the request still waits.
    pub(crate) fn is_held(&self) -> bool {
        self.0.get()
    }
}

/// A request that waits.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) stream: StreamId,
    pub(super) source: SourceId,
    pub(super) since: Timestamp,
    deadline: Timestamp,
    /// Something has changed for it.
    news: bool,
    hold: Rc<Cell<bool>>,
}

impl Waiter {
    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        // Before it came: the clock went back, and it is not to wait for as long again.
        self.deadline <= now || now < self.since
    }

    /// Its client has gone, and its stream with it.
    pub(super) fn is_abandoned(&self) -> bool {
        Rc::strong_count(&self.hold) == 1
    }

    pub(super) fn release(&self) {
        self.hold.set(false);
    }
}

/// All requests that wait, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Waiting(Vec<Waiter>);

impl Waiting {
    /// `None` when too many of this provider wait already.
    pub(super) fn hold(&mut self, source: SourceId, stream: StreamId, now: Timestamp, patience: Duration) -> Option<Hold> {
        if self.count(source) >= MAX_WAITING {
            return None;
        }
        let hold = Rc::new(Cell::new(true));
        let deadline = now.saturating_add(patience);
        self.0.push(Waiter { stream, source, since: now, deadline, news: false, hold: Rc::clone(&hold) });
        Some(Hold(hold))
    }

    /// It still waits, perhaps for another provider.
    pub(super) fn put_back(&mut self, waiter: Waiter, source: SourceId) {
        let at = self.0.partition_point(|other| other.since <= waiter.since);
        self.0.insert(at, Waiter { source, news: false, ..waiter });
    }

    pub(super) fn tell(&mut self, source: SourceId) {
        self.0.iter_mut().filter(|waiter| waiter.source == source).for_each(|waiter| waiter.news = true);
    }

    /// Those to be judged now, the abandoned ones among them.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<Waiter> {
        let is_due = |waiter: &mut Waiter| waiter.news || waiter.has_expired(now) || waiter.is_abandoned();
        self.0.extract_if(.., is_due).take(MAX_AT_ONCE).collect()
    }

    pub(super) fn count(&self, source: SourceId) -> usize {
        self.0.iter().filter(|waiter| waiter.source == source).count()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
