//! Eight workers that overtake each other between their reads and their writes, at random, from fixed seeds.

use portcullis_host::{Proxy, Request, StreamId};

use super::{get, metric, proxy, status};

const WORKERS: usize = 8;
const REQUESTS: usize = 64;

/// Xorshift, from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).unwrap_or_default()
    }
}

/// Sends requests to all workers, which overtake each other with the chance of `odds` in four.
fn race(proxy: &mut Proxy, seed: u64, odds: usize, request: impl Fn(usize) -> Request) -> Vec<StreamId> {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let requests = (0..REQUESTS).map(|number| (number % WORKERS, request(number))).collect();
    proxy.race(requests, move |idle| (random.below(4) < odds).then(|| random.below(idle)))
}

fn admitted(proxy: &Proxy, sent: &[StreamId]) -> usize {
    sent.iter().filter(|id| status(proxy, **id) == 200).count()
}

#[test]
fn eight_workers_admit_exactly_the_quota_whoever_overtakes_whom() {
    for algorithm in ["gcra", "fixed_window", "sliding_window"] {
        let burst = if algorithm == "gcra" { 20 } else { 0 };
        let quota = 21 - burst;
        let limit =
            format!(r#"{{"name": "raced", "quota": {quota}, "window": "1h", "burst": {burst}, "algorithm": "{algorithm}"}}"#);
        let mut proxy = proxy(&limit, WORKERS);
        for seed in 1..=20 {
            let sent = race(&mut proxy, seed, 3, |_| get(&[]));
            let (admitted, contended) = (admitted(&proxy, &sent), metric(&proxy, "raced", "contended"));
            assert!(admitted <= 21, "{algorithm}, seed {seed}: {admitted}");
            assert!(admitted == 21 || contended > 0, "{algorithm}, seed {seed}: {admitted}");
            // Until all is paid back: a day and an hour.
            proxy.advance(25 * 3600 * super::SECOND);
        }
    }
}

#[test]
fn what_a_second_limit_refuses_is_given_back_to_the_first() {
    let limits = r#"{"name": "first", "quota": 20, "window": "1h", "algorithm": "fixed_window"},
        {"name": "second", "quota": 5, "window": "1h", "algorithm": "fixed_window", "condition": "request.headers[\"x-kind\"] == \"b\""}"#;
    for seed in 1..=20 {
        let mut proxy = proxy(limits, WORKERS);
        let kind = |number: usize| if number.is_multiple_of(2) { "a" } else { "b" };
        let sent = race(&mut proxy, seed, 3, |number| get(&[("x-kind", kind(number))]));
        let of = |wanted: &str| -> usize {
            sent.iter().enumerate().filter(|(number, id)| kind(*number) == wanted && status(&proxy, **id) == 200).count()
        };
        let (plain, both) = (of("a"), of("b"));
        assert!(both <= 5 && plain + both <= 20, "seed {seed}: {plain} + {both}");
        // What was given back is there: as many as are left are admitted now.
        let left = 20 - plain - both;
        let more: Vec<StreamId> = (0..25).map(|worker| proxy.send(worker, get(&[("x-kind", "a")]))).collect();
        assert_eq!(admitted(&proxy, &more), left, "seed {seed}: {plain} + {both}");
    }
}

#[test]
fn contention_that_stays_is_answered_as_configured() {
    for (on_contention, expected) in [("deny", 503), ("share", 200)] {
        let limit = format!(
            r#"{{"name": "hot", "key": ["request.headers[\"x-key\"]"], "quota": 100, "window": "1h", "on_contention": "{on_contention}"}}"#
        );
        let config = format!(r#"{{"version": 1, "limits": [{limit}]}}"#);
        // Another worker writes after each read of a slot; the slot of those who share is the last one.
        let race = |key: &str, data: &mut portcullis_host::SharedData| {
            if !key.ends_with("/hash_key") && !key.ends_with("/8192") {
                let value = data.value(key).unwrap_or_default().to_vec();
                data.replace(key, &value);
            }
        };
        let options = portcullis_host::Options { on_shared_data_get: Some(Box::new(race)), ..Default::default() };
        let mut proxy = Proxy::wasm(&super::MODULE, config.as_bytes(), options).expect("the configuration is accepted");
        let sent = proxy.send(0, get(&[("x-key", "a")]));
        assert_eq!(status(&proxy, sent), expected, "{on_contention}");
        let effect = if expected == 503 { "contended" } else { "overflow" };
        assert_eq!(metric(&proxy, "hot", effect), 1, "{on_contention}");
    }
}
