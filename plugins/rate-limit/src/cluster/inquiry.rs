//! Requests that are held until the services have answered.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{CallId, GrpcCalls, HeaderBlock, HostError, StreamId, Timestamp};

use super::Part;
use super::question::ask;
use crate::decide::Decided;
use crate::response::Open;
use crate::waiting::Hold;

/// How often it is looked for answers that do not come.
pub(crate) const PERIOD: Duration = Duration::from_millis(100);

/// How much longer than its timeout an answer is waited for. The proxy itself ends a call in time, and says so, unless its operator
/// does not allow it to.
const GRACE: Duration = Duration::from_millis(50);

/// How many questions are open at once in each worker; who comes then is as one whom the service does not answer.
const OPEN_MAX: usize = 10_000;

/// A request that is held, shared by its stream and by whoever hears the answers.
#[derive(Debug)]
pub(crate) struct Inquiry {
    pub(super) stream: StreamId,
    pub(super) headers: Rc<HeaderBlock>,
    pub(super) since: Timestamp,
    /// There until the last answer that matters.
    pub(super) pending: RefCell<Option<Pending>>,
    /// There after it.
    pub(super) concluded: RefCell<Option<Concluded>>,
}

/// What is known of the request so far, and what is not answered yet.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) decided: Decided,
    pub(super) questions: Vec<(CallId, Vec<Part>)>,
}

/// What has become of it.
#[derive(Debug)]
pub(crate) struct Concluded {
    /// Whether it was answered here: nothing of it may go on, whatever the proxy does with the answer.
    pub(crate) refused: bool,
    pub(crate) hold: Option<Hold>,
    pub(crate) open: Option<Open>,
}

impl Inquiry {
    /// What is to be done, once.
    pub(crate) fn take_concluded(&self) -> Option<Concluded> {
        self.concluded.take()
    }
}

impl Pending {
    /// What was asked in the call `id`.
    pub(super) fn answered(&mut self, id: CallId) -> Option<Vec<Part>> {
        let at = self.questions.iter().position(|(asked, _)| *asked == id)?;
        Some(self.questions.remove(at).1)
    }
}

/// Who hears an answer.
#[derive(Debug)]
pub(super) enum Asker {
    /// A request that is held for it.
    Held(Rc<Inquiry>),
    /// Nobody is held: the limit is tried out.
    Tried(Part),
}

#[derive(Debug)]
struct Waiter {
    asker: Asker,
    since: Timestamp,
    until: Timestamp,
}

impl Waiter {
    /// Before it came: the clock was set back, and nobody is to be held for as long again.
    fn is_late(&self, now: Timestamp) -> bool {
        self.until <= now || now < self.since
    }
}

/// All questions that are not answered yet.
#[derive(Debug, Default)]
pub(crate) struct Inquiries(RefCell<BTreeMap<u32, Waiter>>);

impl Inquiries {
    /// Asks the one service of `parts`.
    pub(super) fn ask(&self, host: &(impl GrpcCalls + ?Sized), parts: &[Part]) -> Result<CallId, HostError> {
        if self.0.borrow().len() >= OPEN_MAX { Err(HostError::INTERNAL_FAILURE) } else { ask(host, parts) }
    }

    /// Notes who hears the answer of `id`, which takes no longer than `timeout`.
    pub(super) fn note(&self, id: CallId, asker: Asker, now: Timestamp, timeout: Duration) {
        let until = now.saturating_add(timeout).saturating_add(GRACE);
        self.0.borrow_mut().insert(id.0, Waiter { asker, since: now, until });
    }

    /// Who hears the answer of `id`; nobody where it was given up.
    pub(super) fn take(&self, id: CallId) -> Option<Asker> {
        self.0.borrow_mut().remove(&id.0).map(|waiter| waiter.asker)
    }

    /// Those whose answers do not come.
    pub(super) fn take_late(&self, now: Timestamp) -> Vec<(CallId, Asker)> {
        let late = self.0.borrow_mut().extract_if(.., |_, waiter| waiter.is_late(now)).collect::<Vec<_>>();
        late.into_iter().map(|(id, waiter)| (CallId(id), waiter.asker)).collect()
    }

    /// Gives up whatever else was asked.
    pub(super) fn give_up(&self, host: &(impl GrpcCalls + ?Sized), questions: Vec<(CallId, Vec<Part>)>) {
        for (id, _) in questions {
            self.0.borrow_mut().remove(&id.0);
            // One that has ended since is not there any more.
            let _ = host.cancel_grpc_call(id);
        }
    }
}
