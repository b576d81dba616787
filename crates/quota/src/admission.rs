//! What is asked of a limit, and what it says.

use std::time::Duration;

use crate::State;

/// Units that somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spend {
    /// How many.
    pub cost: u64,
    /// When, in nanoseconds.
    pub now: u64,
    /// How long the spender would wait for them. Only a leaky bucket knows when they come: [`Algorithm::Gcra`](crate::Algorithm).
    pub patience: Duration,
}

/// What a limit says of a spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The units are there.
    Admitted(Admission),
    /// They are not; nothing is charged.
    Refused(Refusal),
}

/// The units are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// What must be stored before anything is admitted.
    pub state: State,
    /// What gives them back.
    pub receipt: Receipt,
    /// How long the spender has to wait, never longer than its patience.
    pub wait: Duration,
    /// What is left.
    pub standing: Standing,
}

/// The units are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// When as many will be, if nobody else spends: then, and not a nanosecond sooner. `None`: never, it is more than the limit can
    /// hold.
    pub retry_after: Option<Duration>,
    /// What is left.
    pub standing: Standing,
}

/// What is left of a limit for one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The units that could be spent now.
    pub remaining: u64,
    /// When there will be more, if nobody spends; `None` where all are there.
    pub more_in: Option<Duration>,
}

/// What gives units back, once: it is `Copy` so that a swap can be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub(crate) cost: u64,
    /// The instant, or the number of the bucket, that they were charged to.
    pub(crate) at: u64,
}
