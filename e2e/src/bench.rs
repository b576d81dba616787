//! CPU per request of filters, side by side in one Envoy.

use std::time::Duration;

use crate::load::Load;
use crate::{Envoy, EnvoySpec, Error, Listener, Result, Route};

mod bundle;
mod first;
mod input_validation;
mod memory;
mod rate_limit;
mod rbac;
mod report;
mod variants;

pub use bundle::bundle_variants;
pub use first::{FirstRow, first_requests};
pub use input_validation::{buffer, input_validation_variants, throughput};
pub use memory::{Growth, measure_memory};
pub use rate_limit::{Exact, measure_exact, measure_keys, rate_limit_variants};
pub use rbac::rbac_variants;
pub use report::{Report, Row, Spread};
pub use variants::{Modules, Plugin, Tokens, variants, with_first_requests};

use serde_json::Value;

/// A chain of filters and the requests to measure it with.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Unique; names its listener and its row.
    pub name: String,
    /// The filters, in order.
    pub filters: Vec<Value>,
    /// Sent in turn, to the listener without filters too.
    pub requests: Vec<Vec<u8>>,
    /// Of each answer; 200 is what the route behind the filters answers.
    pub expect_status: u16,
    /// How many times the same filter stands in the chain: what it adds is divided by this.
    pub copies: u32,
    /// The variant that it is compared with.
    pub peer: Option<String>,
}

/// How long to measure.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Repetitions of all variants, interleaved.
    pub rounds: usize,
    /// Requests before each measurement that do not count.
    pub warm_up: usize,
    /// Requests in each measurement, at most.
    pub requests: usize,
    /// The time of each measurement, at most: for variants that are slow by a factor of ten.
    pub limit: Duration,
    /// Connections that stay open.
    pub connections: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Self { rounds: 7, warm_up: 500, requests: 20_000, limit: Duration::from_secs(2), connections: 16 }
    }
}

/// The processor time of one request, in µs.
#[derive(Debug, Clone, Copy)]
struct Cost {
    worker: f64,
    process: f64,
}

/// Measures `variants` in one Envoy with one worker and a listener for each.
///
/// A measurement of a variant is preceded by one of the listener without filters, with the same requests; what the filters add
/// is the difference of such a pair, so that neither slow drift nor the size of a request counts. Each round begins with another
/// variant.
///
/// # Errors
/// When Envoy does not start, an answer has an unexpected status, or a VM fails.
pub fn run(variants: &[Variant], plan: &Plan) -> Result<Report> {
    run_over(Vec::new(), variants, plan)
}

/// The same, over a listener with the filters `baseline`: without one that waits for it, Envoy answers before a body has come.
///
/// # Errors
/// As those of [`run`].
pub fn run_over(baseline: Vec<Value>, variants: &[Variant], plan: &Plan) -> Result<Report> {
    let envoy = Envoy::start(&spec(baseline, variants))?;
    let mut rows: Vec<_> = variants.iter().map(Samples::of).collect();
    for round in 0..plan.rounds {
        rows.rotate_left(usize::from(round > 0));
        for row in &mut rows {
            let base = measure(&envoy, BASELINE, row.variant, plan)?;
            row.pairs.push((base, measure(&envoy, &row.variant.name, row.variant, plan)?));
        }
    }
    match envoy.wasm_failures()?.first() {
        Some(failure) => Err(Error::Unexpected(failure.clone())),
        None => Ok(Report::new(variants.iter().filter_map(|variant| rows.iter().find(|row| row.variant.name == variant.name)))),
    }
}

/// The measurements of one variant: each with its baseline.
struct Samples<'a> {
    variant: &'a Variant,
    pairs: Vec<(Cost, Cost)>,
}

impl<'a> Samples<'a> {
    fn of(variant: &'a Variant) -> Self {
        Self { variant, pairs: Vec::new() }
    }
}

const BASELINE: &str = "no filter";

fn spec(baseline: Vec<Value>, variants: &[Variant]) -> EnvoySpec {
    variants.iter().fold(plain(BASELINE, baseline), |spec, variant| spec.listener(direct(&variant.name, variant.filters.clone())))
}

/// An Envoy with one listener.
fn plain(name: &str, filters: Vec<Value>) -> EnvoySpec {
    EnvoySpec { wasm_log_level: "error".to_owned(), ..EnvoySpec::default() }.listener(direct(name, filters))
}

/// A listener whose requests Envoy itself answers.
fn direct(name: &str, filters: Vec<Value>) -> Listener {
    Listener { filters, ..Listener::new(name).route(Route::Direct(200)) }
}

fn measure(envoy: &Envoy, listener: &str, variant: &Variant, plan: &Plan) -> Result<Cost> {
    let load = Load {
        address: envoy.listener_addr(listener)?,
        requests: &variant.requests,
        total: plan.requests,
        limit: plan.limit,
        connections: plan.connections,
        threads: 1,
        expect_status: if listener == BASELINE { 200 } else { variant.expect_status },
    };
    let named = |error| Error::Unexpected(format!("`{}`: {error}", variant.name));
    Load { total: plan.warm_up, ..load.clone() }.run()?.all_expected().map_err(named)?;
    let (worker, process) = (envoy.worker_time()?, envoy.cpu_time()?);
    let outcome = load.run()?;
    outcome.all_expected().map_err(named)?;
    let per_request = |spent: Duration| spent.as_secs_f64() * 1e6 / outcome.answers.max(1) as f64;
    let worker = per_request(envoy.worker_time()?.saturating_sub(worker));
    Ok(Cost { worker, process: per_request(envoy.cpu_time()?.saturating_sub(process)) })
}
