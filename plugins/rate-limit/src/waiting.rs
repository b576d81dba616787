//! Requests that wait until they fit: each is charged already, and only its time has to come.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{Flow, Host, StreamId, Timestamp};

/// How often it is looked whose time has come; so much longer does somebody wait at most.
pub(crate) const PERIOD: Duration = Duration::from_millis(10);

/// How many go on in one callback: other requests of the worker come in between.
const MAX_AT_ONCE: usize = 100;

/// The room of one limit for requests that wait.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) longest: Duration,
    seats: u32,
    taken: Rc<Cell<u32>>,
}

/// A place in a room, free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat(Rc<Cell<u32>>);

impl Room {
    pub(crate) fn new(longest: Duration, seats: u32) -> Self {
        Self { longest, seats, taken: Rc::default() }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.taken.get() >= self.seats
    }

    pub(crate) fn take_seat(&self) -> Seat {
        self.taken.set(self.taken.get() + 1);
        Seat(Rc::clone(&self.taken))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

/// Whether a request waits; its stream's body and trailer callbacks answer `Pause` as long as it does. Dropped with the stream.
#[derive(Debug)]
pub(crate) struct Hold(Rc<Cell<bool>>);

impl Hold {
    pub(crate) fn is_held(&self) -> bool {
        self.0.get()
    }
}

/// A request that waits.
#[derive(Debug)]
struct Waiter {
    stream: StreamId,
    since: Timestamp,
    until: Timestamp,
    held: Rc<Cell<bool>>,
    _seats: Vec<Seat>,
}

impl Waiter {
    /// Before it came: the clock was set back, and it is not to wait for as long again.
    fn is_due(&self, now: Timestamp) -> bool {
        self.until <= now || now < self.since
    }

    /// Its client has gone, and its stream with it.
    fn is_abandoned(&self) -> bool {
        Rc::strong_count(&self.held) == 1
    }
}

/// All requests that wait, as many as the rooms have seats.
#[derive(Debug, Default)]
pub(crate) struct Waiting(RefCell<Vec<Waiter>>);

impl Waiting {
    pub(crate) fn hold(&self, stream: StreamId, now: Timestamp, wait: Duration, seats: Vec<Seat>) -> Hold {
        let held = Rc::new(Cell::new(true));
        let until = now.saturating_add(wait);
        let mut waiters = self.0.borrow_mut();
        let at = waiters.partition_point(|other| other.until <= until);
        waiters.insert(at, Waiter { stream, since: now, until, held: Rc::clone(&held), _seats: seats });
        Hold(held)
    }

    /// Lets go on whose time has come.
    pub(crate) fn on_tick(&self, host: &dyn Host) {
        for waiter in self.take_due(host.now()) {
            waiter.held.set(false);
            // One whose client has gone is no longer there.
            let _ = host.resume(waiter.stream, &mut |_| Flow::Continue);
        }
    }

    fn take_due(&self, now: Timestamp) -> Vec<Waiter> {
        let mut waiters = self.0.borrow_mut();
        waiters.extract_if(.., |waiter| waiter.is_due(now) || waiter.is_abandoned()).take(MAX_AT_ONCE).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn due(waiting: &Waiting, now: u64) -> Vec<u32> {
        waiting.take_due(Timestamp::from_secs(now)).into_iter().map(|waiter| waiter.stream.0).collect()
    }

    #[test]
    fn whose_time_has_come_goes_on_in_the_order_of_time() {
        let waiting = Waiting::default();
        let hold = |stream, wait| waiting.hold(StreamId(stream), Timestamp::from_secs(100), SECOND * wait, Vec::new());
        let _holds = [hold(1, 3), hold(2, 1), hold(3, 3), hold(4, 2)];
        assert!(due(&waiting, 100).is_empty());
        assert_eq!(due(&waiting, 102), [2, 4]);
        assert_eq!(due(&waiting, 103), [1, 3]);
        assert!(due(&waiting, 104).is_empty());
    }

    #[test]
    fn nobody_waits_again_because_the_clock_was_set_back() {
        let waiting = Waiting::default();
        let _hold = waiting.hold(StreamId(1), Timestamp::from_secs(100), SECOND, Vec::new());
        assert_eq!(due(&waiting, 99), [1]);
    }

    #[test]
    fn whoever_has_gone_leaves_its_seat() {
        let (waiting, room) = (Waiting::default(), Room::new(SECOND, 1));
        let hold = waiting.hold(StreamId(1), Timestamp::from_secs(100), SECOND, vec![room.take_seat()]);
        assert!(room.is_full() && hold.is_held());
        drop(hold);
        assert_eq!(due(&waiting, 100), [1]);
        assert!(!room.is_full());
    }
}
