//! The secret that places depend on: one for all workers of a proxy, made by whichever needs it first.

use std::cell::OnceCell;

use portcullis_filter::{HostError, Random, SharedData};
use portcullis_quota::HashKey;

/// Where the workers find it.
const KEY: &str = "portcullis/1/rate_limit/hash_key";

/// How often it is looked for: once, and again where another worker was faster.
const TRIES: usize = 4;

/// The secret, once it was needed.
#[derive(Debug, Default)]
pub(crate) struct SharedHashKey(OnceCell<HashKey>);

impl SharedHashKey {
    /// The proxy's secret.
    pub(crate) fn get<H: Random + SharedData + ?Sized>(&self, host: &H) -> Result<HashKey, HostError> {
        if let Some(key) = self.0.get() {
            return Ok(*key);
        }
        let key = agree(host)?;
        Ok(*self.0.get_or_init(|| key))
    }
}

fn agree<H: Random + SharedData + ?Sized>(host: &H) -> Result<HashKey, HostError> {
    for _ in 0..TRIES {
        let found = host.shared_data(KEY)?;
        if let Some(bytes) = found.as_ref().and_then(|found| <[u8; HashKey::SIZE]>::try_from(found.value.as_slice()).ok()) {
            return Ok(HashKey::new(bytes));
        }
        let fresh = host.random()?;
        match host.replace_shared_data(KEY, &fresh, found.map(|found| found.cas)) {
            Ok(()) => return Ok(HashKey::new(fresh)),
            Err(HostError::CAS_MISMATCH) => {}
            Err(error) => return Err(error),
        }
    }
    Err(HostError::CAS_MISMATCH)
}
