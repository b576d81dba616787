//! One limit, compiled.

mod compile;
mod digest;
mod expressions;

use portcullis_filter::{HostError, Random, SharedData};
use portcullis_gate::DenyResponse;
use portcullis_policy::{Attribute, Expression, Facts, Params};
use portcullis_quota::{Algorithm, Place, Terms};
use portcullis_rls::HITS_MAX;

use crate::charge::Charge;
use crate::cluster::Cluster;
use crate::config::{KeyInRecords, OnMissingKey};
use crate::hash_key::SharedHashKey;
use crate::key::{Key, ShownKey, Told};
use crate::ledger::Ledger;
use crate::percent::Percent;
use crate::waiting::Room;

pub(crate) use compile::{Context, compile};

/// A limit without its match, which is in the index.
#[derive(Debug)]
pub(crate) struct Limit {
    /// Its place in the configured order.
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) condition: Option<Expression>,
    /// Absent: all requests are counted together.
    key: Option<Key>,
    pub(crate) terms: Terms,
    pub(crate) unit: Option<String>,
    pub(crate) request: Charge,
    pub(crate) response: Option<Charge>,
    /// Where requests wait that do not fit; absent where none does.
    pub(crate) room: Option<Room>,
    pub(crate) shadow: bool,
    pub(crate) enforce: Percent,
    pub(crate) ledger: Ledger,
    /// Who keeps it, where that is not the proxy itself.
    pub(crate) cluster: Option<Cluster>,
    pub(crate) key_in_records: KeyInRecords,
    pub(crate) deny_response: Option<DenyResponse>,
    /// Whether an expression reads what the path template captures.
    pub(crate) reads_params: bool,
    /// All that its expressions read.
    reads: Vec<Attribute>,
}

/// Whom a request is counted for.
#[derive(Debug)]
pub(crate) enum Account {
    /// For nobody: the limit is not for it.
    None,
    /// For the key with these parts, whose state is there.
    Of(Place, Vec<String>),
    /// For whoever lacks the key.
    Keyless(Place),
    /// It lacks the key, and must not.
    Missing,
    /// Nobody can tell, and why.
    Failed(String),
}

/// The one account of a limit without a key, and of those who lack one.
const NOBODY: Place = Place { slot: 0, fingerprint: 0 };

impl Limit {
    /// Whom the request is counted for.
    ///
    /// # Errors
    /// When the host fails.
    pub(crate) fn account<H: Random + SharedData + ?Sized>(
        &self,
        host: &H,
        hash_key: &SharedHashKey,
        facts: &Facts<'_>,
        params: Params<'_>,
    ) -> Result<Account, HostError> {
        let Some(key) = &self.key else { return Ok(Account::Of(NOBODY, Vec::new())) };
        Ok(match (key.tell(facts, params), key.on_missing) {
            (Told::Key(parts), _) => {
                let place = hash_key.get(host)?.place(parts.iter().map(String::as_str), self.ledger.slots());
                Account::Of(place, parts)
            }
            (Told::Missing, OnMissingKey::Shared) => Account::Keyless(NOBODY),
            (Told::Missing, OnMissingKey::Deny) => Account::Missing,
            (Told::Missing, OnMissingKey::Skip) => Account::None,
            (Told::Failed(why), _) => Account::Failed(why),
        })
    }

    /// The key as a record shows it.
    pub(crate) fn shown(&self, place: Place, parts: &[String]) -> Option<ShownKey> {
        match self.key_in_records {
            _ if self.key.is_none() && self.cluster.is_none() => None,
            KeyInRecords::Hashed => Some(ShownKey::Hashed(place.fingerprint)),
            KeyInRecords::Clear => Some(ShownKey::Clear(parts.to_vec())),
            KeyInRecords::None => None,
        }
    }

    /// Whether one of its expressions reads it.
    pub(crate) fn reads(&self, attribute: Attribute) -> bool {
        self.reads.contains(&attribute)
    }

    /// As much as it can hold, or a service be told.
    pub(crate) fn most(&self) -> u64 {
        if self.cluster.is_some() { HITS_MAX } else { self.ledger.meter.capacity() }
    }

    /// Whether what was spent is given back at the end.
    pub(crate) fn lends(&self) -> bool {
        self.terms.algorithm == Algorithm::Concurrency
    }
}
