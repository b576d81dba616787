//! The first request after configuration, beside those that follow.

use std::fmt;
use std::time::Instant;

use serde_json::{Value, json};

use super::report::{Spread, rounded};
use super::{BASELINE, Ground, Variant, spec};
use crate::{Client, Envoy, Error, Result};

/// Requests that make the proxy itself ready, through the listener without filters.
const WARM_UP: usize = 200;

/// Requests after the first; the second half of them is the steady state.
const FOLLOWING: usize = 400;

/// What the client waits for an answer of one variant, in µs.
#[derive(Debug, Clone)]
pub struct FirstRow {
    /// Its name.
    pub name: String,
    /// To the first request that its filters see, each time in a new process.
    pub first: Spread,
    /// To later ones, in the median of each process.
    pub steady: Spread,
}

/// Sends the first requests of `variants`, `rounds` times, each in an Envoy of its own: V8 keeps what it has compiled for the
/// whole process. Each is preceded by requests to a listener without filters, so that only the filters are new.
///
/// # Errors
/// When Envoy does not start, or an answer has an unexpected status.
pub fn first_requests(variants: &[Variant], rounds: usize) -> Result<Vec<FirstRow>> {
    let mut samples = vec![Vec::new(); variants.len()];
    for _ in 0..rounds {
        for (variant, samples) in variants.iter().zip(&mut samples) {
            samples.push(sample(variant)?);
        }
    }
    let row = |(variant, samples): (&Variant, &Vec<(f64, f64)>)| FirstRow {
        name: variant.name.clone(),
        first: Spread::of(samples.iter().map(|(first, _)| *first)),
        steady: Spread::of(samples.iter().map(|(_, steady)| *steady)),
    };
    Ok(variants.iter().zip(&samples).map(row).collect())
}

/// The first latency, and the steady one.
fn sample(variant: &Variant) -> Result<(f64, f64)> {
    let envoy = Envoy::start(&spec(&Ground::default(), std::slice::from_ref(variant)))?;
    let mut plain = envoy.connect(BASELINE)?;
    // The connection is accepted while the proxy is kept busy.
    let mut client = envoy.connect(&variant.name)?;
    for request in variant.requests.iter().cycle().take(WARM_UP) {
        latency(&mut plain, request)?;
    }
    let mut latencies = variant.requests.iter().cycle().map(|request| latency(&mut client, request));
    let first = latencies.next().unwrap_or(Ok(0.0))?;
    let steady: Vec<f64> = latencies.take(FOLLOWING).skip(FOLLOWING / 2).collect::<Result<_>>()?;
    Ok((first, Spread::of(steady.into_iter()).median))
}

fn latency(client: &mut Client, request: &[u8]) -> Result<f64> {
    let begun = Instant::now();
    client.write(request)?;
    let status = client.read(false)?.status;
    let elapsed = begun.elapsed();
    if status == 200 { Ok(elapsed.as_secs_f64() * 1e6) } else { Err(Error::Unexpected(format!("status {status}"))) }
}

impl FirstRow {
    /// The first divided by the steady, by their medians.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.first.median / self.steady.median
    }

    /// For the report that machines read.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "first_us": self.first.to_json(),
            "steady_us": self.steady.to_json(),
            "ratio": rounded(self.ratio()),
        })
    }

    /// The head of a table in Markdown of such rows.
    pub const HEAD: &str = "| variant | first request µs | lowest–highest | later ones µs | ratio |\n|---|---:|---:|---:|---:|";
}

/// A row of a table in Markdown.
impl fmt::Display for FirstRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, first, steady, .. } = self;
        write!(f, "| {name} | {:.0} | {:.0}–{:.0} ", first.median, first.low, first.high)?;
        write!(f, "| {:.0} | {:.1} |", steady.median, self.ratio())
    }
}
