//! What is not a price per request: sizes of modules, memory, the time that configuring takes, and latencies at a fixed load.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Ground;
use super::module_size::{ModuleSize, sizes};
use super::report::{Spread, rounded};
use super::sections::Subjects;
use super::{Variant, chain, spec};
use crate::load::Load;
use crate::{Envoy, Result};

/// Figures of processes, as tables for people and machines.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Of each module.
    pub sizes: Vec<ModuleSize>,
    /// Of each chain.
    pub chains: Vec<ChainFacts>,
}

/// What an Envoy with these filters is like.
#[derive(Debug, Clone)]
pub struct ChainFacts {
    /// The chain.
    pub name: String,
    /// From the start of the process to its being ready, in ms.
    pub ready: Spread,
    /// Resident memory with one worker and with four after some traffic, in MiB.
    pub memory: [f64; 2],
    /// Answers in a second of one worker that is kept busy.
    pub rate: f64,
    /// What a client waits that sends a thousand requests a second, in µs: the median, and what 99 in 100 do not exceed.
    pub latency: [f64; 2],
}

/// How often an Envoy is started for the time that it takes.
const STARTS: usize = 5;

/// Requests in a second, of the fixed load.
const RATE: usize = 1_000;

/// The seconds of it.
const SECONDS: usize = 5;

/// Weighs, times and loads the chains with 10 rules, and the bundle with many.
///
/// # Errors
/// When Envoy does not start, an answer is not 200, or a module is not there.
pub fn facts(subjects: &Subjects) -> Result<Facts> {
    let requests = chain::requests(subjects, 10, &[]);
    let chain = |name: &str, filters| Variant::new(name, filters, requests.clone());
    let bundle =
        |name: &str, rules| Variant::new(name, vec![chain::bundle(subjects, name, rules)], chain::requests(subjects, rules, &[]));
    let chains = [
        chain("no filter", Vec::new()),
        chain("empty plugin", vec![subjects.plugin("empty plugin", "noop", &json!({}))]),
        chain("native chain", chain::native_chain(subjects, 10)),
        chain("plugins in a row", chain::in_a_row(subjects, 10)),
        bundle("bundle", 10),
        bundle("bundle, 1,000 rules", 1_000),
        bundle("bundle, 10,000 rules", 10_000),
    ];
    Ok(Facts { sizes: sizes(&subjects.modules)?, chains: chains.iter().map(of_chain).collect::<Result<_>>()? })
}

fn of_chain(variant: &Variant) -> Result<ChainFacts> {
    let start = |workers| Envoy::start(&spec(&Ground { workers, ..Ground::default() }, std::slice::from_ref(variant)));
    let mut ready = Vec::new();
    for _ in 0..STARTS {
        let begun = Instant::now();
        drop(start(1)?);
        ready.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let (one, four) = (start(1)?, start(4)?);
    let busy = Load {
        address: one.listener_addr(&variant.name)?,
        requests: &variant.requests,
        total: usize::MAX,
        limit: Duration::from_secs(2),
        connections: 16,
        threads: 1,
        expect_status: 200,
    };
    let full = busy.run()?;
    full.all_expected()?;
    let steady = Load { total: RATE * SECONDS, connections: 1, limit: Duration::from_secs(60), ..busy.clone() };
    let steady = steady.at_rate(RATE as f64)?;
    steady.all_expected()?;
    Load { address: four.listener_addr(&variant.name)?, connections: 64, ..busy }.run()?.all_expected()?;
    let mib = |envoy: &Envoy| Ok::<_, crate::Error>(envoy.memory_kib()? as f64 / 1024.0);
    Ok(ChainFacts {
        name: variant.name.clone(),
        ready: Spread::of(ready.into_iter()),
        memory: [mib(&one)?, mib(&four)?],
        rate: full.rate(),
        latency: [0.5, 0.99].map(|share| steady.percentile(share).as_secs_f64() * 1e6),
    })
}

impl Facts {
    /// For a file that is compared from release to release.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let chain = |chain: &ChainFacts| {
            json!({
                "name": chain.name,
                "ready_ms": chain.ready.to_json(),
                "memory_mib": chain.memory.map(rounded),
                "answers_per_second": chain.rate.round(),
                "latency_us": chain.latency.map(rounded),
            })
        };
        json!({ "sizes": self.sizes.iter().map(ModuleSize::to_json).collect::<Value>(), "chains": self.chains.iter().map(chain).collect::<Value>() })
    }
}
