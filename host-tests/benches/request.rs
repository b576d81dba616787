//! What a request and a configuration cost on the real `.wasm` in wasmtime, beside what `baseline.txt` has of them.

#![expect(clippy::unwrap_used, reason = "a bench may stop")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use portcullis_host_tests::scenarios::{self, Scenario};

/// Requests to one proxy: it remembers them all.
const REQUESTS: usize = 1_000;

/// A request, the simulated proxy's own work included.
fn request(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    for scenario in scenarios::all().unwrap() {
        let module = scenario.module().unwrap();
        group.bench_function(scenario.name, |bencher| {
            bencher.iter_custom(|mut left| {
                let mut spent = Duration::ZERO;
                while left > 0 {
                    let now = left.min(REQUESTS as u64);
                    spent += requests(&scenario, &mut scenario.start(&module).unwrap(), now as usize);
                    left -= now;
                }
                spent
            });
        });
    }
    group.finish();
}

fn requests(scenario: &Scenario, proxy: &mut portcullis_host::Proxy, count: usize) -> Duration {
    let requests: Vec<_> = (0..count).map(|number| scenario.request(number)).collect();
    // The first one finds cold caches.
    proxy.send(0, scenario.request(0));
    let begin = Instant::now();
    for request in requests {
        black_box(proxy.send(0, request));
    }
    begin.elapsed()
}

/// From the module's machine code to a proxy with one worker: three VMs that start and are configured, as in Envoy.
fn configure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("configure");
    group.sample_size(20);
    for scenario in scenarios::all().unwrap() {
        let module = scenario.module().unwrap();
        group.bench_function(scenario.name, |bencher| bencher.iter(|| scenario.start(black_box(&module)).unwrap()));
    }
    group.finish();
}

criterion_group!(benches, request, configure);
criterion_main!(benches);
