//! CPU per request of filters, side by side in one Envoy.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::grpc::GrpcServer;
use crate::load::Load;
use crate::{Envoy, EnvoySpec, Error, Listener, Result, Route};

mod answers;
mod chain;
mod chart;
mod endurance;
mod first;
mod growth;
mod input_validation;
mod memory;
mod module_size;
mod page;
mod process;
mod rate_limit;
mod rbac;
mod report;
mod sections;
mod tokens;

pub use endurance::{Endurance, MAX_GROWTH_MIB, endure};
pub use first::{FirstRow, first_requests};
pub use memory::{Growth, measure_memory};
pub use module_size::ModuleSize;
pub use page::{Results, write_page};
pub use process::{ChainFacts, Facts, facts};
pub use rate_limit::{Exact, measure_exact, measure_keys};
pub use report::{Report, Row, Spread};
pub use sections::{Section, Subjects, sections};
pub use tokens::{Tokens, with_first_requests};

/// A chain of filters and the requests to measure it with.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Unique; names its listener and its row.
    pub name: String,
    /// The filters, in order.
    pub filters: Vec<Value>,
    /// Sent in turn, to the listener without filters too.
    pub requests: Vec<Vec<u8>>,
    /// How many times the same filter stands in the chain: what it adds is divided by this.
    pub copies: u32,
    /// The variant that it is compared with.
    pub peer: Option<String>,
    /// The line of a chart that it is a point of, and where that stands on the other axis.
    pub point: Option<(String, f64)>,
    /// Whether each request is sent once before anything is measured: state that all of them leave is there.
    pub all_seen: bool,
    /// The bytes of a body that it judges: 0 where they are not the point.
    pub bytes: usize,
}

impl Variant {
    /// Compared with none.
    #[must_use]
    pub fn new(name: impl Into<String>, filters: Vec<Value>, requests: Vec<Vec<u8>>) -> Self {
        Self { name: name.into(), filters, requests, copies: 1, peer: None, point: None, all_seen: false, bytes: 0 }
    }

    /// The same, compared with `peer`, unless it is that one.
    #[must_use]
    pub fn beside(self, peer: &str) -> Self {
        let peer = (self.name != peer).then(|| peer.to_owned());
        Self { peer, ..self }
    }

    /// The same as a point of `line`.
    #[must_use]
    pub fn at(self, line: &str, x: usize) -> Self {
        Self { point: Some((line.to_owned(), x as f64)), ..self }
    }
}

/// What stands in every listener of an Envoy, the one without variants' filters too.
#[derive(Debug, Clone)]
pub struct Ground {
    /// Before the filters of a variant.
    pub filters: Vec<Value>,
    /// Where requests go.
    pub route: Route,
    /// Services that filters ask, over HTTP/2.
    pub services: Vec<(String, Arc<GrpcServer>)>,
    /// Worker threads.
    pub workers: u32,
}

impl Default for Ground {
    fn default() -> Self {
        Self { filters: Vec::new(), route: Route::Direct(200), services: Vec::new(), workers: 1 }
    }
}

/// Variants that are measured in one Envoy.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// What they have in common.
    pub ground: Ground,
    /// Each with a listener of its own.
    pub variants: Vec<Variant>,
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

/// Measures the variants of `group` in one Envoy with a listener for each.
///
/// A measurement of a variant is preceded by one of the listener without filters, with the same requests; what the filters add
/// is the difference of such a pair, so that neither slow drift nor the size of a request counts. Each round begins with another
/// variant.
///
/// # Errors
/// When Envoy does not start, an answer is not 200, or a VM fails.
pub fn run(group: &Group, plan: &Plan) -> Result<Report> {
    let Group { ground, variants } = group;
    let envoy = Envoy::start(&spec(ground, variants))?;
    for variant in variants.iter().filter(|variant| variant.all_seen) {
        let once = Load { total: variant.requests.len(), limit: LONG, ..load(&envoy, &variant.name, variant, plan)? };
        once.run()?.all_expected()?;
    }
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

/// Longer than any state takes to be there.
const LONG: Duration = Duration::from_secs(600);

fn spec(ground: &Ground, variants: &[Variant]) -> EnvoySpec {
    let listener = |name: &str, filters: &[Value]| Listener {
        filters: ground.filters.iter().chain(filters).cloned().collect(),
        ..Listener::new(name).route(ground.route.clone())
    };
    let spec = EnvoySpec { concurrency: ground.workers, ..quiet() }.listener(listener(BASELINE, &[]));
    let spec = variants.iter().fold(spec, |spec, variant| spec.listener(listener(&variant.name, &variant.filters)));
    ground.services.iter().fold(spec, |spec, (name, server)| spec.http2_cluster(name, server.address()))
}

/// An Envoy whose plugins do not log.
fn quiet() -> EnvoySpec {
    EnvoySpec { wasm_log_level: "error".to_owned(), ..EnvoySpec::default() }
}

/// An Envoy with one listener, whose requests it answers itself.
fn plain(name: &str, filters: Vec<Value>) -> EnvoySpec {
    quiet().listener(Listener { filters, ..Listener::new(name).route(Route::Direct(200)) })
}

fn load<'a>(envoy: &Envoy, listener: &str, variant: &'a Variant, plan: &Plan) -> Result<Load<'a>> {
    Ok(Load {
        address: envoy.listener_addr(listener)?,
        requests: &variant.requests,
        total: plan.requests,
        limit: plan.limit,
        connections: plan.connections,
        threads: 1,
        expect_status: 200,
    })
}

fn measure(envoy: &Envoy, listener: &str, variant: &Variant, plan: &Plan) -> Result<Cost> {
    let load = load(envoy, listener, variant, plan)?;
    let named = |error| Error::Unexpected(format!("`{}`: {error}", variant.name));
    Load { total: plan.warm_up, ..load.clone() }.run()?.all_expected().map_err(named)?;
    let (worker, process) = (envoy.worker_time()?, envoy.cpu_time()?);
    let outcome = load.run()?;
    outcome.all_expected().map_err(named)?;
    let per_request = |spent: Duration| spent.as_secs_f64() * 1e6 / outcome.answers.max(1) as f64;
    let worker = per_request(envoy.worker_time()?.saturating_sub(worker));
    Ok(Cost { worker, process: per_request(envoy.cpu_time()?.saturating_sub(process)) })
}
