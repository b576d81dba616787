//! What the host knows of one VM: its streams, its timer, its callouts, and the callback that is running.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use portcullis_filter::LogLevel;

use super::{Action, CallAnswer, GrpcOutcome, Instant, MetricIds, PendingAnswer, PendingCall, Shared, Status, Stream};
use crate::error::Trap;
use crate::exchange::{Exchange, StreamId};
use crate::log::Place;
use crate::vm::Call;

/// The context of the plugin itself.
pub(crate) const ROOT_CONTEXT: u32 = 1;

/// One VM, seen from the host.
pub(crate) struct Worker {
    pub(crate) place: Place,
    pub(crate) shared: Rc<Shared>,
    pub(crate) streams: BTreeMap<u32, Stream>,
    pub(crate) finished: BTreeMap<StreamId, Exchange>,
    pub(crate) actions: VecDeque<Action>,
    pub(crate) timer: Option<Timer>,
    pub(crate) pending_calls: Vec<PendingCall>,
    /// When the upstream answers which stream.
    pub(crate) pending_answers: Vec<(Instant, u32)>,
    /// The answer that the running callback is about.
    pub(crate) call_answer: Option<CallAnswer>,
    /// The message that the running callback is about.
    pub(crate) grpc_message: Option<Vec<u8>>,
    /// The gRPC status that came last, and within its callback what is said of it.
    pub(crate) grpc_status: (u32, String),
    /// The configuration, while `configure` runs.
    pub(crate) configuration: Option<Vec<u8>>,
    pub(crate) metric_ids: MetricIds,
    pub(crate) failed: bool,
    pub(crate) last_stderr: Option<String>,
    pub(crate) random: u64,
    next_context: u32,
    pub(crate) next_call: u32,
    running: Running,
}

/// The callback that is running.
#[derive(Debug, Default)]
struct Running {
    context: u32,
    effective: Option<u32>,
    replied: bool,
}

/// Each VM has random bytes of its own.
const fn seed(place: Place) -> u64 {
    match place {
        Place::Canary => 1,
        Place::Main => 2,
        Place::Worker(index) => 3 + index as u64,
    }
}

/// The root context's timer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timer {
    pub(crate) period: Instant,
    pub(crate) due: Instant,
}

impl Worker {
    pub(crate) fn new(place: Place, shared: Rc<Shared>) -> Self {
        Self {
            place,
            shared,
            streams: BTreeMap::new(),
            finished: BTreeMap::new(),
            actions: VecDeque::new(),
            timer: None,
            pending_calls: Vec::new(),
            pending_answers: Vec::new(),
            call_answer: None,
            grpc_message: None,
            grpc_status: (0, String::new()),
            configuration: None,
            metric_ids: MetricIds::default(),
            failed: false,
            last_stderr: None,
            random: seed(place),
            next_context: ROOT_CONTEXT + 1,
            next_call: 1,
            running: Running::default(),
        }
    }

    pub(crate) fn open(&mut self, stream: Stream) -> u32 {
        let context = self.next_context;
        self.next_context += 1;
        self.streams.insert(context, stream);
        context
    }

    /// A callback of `context` begins.
    pub(crate) fn enter(&mut self, context: u32) {
        self.running = Running { context, ..Running::default() };
        self.last_stderr = None;
    }

    /// It has returned: whether it sent a local reply, which overrules its answer.
    pub(crate) fn leave(&mut self, fuel: u64) -> bool {
        self.call_answer = None;
        self.grpc_message = None;
        self.grpc_status.1.clear();
        let Running { context, replied, .. } = std::mem::take(&mut self.running);
        if let Some(stream) = self.streams.get_mut(&context) {
            stream.fuel += fuel;
        }
        replied
    }

    /// Makes the answer of `call` the one that the next callback is about; that callback.
    pub(crate) fn hand_over(&mut self, call: PendingCall) -> Call {
        let token = call.token;
        match call.answer {
            PendingAnswer::Http(answer) => {
                let (headers, body) = (answer.headers.len(), answer.body.len());
                // No headers at all: the host then has no message either.
                self.call_answer = Some(answer).filter(|_| headers > 0);
                Call::HttpCallResponse { token, headers, body }
            }
            PendingAnswer::Grpc(GrpcOutcome::Message(message)) => {
                let size = message.len();
                self.grpc_message = Some(message);
                Call::GrpcReceive { token, size }
            }
            PendingAnswer::Grpc(GrpcOutcome::Failure { status, message }) => {
                self.grpc_status = (status, message);
                Call::GrpcClose { token, status }
            }
        }
    }

    /// Counts a host call, and refuses it where the operator does not allow it.
    pub(crate) fn admit(&mut self, name: &str) -> Result<(), Status> {
        if let Some(stream) = self.streams.get_mut(&self.running.context) {
            *stream.calls.entry(name.to_owned()).or_default() += 1;
        }
        match &self.shared.options.allowed_capabilities {
            Some(allowed) if !allowed.contains(name) => Err(Status::InternalFailure),
            _ => Ok(()),
        }
    }

    /// The stream that host calls are about; none in the root context.
    pub(crate) fn current(&self) -> Option<&Stream> {
        self.streams.get(&self.current_context())
    }

    pub(crate) fn current_mut(&mut self) -> Option<&mut Stream> {
        self.streams.get_mut(&self.current_context())
    }

    fn current_context(&self) -> u32 {
        // A stream that has gone since gives way to the true context.
        self.running.effective.filter(|context| self.exists(*context)).unwrap_or(self.running.context)
    }

    fn exists(&self, context: u32) -> bool {
        context == ROOT_CONTEXT || self.streams.contains_key(&context)
    }

    /// Makes `context` the one that host calls are about, or undoes that; whether it exists.
    pub(crate) fn become_effective(&mut self, context: Option<u32>) -> bool {
        let exists = context.is_none_or(|context| self.exists(context));
        if exists {
            self.running.effective = context;
        }
        exists
    }

    /// The running callback's answer no longer counts.
    pub(crate) fn overrule_answer(&mut self) {
        self.running.replied = true;
    }

    /// Does something with the current stream, if it is one, when the running callback has returned.
    pub(crate) fn after_callback(&mut self, action: impl FnOnce(u32) -> Action) {
        let context = self.current_context();
        if self.streams.contains_key(&context) {
            self.actions.push_back(action(context));
        }
    }

    /// The VM is dead, for good.
    pub(crate) fn fail(&mut self, trap: Trap) {
        self.failed = true;
        self.actions.clear();
        self.timer = None;
        self.shared.log(self.place, LogLevel::Error, trap.to_string());
        self.shared.traps.borrow_mut().push(trap);
    }
}
