//! Why a limit refuses a request.

use std::rc::Rc;

use portcullis_quota::Refusal;

use crate::cluster::Report;
use crate::counters::Effect;
use crate::key::ShownKey;
use crate::ledger::Trouble;
use crate::limit::Limit;

/// A limit that a request does not fit into.
#[derive(Debug)]
pub(crate) struct Denial {
    pub(crate) limit: Rc<Limit>,
    pub(crate) cause: Cause,
    /// The key as a record shows it.
    pub(crate) key: Option<ShownKey>,
}

/// Why.
#[derive(Debug)]
pub(crate) enum Cause {
    /// Its units are spent.
    Over(Refusal),
    /// The service that keeps it says so.
    OverThere(Report),
    /// The service that keeps it does not say anything.
    Unavailable,
    /// The request lacks the key.
    KeyMissing,
    /// The key cannot be told.
    KeyFailed,
    /// There is no place for the key.
    Full,
    /// Other workers were faster again and again.
    Contended,
    /// The proxy fails.
    Host,
}

impl Cause {
    /// What it counts as, beside being a refusal.
    pub(crate) const fn effect(&self) -> Option<Effect> {
        match self {
            Self::Full => Some(Effect::Overflow),
            Self::Contended => Some(Effect::Contended),
            Self::Over(_) | Self::OverThere(_) | Self::Unavailable | Self::KeyMissing | Self::KeyFailed | Self::Host => None,
        }
    }
}

impl From<Trouble> for Cause {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Host => Self::Host,
            Trouble::Full => Self::Full,
            Trouble::Contended => Self::Contended,
        }
    }
}
