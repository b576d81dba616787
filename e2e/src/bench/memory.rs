//! What a worker's memory becomes when it sees ever new tokens.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::plain;
use super::tokens::bearing;
use crate::filters::{WasmFilter, wasm_filter};
use crate::load::{Load, Outcome};
use crate::{Envoy, Error, Result};

/// What is flooded.
pub(super) const LISTENER: &str = "memory";

/// Requests of one burst; no more are in our own memory.
const BURST: usize = 10_000;

/// The resident memory of an Envoy with one worker, after so many distinct tokens or keys.
#[derive(Debug, Clone, Copy)]
pub struct Growth {
    /// How many it has seen.
    pub seen: usize,
    /// KiB
    pub resident: u64,
}

/// Sends `total` distinct tokens, each once, to jwt-auth, and weighs Envoy before, after each power of ten, and at the end.
/// `mint` makes the good token of a number.
///
/// # Errors
/// When Envoy does not start, a token is refused or cannot be made, or a VM fails.
pub fn measure_memory(
    module: &Path,
    configuration: &Value,
    total: usize,
    mint: impl Fn(usize) -> std::result::Result<String, String>,
) -> Result<Vec<Growth>> {
    let filter = wasm_filter(&WasmFilter::new("jwt-auth", module, configuration));
    let envoy = Envoy::start(&plain(LISTENER, vec![filter]))?;
    weigh(&envoy, total, |numbers| {
        let requests = numbers.map(|number| mint(number).map(|token| bearing(&token)));
        let requests: std::result::Result<Vec<_>, _> = requests.collect();
        flood(&envoy, &requests.map_err(Error::Unexpected)?)?.all_expected()
    })
}

/// Weighs `envoy` before, after each power of ten, and at the end, while `send` sends it `total` requests, each burst by its numbers.
///
/// # Errors
/// When a burst fails, Envoy cannot be weighed, or a VM fails.
pub(super) fn weigh(envoy: &Envoy, total: usize, send: impl Fn(Range<usize>) -> Result<()>) -> Result<Vec<Growth>> {
    let weigh = |seen| Ok(Growth { seen, resident: envoy.memory_kib()? });
    let mut weights: Vec<Growth> = vec![weigh(0)?];
    for begin in (0..total).step_by(BURST) {
        let end = total.min(begin + BURST);
        send(begin..end)?;
        if end == total || end == 10_usize.pow(end.ilog10()) {
            weights.push(weigh(end)?);
        }
    }
    match envoy.wasm_failures()?.first() {
        Some(failure) => Err(Error::Unexpected(failure.clone())),
        None => Ok(weights),
    }
}

/// Sends each of `requests` once to the listener [`LISTENER`].
///
/// # Errors
/// When Envoy does not answer.
pub(super) fn flood(envoy: &Envoy, requests: &[Vec<u8>]) -> Result<Outcome> {
    let load = Load {
        address: envoy.listener_addr(LISTENER)?,
        requests,
        total: requests.len(),
        limit: Duration::from_secs(600),
        connections: 16,
        threads: 1,
        expect_status: 200,
    };
    load.run()
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} seen: {:.1} MiB", self.seen, self.resident as f64 / 1024.0)
    }
}
