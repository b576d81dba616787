//! What limits cost beside Envoy's own, what they admit when several workers spend one, and what a flood of keys leaves.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::Group;
use super::memory::{LISTENER, flood, weigh};
use super::sections::Subjects;
use super::{Growth, Variant, plain};
use crate::bootstrap::type_url;
use crate::filters::{WasmFilter, wasm_filter};
use crate::load::{Load, Outcome};
use crate::{Envoy, EnvoySpec, Error, Request, Result};

/// Clients that have a limit each.
const CLIENTS: usize = 10_000;

/// More than any run asks for.
const PLENTY: u64 = 100_000_000;

/// Workers that spend one quota.
const WORKERS: u32 = 4;

/// One limit for all and one for each client, natively and ours, and a plugin that does nothing.
pub(super) fn groups(subjects: &Subjects) -> Vec<Group> {
    let clients = || (0..CLIENTS).map(|number| request(&client(number))).collect::<Vec<_>>();
    let one = || vec![request("client")];
    let (global, each) = ("native local_ratelimit, one for all", "native local_ratelimit, 10,000 clients");
    let limit = |name: &str, more: Value, requests| {
        Variant::new(
            name,
            vec![subjects.plugin(name, "rate_limit", &json!({ "version": 1, "limits": [limit("limit", more)] }))],
            requests,
        )
    };
    let variants = vec![
        Variant::new(global, vec![native(json!({ "token_bucket": bucket() }))], one()),
        limit("rate-limit, one for all", json!({}), one()).beside(global),
        limit("rate-limit, one for all, each worker for itself", json!({ "scope": "worker" }), one()).beside(global),
        Variant::new(each, vec![native_per_client(CLIENTS)], clients()),
        limit("rate-limit, 10,000 clients", json!({ "key": [KEY] }), clients()).beside(each),
        Variant::new("empty plugin", vec![subjects.plugin("empty plugin", "noop", &json!({}))], one()),
    ];
    vec![Group { variants, ..Group::default() }]
}

/// What tells clients apart, as CEL.
pub(super) const KEY: &str = "request.headers[\"x-client\"]";

/// A limit of ours that nobody reaches, with `more` fields.
pub(super) fn limit(name: &str, more: Value) -> Value {
    let mut limit = json!({ "name": name, "quota": PLENTY, "window": "1s" });
    if let (Some(limit), Value::Object(more)) = (limit.as_object_mut(), more) {
        limit.extend(more);
    }
    limit
}

pub(super) fn client(number: usize) -> String {
    format!("client-{number}")
}

fn plugin(name: &str, module: &Path, configuration: &Value) -> Value {
    wasm_filter(&WasmFilter::new(name, module, configuration))
}

pub(super) fn request(client: &str) -> Vec<u8> {
    Request::get("/").header("x-client", client).header("user-agent", "bench").to_bytes()
}

fn bucket() -> Value {
    json!({ "max_tokens": PLENTY, "tokens_per_fill": PLENTY, "fill_interval": "1s" })
}

fn native(fields: Value) -> Value {
    let always = json!({ "default_value": { "numerator": 100 }, "runtime_key": "e2e.always" });
    let mut config = json!({
        "@type": type_url("filters.http.local_ratelimit.v3.LocalRateLimit"),
        "stat_prefix": "native",
        "filter_enabled": always,
        "filter_enforced": always,
    });
    if let (Some(config), Value::Object(fields)) = (config.as_object_mut(), fields) {
        config.extend(fields);
    }
    json!({ "name": "local_ratelimit", "typed_config": config })
}

/// Envoy's own filter, with a bucket for each of as many clients.
pub(super) fn native_per_client(clients: usize) -> Value {
    native_limits(1, clients)
}

/// The same with so many buckets for each: one for each value of a header, made when it comes first.
pub(super) fn native_limits(limits: usize, clients: usize) -> Value {
    let action = |limit: usize| json!({ "actions": [{ "request_headers": { "header_name": "x-client", "descriptor_key": format!("limit-{limit}") } }] });
    let descriptor = |limit: usize| json!({ "entries": [{ "key": format!("limit-{limit}") }], "token_bucket": bucket() });
    native(json!({
        "token_bucket": bucket(),
        "max_dynamic_descriptors": clients,
        "rate_limits": (0..limits).map(action).collect::<Value>(),
        "descriptors": (0..limits).map(descriptor).collect::<Value>(),
    }))
}

/// What four workers have admitted that spend one limit as fast as they can. Its burst is a tenth of a second: a machine that stands
/// still for less loses nothing.
#[derive(Debug, Clone, Copy)]
pub struct Exact {
    /// Units of the limit in a second.
    pub rate: u32,
    /// All that were answered.
    pub answers: usize,
    /// Those that passed.
    pub admitted: usize,
    /// Those that were refused because other workers were always faster.
    pub contended: usize,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// The processor time of all workers.
    pub worker: Duration,
}

impl Exact {
    /// As many as the limit admits in that time, if it is asked all the time.
    #[must_use]
    pub fn quota(&self) -> f64 {
        f64::from(burst(self.rate) + 1) + f64::from(self.rate) * self.elapsed.as_secs_f64()
    }
}

const fn burst(rate: u32) -> u32 {
    rate / 10
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rate, answers, admitted, contended, elapsed, worker } = self;
        let seconds = elapsed.as_secs_f64();
        let quota = self.quota();
        write!(f, "{rate}/s for {seconds:.2} s at {:.0}/s: ", *answers as f64 / seconds)?;
        write!(f, "{admitted} admitted of {quota:.0} ({:+.2} %), ", (*admitted as f64 / quota - 1.0) * 100.0)?;
        write!(f, "{contended} contended, {:.1} µs of workers for each", worker.as_secs_f64() * 1e6 / (*answers).max(1) as f64)
    }
}

/// Sends as much as goes for `time` to four workers with one limit of `rate` in a second.
///
/// # Errors
/// When Envoy does not start, an answer is neither admitted nor refused, or a VM fails.
pub fn measure_exact(module: &Path, rate: u32, time: Duration) -> Result<Exact> {
    let configuration = json!({
        "version": 1,
        "decisions": { "max_per_second": 1 },
        "limits": [{ "name": "one", "quota": rate, "window": "1s", "burst": burst(rate) }],
    });
    let spec = EnvoySpec { concurrency: WORKERS, ..plain("exact", vec![plugin("exact", module, &configuration)]) };
    let envoy = Envoy::start(&spec)?;
    let load = Load {
        address: envoy.listener_addr("exact")?,
        requests: &[request("client")],
        total: usize::MAX,
        limit: time,
        connections: 64,
        threads: 2,
        expect_status: 200,
    };
    let before = envoy.worker_time()?;
    let outcome = load.run()?;
    let worker = envoy.worker_time()?.saturating_sub(before);
    let of = |status: u16| outcome.unexpected.get(&status).copied().unwrap_or_default();
    let Outcome { answers, elapsed, .. } = outcome;
    let (refused, contended) = (of(429), of(503));
    let others: usize = outcome.unexpected.values().sum::<usize>() - refused - contended;
    match (others, envoy.wasm_failures()?.first()) {
        (0, None) => Ok(Exact { rate, answers, admitted: answers - refused - contended, contended, elapsed, worker }),
        (0, Some(failure)) => Err(Error::Unexpected(failure.clone())),
        _ => Err(Error::Unexpected(format!("statuses {:?}", outcome.unexpected))),
    }
}

/// Sends `total` distinct keys, each once, and weighs Envoy before, after each power of ten, and at the end. A client that was
/// throttled before has to be so after it.
///
/// # Errors
/// When Envoy does not start, an answer is neither admitted nor refused, the client is let off, or a VM fails.
pub fn measure_keys(module: &Path, total: usize) -> Result<Vec<Growth>> {
    let limit = json!({ "name": "each", "key": ["request.headers['x-client']"], "quota": 1, "window": "1h" });
    let configuration = json!({ "version": 1, "decisions": { "max_per_second": 1 }, "limits": [limit] });
    let envoy = Envoy::start(&plain(LISTENER, vec![plugin("rate-limit", module, &configuration)]))?;
    let victim = || Ok::<_, Error>(envoy.send(LISTENER, &Request::get("/").header("x-client", "victim"))?.status);
    let throttled = |when: &str| match victim()? {
        429 => Ok(()),
        status => Err(Error::Unexpected(format!("{when} the throttled client gets {status}"))),
    };
    victim()?;
    throttled("before the flood")?;
    let weights = weigh(&envoy, total, |numbers| {
        let requests: Vec<Vec<u8>> = numbers.map(|number| request(&format!("flood-{number}"))).collect();
        let outcome = flood(&envoy, &requests)?;
        if outcome.unexpected.keys().all(|status| *status == 429) { Ok(()) } else { outcome.all_expected() }
    })?;
    throttled("after the flood")?;
    Ok(weights)
}
