//! Where the slots of a limit are kept: in this VM, or where all workers of the proxy see them. A store only swaps.

use std::cell::RefCell;
use std::collections::BTreeMap;

use portcullis_filter::{HostError, SharedData};

/// The slots of one limit, at most so many as it has.
#[derive(Debug)]
pub(crate) enum Store {
    /// Only this VM's.
    Worker(RefCell<BTreeMap<u32, Vec<u8>>>),
    /// Under keys that begin with this.
    Proxy(String),
}

/// A slot as it was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) bytes: Vec<u8>,
    /// What tells whether somebody else has changed it since; `None` where there was none.
    pub(crate) cas: Option<u32>,
}

impl Store {
    pub(crate) fn read(&self, host: &(impl SharedData + ?Sized), slot: u32) -> Result<Found, HostError> {
        match self {
            Self::Worker(slots) => Ok(Found { bytes: slots.borrow().get(&slot).cloned().unwrap_or_default(), cas: None }),
            Self::Proxy(prefix) => {
                let found = host.shared_data(&shared_key(prefix, slot))?;
                Ok(found.map(|found| Found { bytes: found.value, cas: Some(found.cas) }).unwrap_or_default())
            }
        }
    }

    /// Replaces a slot that was found with this number, unless somebody else was faster: whether it did.
    pub(crate) fn swap(
        &self,
        host: &(impl SharedData + ?Sized),
        slot: u32,
        cas: Option<u32>,
        bytes: Vec<u8>,
    ) -> Result<bool, HostError> {
        match self {
            Self::Worker(slots) => {
                let mut slots = slots.borrow_mut();
                if bytes.is_empty() {
                    drop(slots.remove(&slot))
                } else {
                    drop(slots.insert(slot, bytes))
                }
                Ok(true)
            }
            Self::Proxy(prefix) => match host.replace_shared_data(&shared_key(prefix, slot), &bytes, cas) {
                Ok(()) => Ok(true),
                Err(HostError::CAS_MISMATCH) => Ok(false),
                Err(error) => Err(error),
            },
        }
    }
}

fn shared_key(prefix: &str, slot: u32) -> String {
    let mut digits = itoa::Buffer::new();
    [prefix, "/", digits.format(slot)].concat()
}
