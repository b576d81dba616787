//! The structure of JSON: how fast it is checked, in pieces of 16 KiB as a proxy hands them over.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use portcullis_validation::json::{JsonCheck, JsonLimits};

/// How long the texts are, about.
const SIZE: usize = 64 << 10;

fn orders() -> String {
    let order = |n: usize| {
        format!(
            r#"{{"id":"2eb8aa08-aa98-11ea-b4aa-73b441d1{n:04}","customer":{{"name":"Ada Lovelace","email":"ada@example.com"}},"items":[{{"sku":"A-{n}","quantity":{},"price":19.95}}],"paid":true,"note":null}}"#,
            n % 7
        )
    };
    let list: Vec<String> = (0..SIZE / 200).map(order).collect();
    format!("[{}]", list.join(","))
}

fn pretty() -> String {
    let value: serde_json::Value = serde_json::from_str(&orders()).unwrap_or_default();
    serde_json::to_string_pretty(&value).unwrap_or_default()
}

fn numbers() -> String {
    let list: Vec<String> = (0..SIZE / 8).map(|n| format!("{}.{}", n * 37 % 9973, n % 97)).collect();
    format!("[{}]", list.join(","))
}

fn text() -> String {
    format!("[\"{}\"]", "The quick brown fox jumps over the lazy dog. ".repeat(SIZE / 45))
}

fn check(text: &[u8]) -> bool {
    let mut check = JsonCheck::new(JsonLimits::unlimited(32));
    text.chunks(16 << 10).all(|piece| check.feed(piece).is_ok()) && check.finish().is_ok()
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("json");
    for (name, text) in [("orders", orders()), ("pretty orders", pretty()), ("numbers", numbers()), ("text", text())] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert!(check(text.as_bytes())));
        });
    }
    group.finish();
}

criterion_group!(json, benches);
criterion_main!(json);
