//! What matching costs: a lookup among few and many rules, and a plain path.

#![expect(clippy::unwrap_used, reason = "a bench may stop")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use portcullis_config::{OnAmbiguous, from_value};
use portcullis_http::{Match, MatchRequest, RuleIndex, canonical};
use serde_json::json;

fn lookup(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lookup");
    let request =
        MatchRequest::parse(b"GET", Some(b"api.example.com"), Some(b"/v1/things7/42/items"), OnAmbiguous::Reject).unwrap();
    for rules in [10, 100, 1_000, 10_000] {
        let index = RuleIndex::new((0..rules).map(rule));
        assert_eq!(index.matches(&request).count(), 1);
        group.bench_function(BenchmarkId::from_parameter(rules), |bencher| {
            bencher.iter(|| index.first(black_box(&request)).map(|found| found.rule))
        });
    }
    group.finish();
}

fn rule(number: usize) -> Match {
    let fields = json!({ "hosts": ["*.example.com"], "methods": ["GET"], "paths": [format!("/v1/things{number}/{{id}}/items")] });
    from_value(&fields).unwrap()
}

fn paths(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("canonical");
    for (name, path) in [("plain", &b"/v1/things7/42/items?page=2&size=50"[..]), ("escaped", b"/v1/caf%C3%A9/42/items%20sold")] {
        group.bench_function(name, |bencher| bencher.iter(|| canonical(black_box(path), OnAmbiguous::Reject).is_ok()));
    }
    group.bench_function("rewritten", |bencher| {
        bencher.iter(|| canonical(black_box(b"/v1//caf%C3%A9/./42/x/../items;v=1?page=2"), OnAmbiguous::Rewrite).is_ok());
    });
    group.finish();
}

criterion_group!(benches, lookup, paths);
criterion_main!(benches);
