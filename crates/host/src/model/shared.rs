//! What all VMs of one proxy have in common.

use std::cell::{Cell, RefCell};
use std::mem;
use std::rc::Rc;

use portcullis_filter::LogLevel;

use super::SharedData;
use super::clock::Clock;
use super::metrics::Metrics;
use crate::callout::{CalloutAnswer, CalloutScript};
use crate::error::Trap;
use crate::grpc_callout::{GrpcAnswer, GrpcRequest, GrpcScript};
use crate::log::{LogLine, Place};
use crate::options::{Options, SharedDataRace};

/// The proxy, apart from its VMs.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) clock: Cell<Clock>,
    pub(crate) data: RefCell<SharedData>,
    pub(crate) metrics: RefCell<Metrics>,
    pub(crate) log: RefCell<Vec<LogLine>>,
    pub(crate) callouts: RefCell<CalloutScript>,
    pub(crate) grpc: RefCell<GrpcScript>,
    pub(crate) grpc_requests: RefCell<Vec<GrpcRequest>>,
    pub(crate) race: RefCell<Option<SharedDataRace>>,
    /// What other workers do between a plugin's read and its write of shared data.
    pub(crate) interleave: RefCell<Option<Rc<dyn Fn()>>>,
    pub(crate) traps: RefCell<Vec<Trap>>,
}

impl Shared {
    pub(crate) fn new(mut options: Options) -> Self {
        Self {
            clock: Cell::new(Clock::starting_at(options.now)),
            data: RefCell::default(),
            metrics: RefCell::default(),
            log: RefCell::default(),
            callouts: RefCell::new(mem::replace(&mut options.callouts, Box::new(|_| CalloutAnswer::UnknownCluster))),
            grpc_requests: RefCell::default(),
            grpc: RefCell::new(mem::replace(&mut options.grpc, Box::new(|_| GrpcAnswer::UnknownCluster))),
            race: RefCell::new(options.on_shared_data_get.take()),
            interleave: RefCell::default(),
            traps: RefCell::default(),
            options,
        }
    }

    pub(crate) fn log(&self, place: Place, level: LogLevel, text: String) {
        self.log.borrow_mut().push(LogLine { place, level, text });
    }
}
