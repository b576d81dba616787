//! One simulated proxy: a plugin in all its VMs, requests, and time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{Filter, Timestamp};

use crate::driver::Driver;
use crate::error::{StartError, Trap};
use crate::exchange::{Outcome, Request, StreamId, UpstreamRequest};
use crate::grpc_callout::GrpcRequest;
use crate::log::{LogLine, Place};
use crate::model::{Shared, Worker};
use crate::native::NativeVm;
use crate::options::Options;
use crate::race::{Entry, Race};
use crate::vm::Vm;
use crate::wasm::{Module, WasmVm};

/// A proxy with one plugin, all of it on the calling thread.
pub struct Proxy {
    shared: Rc<Shared>,
    /// The main thread's VM, then the workers'.
    drivers: Rc<[RefCell<Driver>]>,
    streams: BTreeMap<StreamId, (usize, u32)>,
}

/// What happens at one instant is bounded, so that a plugin that answers each answer with a new callout ends.
const MAX_EVENTS_AT_ONCE: usize = 10_000;

impl Proxy {
    /// Starts a proxy around a `.wasm` plugin.
    ///
    /// # Errors
    /// When the plugin refuses its configuration or traps.
    pub fn wasm(module: &Module, configuration: &[u8], options: Options) -> Result<Self, StartError> {
        Self::start(options, |worker| Ok(Box::new(WasmVm::start(module, configuration, worker)?)))
    }

    /// Starts a proxy around a filter that is linked into this program.
    ///
    /// # Errors
    /// When the filter refuses its configuration.
    pub fn native<F: Filter>(configuration: &[u8], options: Options) -> Result<Self, StartError> {
        Self::start(options, |worker| Ok(Box::new(NativeVm::<F>::start(configuration, worker)?)))
    }

    /// As Envoy: a canary, thrown away, then the main thread, then the workers.
    fn start(
        options: Options,
        boot: impl Fn(&Rc<RefCell<Worker>>) -> Result<Box<dyn Vm>, StartError>,
    ) -> Result<Self, StartError> {
        let workers = options.workers.max(1);
        let shared = Rc::new(Shared::new(options));
        let begin = |place| {
            let worker = Rc::new(RefCell::new(Worker::new(place, Rc::clone(&shared))));
            let vm = boot(&worker)?;
            Ok(Driver::new(worker, vm))
        };
        drop(begin(Place::Canary)?);
        let places = std::iter::once(Place::Main).chain((0..workers).map(Place::Worker));
        let drivers = places.map(|place| begin(place).map(RefCell::new)).collect::<Result<Vec<_>, StartError>>()?.into();
        let mut proxy = Self { shared, drivers, streams: BTreeMap::new() };
        proxy.advance(Duration::ZERO);
        Ok(proxy)
    }

    /// Sends `request` to a worker, counted from 0 and again from 0 after the last, and goes on until it is answered or held.
    pub fn send(&mut self, worker: usize, request: Request) -> StreamId {
        let id = StreamId(self.streams.len() as u64 + 1);
        let index = self.index(worker);
        if let Some(driver) = self.drivers.get(index) {
            let context = driver.borrow_mut().open(id, request);
            self.streams.insert(id, (index, context));
        }
        self.advance(Duration::ZERO);
        id
    }

    /// Sends requests, each to a worker, that race: whenever a plugin has read shared data, `choose` is asked whether another worker
    /// is to overtake it now, with how many requests of idle workers there are, and with which of them. It then gets as far as it can
    /// before the plugin goes on. The streams come in the order of `requests`.
    pub fn race(
        &mut self,
        requests: Vec<(usize, Request)>,
        choose: impl FnMut(usize) -> Option<usize> + 'static,
    ) -> Vec<StreamId> {
        let first = self.streams.len() as u64 + 1;
        let entries = requests.into_iter().zip(first..).map(|((worker, request), id)| Entry {
            id: StreamId(id),
            index: self.index(worker),
            request,
        });
        let race = Race::new(Rc::clone(&self.drivers), entries.collect(), choose);
        let begun = race.run(&self.shared);
        let ids = begun.keys().copied().collect();
        self.streams.extend(begun);
        self.advance(Duration::ZERO);
        ids
    }

    fn index(&self, worker: usize) -> usize {
        1 + worker % (self.drivers.len() - 1).max(1)
    }

    /// How far a request got; one that this proxy never saw is held for ever.
    #[must_use]
    pub fn outcome(&self, id: StreamId) -> Outcome {
        let driver = self.streams.get(&id).and_then(|(index, _)| self.drivers.get(*index));
        let exchange = driver.and_then(|driver| driver.borrow().worker.borrow().finished.get(&id).cloned());
        exchange.map_or(Outcome::Held, Outcome::Done)
    }

    /// What the upstream has seen of a request that it has not answered yet.
    #[must_use]
    pub fn in_flight(&self, id: StreamId) -> Option<UpstreamRequest> {
        let (index, context) = self.streams.get(&id)?;
        let driver = self.drivers.get(*index)?.borrow();
        let worker = driver.worker.borrow();
        worker.streams.get(context)?.seen_upstream()
    }

    /// Moves the clock forward; ticks and answers to callouts happen on the way, in the order of time.
    pub fn advance(&mut self, by: Duration) {
        let target = self.shared.clock.get().elapsed() + by;
        let mut at_once = 0;
        while let Some((due, index)) = self.next_due().filter(|(due, _)| *due <= target) {
            let mut clock = self.shared.clock.get();
            at_once = if due > clock.elapsed() { 0 } else { at_once + 1 };
            if at_once > MAX_EVENTS_AT_ONCE {
                break;
            }
            clock.reach(due);
            self.shared.clock.set(clock);
            if let Some(driver) = self.drivers.get(index) {
                driver.borrow_mut().fire(due);
            }
        }
        let mut clock = self.shared.clock.get();
        clock.reach(target);
        self.shared.clock.set(clock);
    }

    fn next_due(&self) -> Option<(Duration, usize)> {
        let due = self.drivers.iter().enumerate().filter_map(|(index, driver)| Some((driver.borrow().next_due()?, index)));
        due.min()
    }

    /// What the wall clock shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.clock.get().now()
    }

    /// Lets the wall clock jump, forward or back, without any time going by.
    pub fn set_wall_clock(&mut self, now: Timestamp) {
        let mut clock = self.shared.clock.get();
        clock.jump(now);
        self.shared.clock.set(clock);
    }

    /// The client of a request that is held goes away.
    pub fn disconnect(&mut self, id: StreamId) {
        let Some((index, context)) = self.streams.get(&id) else { return };
        if let Some(driver) = self.drivers.get(*index) {
            driver.borrow_mut().disconnect(*context);
        }
    }

    /// Every metric by its full name (without Envoy's `wasmcustom.`), summed up over all VMs, the canary included; of a
    /// histogram the number of records.
    #[must_use]
    pub fn metrics(&self) -> BTreeMap<String, i64> {
        self.shared.metrics.borrow().values()
    }

    /// Every line that was logged, in order.
    #[must_use]
    pub fn logs(&self) -> Vec<LogLine> {
        self.shared.log.borrow().clone()
    }

    /// Every gRPC callout that was made, in order.
    #[must_use]
    pub fn grpc_requests(&self) -> Vec<GrpcRequest> {
        self.shared.grpc_requests.borrow().clone()
    }

    /// The value of shared data under `key`.
    #[must_use]
    pub fn shared_data(&self, key: &str) -> Option<Vec<u8>> {
        self.shared.data.borrow().value(key).map(<[u8]>::to_vec)
    }

    /// Writes shared data, as a plugin in another VM would.
    pub fn set_shared_data(&mut self, key: &str, value: &[u8]) {
        self.shared.data.borrow_mut().replace(key, value);
    }

    /// How large the linear memory of a worker's VM is, in bytes; 0 natively.
    #[must_use]
    pub fn memory_size(&self, worker: usize) -> usize {
        self.drivers.get(self.index(worker)).map_or(0, |driver| driver.borrow_mut().vm.memory_size())
    }

    /// The value of a global of 64 bits that the module exports, in a worker's VM; `None` where it exports none, and natively.
    #[must_use]
    pub fn global(&self, worker: usize, name: &str) -> Option<i64> {
        self.drivers.get(self.index(worker))?.borrow_mut().vm.global(name)
    }

    /// How many VMs have died.
    #[must_use]
    pub fn vm_failures(&self) -> u64 {
        self.shared.traps.borrow().len() as u64
    }

    /// What the last VM died of.
    #[must_use]
    pub fn last_trap(&self) -> Option<Trap> {
        self.shared.traps.borrow().last().cloned()
    }
}
