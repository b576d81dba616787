//! A bounded amount of load over connections that stay open.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::{Client, Error, Result};

/// What to send.
///
/// Each thread writes to all its connections, then takes the answers in the same order and writes anew: the peer always has
/// work, without an event loop of ours. A latency therefore ends when its turn to be read has come, not when it arrived.
#[derive(Debug, Clone)]
pub struct Load<'a> {
    /// To whom.
    pub address: SocketAddr,
    /// As they go over the wire, used in turn.
    pub requests: &'a [Vec<u8>],
    /// How many in all.
    pub total: usize,
    /// No request is begun later than this.
    pub limit: Duration,
    /// In all threads together.
    pub connections: usize,
    /// Of ours.
    pub threads: usize,
    /// The status of each answer.
    pub expect_status: u16,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Answers.
    pub answers: usize,
    /// How many answers had another status than expected, by status.
    pub unexpected: BTreeMap<u16, usize>,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    latencies: Vec<Duration>,
}

impl Load<'_> {
    /// Sends all of it and waits for the answers.
    ///
    /// # Errors
    /// When a connection breaks; an unexpected status is counted, not an error.
    pub fn run(&self) -> Result<Outcome> {
        let begin = Instant::now();
        let parts = thread::scope(|scope| {
            let threads: Vec<_> = (0..self.threads).map(|index| scope.spawn(move || self.run_part(index, begin))).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err(failed("a thread panicked"))))
                .collect::<Vec<_>>()
        });
        let mut outcome = Outcome::default();
        for part in parts {
            outcome.add(part?);
        }
        outcome.elapsed = begin.elapsed();
        outcome.latencies.sort_unstable();
        Ok(outcome)
    }

    /// Sends all of it over one connection, each request at its time: `rate` in a second. What comes late is sent at once.
    ///
    /// # Errors
    /// As those of [`Load::run`].
    pub fn at_rate(&self, rate: f64) -> Result<Outcome> {
        let begin = Instant::now();
        let mut client = Client::connect(self.address)?;
        let mut outcome = Outcome::default();
        for (number, request) in self.requests.iter().cycle().take(self.total).enumerate() {
            let due = Duration::from_secs_f64(number as f64 / rate);
            thread::sleep(due.saturating_sub(begin.elapsed()));
            let begun = Instant::now();
            client.write(request)?;
            outcome.count((client.read(request.starts_with(b"HEAD "))?.status, begun.elapsed()), self.expect_status);
        }
        outcome.elapsed = begin.elapsed();
        outcome.latencies.sort_unstable();
        Ok(outcome)
    }

    fn run_part(&self, index: usize, begin: Instant) -> Result<Outcome> {
        let mut budget = share(self.total, self.threads, index);
        let mut requests = self.requests.iter().cycle().skip(index).step_by(self.threads);
        let mut next = || {
            budget = budget.checked_sub(1).filter(|_| begin.elapsed() < self.limit)?;
            requests.next()
        };
        let mut outcome = Outcome::default();
        let mut lanes = Vec::new();
        for _ in 0..share(self.connections, self.threads, index).max(1) {
            let Some(request) = next() else { break };
            lanes.push(Lane::open(self.address, request)?);
        }
        while !lanes.is_empty() {
            let mut open = Vec::with_capacity(lanes.len());
            for mut lane in lanes {
                outcome.count(lane.finish()?, self.expect_status);
                if let Some(request) = next() {
                    lane.begin(request)?;
                    open.push(lane);
                }
            }
            lanes = open;
        }
        Ok(outcome)
    }
}

/// The share of `index` when `total` is dealt out to `parts`.
fn share(total: usize, parts: usize, index: usize) -> usize {
    let parts = parts.max(1);
    total / parts + usize::from(index < total % parts)
}

/// A connection with one request under way.
struct Lane {
    client: Client,
    begun: Instant,
    head: bool,
}

impl Lane {
    fn open(address: SocketAddr, request: &[u8]) -> Result<Self> {
        let mut lane = Self { client: Client::connect(address)?, begun: Instant::now(), head: false };
        lane.begin(request)?;
        Ok(lane)
    }

    fn begin(&mut self, request: &[u8]) -> Result<()> {
        self.begun = Instant::now();
        self.head = request.starts_with(b"HEAD ");
        self.client.write(request)
    }

    fn finish(&mut self) -> Result<(u16, Duration)> {
        let status = self.client.read(self.head)?.status;
        Ok((status, self.begun.elapsed()))
    }
}

impl Outcome {
    /// The latency that `share` (0 to 1) of the answers did not exceed; zero without answers.
    #[must_use]
    pub fn percentile(&self, share: f64) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
    }

    /// Answers per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.answers as f64 / self.elapsed.as_secs_f64()
    }

    /// An error when an answer had another status than expected.
    ///
    /// # Errors
    /// With the statuses and their counts.
    pub fn all_expected(&self) -> Result<()> {
        if self.unexpected.is_empty() { Ok(()) } else { Err(failed(&format!("statuses {:?}", self.unexpected))) }
    }

    fn count(&mut self, (status, latency): (u16, Duration), expected: u16) {
        self.answers += 1;
        self.latencies.push(latency);
        if status != expected {
            *self.unexpected.entry(status).or_default() += 1;
        }
    }

    fn add(&mut self, part: Self) {
        self.answers += part.answers;
        self.latencies.extend(part.latencies);
        for (status, count) in part.unexpected {
            *self.unexpected.entry(status).or_default() += count;
        }
    }
}

fn failed(what: &str) -> Error {
    Error::Unexpected(format!("under load: {what}"))
}

#[cfg(test)]
mod tests;
