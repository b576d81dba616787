//! Waiting for what happens soon, within a bound.

use std::thread;
use std::time::{Duration, Instant};

use crate::Result;

const PAUSE: Duration = Duration::from_millis(5);

/// What `probe` finds, tried again and again; `None` when it has found nothing within `limit`.
///
/// # Errors
/// When `probe` fails.
pub fn eventually<T>(limit: Duration, mut probe: impl FnMut() -> Result<Option<T>>) -> Result<Option<T>> {
    let begin = Instant::now();
    loop {
        let found = probe()?;
        if found.is_some() || begin.elapsed() >= limit {
            return Ok(found);
        }
        thread::sleep(PAUSE);
    }
}
