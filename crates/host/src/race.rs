//! Requests that overtake each other, so that compare-and-swap fails as it does where workers are threads.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::driver::Driver;
use crate::exchange::{Request, StreamId};
use crate::model::Shared;

/// A request that is still to be sent.
pub(crate) struct Entry {
    pub(crate) id: StreamId,
    /// The driver of its worker.
    pub(crate) index: usize,
    pub(crate) request: Request,
}

/// The requests that race, and who decides which is next.
pub(crate) struct Race {
    drivers: Rc<[RefCell<Driver>]>,
    waiting: RefCell<Vec<Entry>>,
    begun: RefCell<BTreeMap<StreamId, (usize, u32)>>,
    choose: RefCell<Choose>,
}

/// Which of so many requests is next, if any is.
type Choose = Box<dyn FnMut(usize) -> Option<usize>>;

impl Race {
    pub(crate) fn new(
        drivers: Rc<[RefCell<Driver>]>,
        waiting: Vec<Entry>,
        choose: impl FnMut(usize) -> Option<usize> + 'static,
    ) -> Rc<Self> {
        let choose = RefCell::new(Box::new(choose) as Choose);
        Rc::new(Self { drivers, waiting: RefCell::new(waiting), begun: RefCell::default(), choose })
    }

    /// Until all requests are sent: each stream with its driver and its context.
    pub(crate) fn run(self: &Rc<Self>, shared: &Shared) -> BTreeMap<StreamId, (usize, u32)> {
        let race = Rc::clone(self);
        *shared.interleave.borrow_mut() = Some(Rc::new(move || race.overtake()));
        while let Some(entry) = self.take(0) {
            self.send(entry);
        }
        *shared.interleave.borrow_mut() = None;
        self.begun.take()
    }

    /// A plugin is between its read and its write: another worker may be faster, and yet another.
    fn overtake(&self) {
        while let Some(entry) = self.next() {
            self.send(entry);
        }
    }

    fn next(&self) -> Option<Entry> {
        let count = self.idle().len();
        let chosen = if count > 0 { (self.choose.borrow_mut())(count)? } else { return None };
        self.take(chosen)
    }

    /// The places of the requests whose workers do nothing at the moment.
    fn idle(&self) -> Vec<usize> {
        let is_idle = |entry: &Entry| self.drivers.get(entry.index).is_some_and(|driver| driver.try_borrow_mut().is_ok());
        let waiting = self.waiting.borrow();
        waiting.iter().enumerate().filter(|(_, entry)| is_idle(entry)).map(|(place, _)| place).collect()
    }

    fn take(&self, chosen: usize) -> Option<Entry> {
        let place = *self.idle().get(chosen)?;
        Some(self.waiting.borrow_mut().remove(place))
    }

    fn send(&self, Entry { id, index, request }: Entry) {
        if let Some(driver) = self.drivers.get(index) {
            let context = driver.borrow_mut().open(id, request);
            self.begun.borrow_mut().insert(id, (index, context));
        }
    }
}
