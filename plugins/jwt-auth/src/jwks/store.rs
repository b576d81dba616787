//! Where a ledger is kept: in this VM, or where all workers of the proxy see it.

use std::rc::Rc;

use portcullis_filter::{HostError, SharedData, Timestamp};
use sha2::{Digest as _, Sha256};

use super::ledger::{Digest, Ledger};
use super::unknown::UnknownKeys;

/// How often a swap is tried before it is left to the next tick.
const TRIES: usize = 10;

/// The keeper of one ledger, of the key set that it speaks of, and of the keys that are asked for in vain. Shared, these are three
/// bounded values under three keys, for ever.
#[derive(Debug)]
pub(super) enum Store {
    /// Only this VM's.
    Own(Ledger),
    /// Under this key.
    Shared(Rc<str>),
}

impl Store {
    pub(super) fn read(&self, host: &(impl SharedData + ?Sized)) -> Result<Ledger, HostError> {
        match self {
            Self::Own(ledger) => Ok(*ledger),
            Self::Shared(key) => Ok(host.shared_data(key)?.map(|found| parse(&found.value)).unwrap_or_default()),
        }
    }

    /// Replaces the ledger by what `change` makes of it; the new one, or `None` when `change` leaves it.
    pub(super) fn swap(
        &mut self,
        host: &(impl SharedData + ?Sized),
        change: impl Fn(&Ledger) -> Option<Ledger>,
    ) -> Result<Option<Ledger>, HostError> {
        match self {
            Self::Own(ledger) => {
                let changed = change(ledger);
                *ledger = changed.unwrap_or(*ledger);
                Ok(changed)
            }
            Self::Shared(key) => swap_shared(host, key, change),
        }
    }

    /// Hands the key set `document` to the other workers; before its ledger.
    pub(super) fn publish(&self, host: &(impl SharedData + ?Sized), document: &[u8]) -> Result<(), HostError> {
        let Self::Shared(key) = self else { return Ok(()) };
        let key = document_key(key);
        for _ in 0..TRIES {
            let cas = host.shared_data(&key)?.map(|found| found.cas);
            match host.replace_shared_data(&key, document, cas) {
                Err(HostError::CAS_MISMATCH) => {}
                done => return done,
            }
        }
        Err(HostError::CAS_MISMATCH)
    }

    /// The key set with this digest, where another worker has handed it over.
    pub(super) fn document(&self, host: &(impl SharedData + ?Sized), digest: &Digest) -> Option<Vec<u8>> {
        let Self::Shared(key) = self else { return None };
        let document = host.shared_data(&document_key(key)).ok().flatten()?.value;
        (digest_of(&document) == *digest).then_some(document)
    }

    /// Joins the unknown keys of this VM and of the others; whether one of this VM's was seen earlier elsewhere.
    pub(super) fn join_unknown(
        &self,
        host: &(impl SharedData + ?Sized),
        unknown: &mut UnknownKeys,
        now: Timestamp,
    ) -> Result<bool, HostError> {
        let Self::Shared(key) = self else { return Ok(false) };
        let key = unknown_key(key);
        let mut earlier = false;
        for _ in 0..TRIES {
            let found = host.shared_data(&key)?;
            let told = found.as_ref().map(|found| found.value.as_slice()).unwrap_or_default();
            earlier |= unknown.learn(told, now);
            let joined = unknown.to_bytes();
            if joined == told {
                return Ok(earlier);
            }
            match host.replace_shared_data(&key, &joined, found.map(|found| found.cas)) {
                Err(HostError::CAS_MISMATCH) => {}
                done => return done.map(|()| earlier),
            }
        }
        Err(HostError::CAS_MISMATCH)
    }
}

pub(super) fn digest_of(document: &[u8]) -> Digest {
    Sha256::digest(document).into()
}

fn swap_shared(
    host: &(impl SharedData + ?Sized),
    key: &str,
    change: impl Fn(&Ledger) -> Option<Ledger>,
) -> Result<Option<Ledger>, HostError> {
    for _ in 0..TRIES {
        let found = host.shared_data(key)?;
        let ledger = found.as_ref().map(|found| parse(&found.value)).unwrap_or_default();
        let Some(changed) = change(&ledger) else { return Ok(None) };
        let bytes = serde_json::to_vec(&changed).map_err(|_| HostError::INTERNAL_FAILURE)?;
        match host.replace_shared_data(key, &bytes, found.map(|found| found.cas)) {
            Ok(()) => return Ok(Some(changed)),
            Err(HostError::CAS_MISMATCH) => {}
            Err(error) => return Err(error),
        }
    }
    Err(HostError::CAS_MISMATCH)
}

/// What is no ledger is as none: the next fetch overwrites it.
fn parse(bytes: &[u8]) -> Ledger {
    serde_json::from_slice(bytes).unwrap_or_default()
}

fn document_key(key: &str) -> String {
    format!("{key}/set")
}

fn unknown_key(key: &str) -> String {
    format!("{key}/unknown")
}
