//! What nginx's and OpenResty's own tests expect of their limiters, replayed with a clock of the test: read from `SUITES` (default:
//! `shared/suites` beside the repository).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

use portcullis_quota::{Algorithm, Limit, Spend, State, Terms, Verdict};
use serde_json::Value;

/// What is not the algorithm's: no trace is excused.
const EXCUSED: [(&str, &str); 0] = [];

#[test]
fn every_trace_comes_out_as_its_authors_expect() {
    let Some(traces) = portcullis_suites::rows("rate-limit/traces.jsonl") else { return };
    let mut replayed: BTreeMap<&str, usize> = BTreeMap::new();
    for trace in traces.iter().filter(|trace| !EXCUSED.iter().any(|(id, _)| trace["id"] == *id)) {
        let algorithm = trace["algorithm"].as_str().unwrap().split(' ').next().unwrap();
        let mut replay = Replay::default();
        match algorithm {
            "leaky_bucket" | "fixed_window" => replay.openresty(trace),
            "nginx" => replay.nginx(trace),
            other => panic!("{other}"),
        }
        *replayed.entry(algorithm).or_default() += 1;
    }
    println!("traces, {} rows: {replayed:?}, {} excused", traces.len(), EXCUSED.len());
    assert_eq!(traces.len(), 17);
    assert_eq!(replayed, BTreeMap::from([("fixed_window", 4), ("leaky_bucket", 5), ("nginx", 8)]));
}

/// The states of all keys, and the clock.
#[derive(Default)]
struct Replay {
    now: u64,
    states: BTreeMap<String, State>,
}

impl Replay {
    /// `resty.limit.req`: a rate, and a burst that has to wait; `resty.limit.count`: windows.
    fn openresty(&mut self, trace: &Value) {
        let config = &trace["config"];
        let (limit, patience) = match config["limit"].as_u64() {
            Some(quota) => (windows(quota, config["window_ms"].as_u64().unwrap()), Duration::ZERO),
            None => leaky(config["rate_per_s"].as_u64().unwrap(), 1, 0, config["burst"].as_u64().unwrap()),
        };
        for step in steps(trace) {
            self.advance(step);
            let Some(allow) = step["allow"].as_bool() else { continue };
            let verdict = self.ask(&limit, patience, step["key"].as_str().unwrap_or_default(), step["commit"] != false);
            let at = format!("{}: {step}", trace["id"]);
            let Verdict::Admitted(admission) = verdict else {
                assert!(!allow, "{at}");
                continue;
            };
            assert!(allow, "{at}");
            if let Some(remaining) = step["remaining"].as_u64() {
                assert_eq!(admission.standing.remaining, remaining, "{at}");
            }
            if let Some(delay) = step["delay_s"].as_f64() {
                assert_eq!(admission.wait.as_secs_f64(), delay, "{at}");
            }
            if let Some(excess) = step["excess"].as_f64() {
                assert_eq!(admission.wait.as_secs_f64() * config["rate_per_s"].as_f64().unwrap(), excess, "{at}");
            }
        }
    }

    /// `limit_req`: several zones, each with a key that may be absent; a request passes if it passes all.
    fn nginx(&mut self, trace: &Value) {
        let config = &trace["config"];
        let one = Value::Array(vec![config.clone()]);
        let zones = config.get("zones").unwrap_or(&one).as_array().unwrap();
        for step in steps(trace).filter(|step| step["path"] != "/") {
            self.advance(step);
            if step["advance_ms"].is_u64() {
                continue;
            }
            let mut verdicts = Vec::new();
            for zone in zones {
                let name = zone["key"].as_str().unwrap_or("key");
                let Some(key) = step.get(name).and_then(Value::as_str).or(zone.get("key").is_none().then_some("ip")) else {
                    continue;
                };
                let (limit, patience) = zone_of(zone, step);
                verdicts.push(self.ask(&limit, patience, &format!("{name}/{key}"), true));
            }
            expect(&verdicts, step, &format!("{}: {step}", trace["id"]));
        }
    }

    fn advance(&mut self, step: &Value) {
        self.now += step["advance_ms"].as_u64().unwrap_or_default() * 1_000_000;
    }

    fn ask(&mut self, limit: &Limit, patience: Duration, key: &str, commit: bool) -> Verdict {
        let state = self.states.entry(key.to_owned()).or_default();
        let verdict = limit.spend(*state, Spend { cost: 1, now: self.now, patience });
        if let Verdict::Admitted(admission) = &verdict
            && commit
        {
            *state = admission.state;
        }
        verdict
    }
}

fn expect(verdicts: &[Verdict], step: &Value, at: &str) {
    let waits: Option<Vec<Duration>> = verdicts
        .iter()
        .map(|verdict| match verdict {
            Verdict::Admitted(admission) => Some(admission.wait),
            Verdict::Refused(_) => None,
        })
        .collect();
    let delayed = waits.as_ref().is_some_and(|waits| waits.iter().any(|wait| !wait.is_zero()));
    if let Some(status) = step["limit_status"].as_str() {
        let ours = if waits.is_none() {
            "REJECTED"
        } else if delayed {
            "DELAYED"
        } else {
            "PASSED"
        };
        assert_eq!(ours, status.trim_end_matches("_DRY_RUN"), "{at}");
        return;
    }
    assert_eq!(waits.is_some(), step["allow"].as_bool().unwrap_or(step["status"] == 200), "{at}");
    if let Some(expected) = step["delayed"].as_bool() {
        assert_eq!(delayed, expected, "{at}");
    }
}

/// The zone as the step's location uses it.
fn zone_of(zone: &Value, step: &Value) -> (Limit, Duration) {
    let number = |name: &str| step.get(name).or(zone.get(name)).and_then(Value::as_u64);
    let (quota, seconds) = number("rate_per_s").map_or_else(|| (number("rate_per_min").unwrap(), 60), |rate| (rate, 1));
    let burst = number("burst").unwrap_or_default();
    let at_once = if zone["nodelay"] == true { burst } else { number("delay_after").unwrap_or_default() };
    leaky(quota, seconds, at_once, burst - at_once)
}

/// What comes at once, and what has to wait: nginx's burst is both.
fn leaky(quota: u64, seconds: u64, at_once: u64, waiting: u64) -> (Limit, Duration) {
    let quota = NonZeroU64::new(quota).unwrap();
    let window = Duration::from_secs(seconds);
    let limit = Limit::new(&Terms { algorithm: Algorithm::Gcra, quota, window, burst: at_once }).unwrap();
    (limit, window * u32::try_from(waiting).unwrap() / u32::try_from(quota.get()).unwrap())
}

fn windows(quota: u64, millis: u64) -> Limit {
    let quota = NonZeroU64::new(quota).unwrap();
    Limit::new(&Terms { algorithm: Algorithm::FixedWindow, quota, window: Duration::from_millis(millis), burst: 0 }).unwrap()
}

fn steps(trace: &Value) -> impl Iterator<Item = &Value> {
    trace["steps"].as_array().unwrap().iter()
}
