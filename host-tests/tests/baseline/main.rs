//! What a request costs that no machine changes: host calls, allocations, growth of the linear memory; held to the committed
//! `baseline.txt`. More fails; less asks to write it anew, which `UPDATE_GOLDEN=1` does.
//!
//! Allocations are counted in the module that the proxy loads, at every entry into its allocator: those of the filter, of the
//! adapter, and of what the host hands over.
#![expect(clippy::expect_used, reason = "test code, never in a proxy: a panic is a failed test")]

mod counting;
mod figures;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use portcullis_host::{Module, Proxy};
use portcullis_host_tests::corpus::module_path;
use portcullis_host_tests::scenarios::{self, Scenario};

use counting::{COUNTER, counting};
use figures::Figures;

/// Requests that do not count: caches and buffers have their size by then.
const WARM_UP: usize = 100;

/// Requests that do.
const REQUESTS: usize = 1_000;

/// A page of linear memory.
const PAGE: usize = 64 << 10;

/// The host functions that hand a buffer over.
const DATA: [&str; 6] = [
    "proxy_call_foreign_function",
    "proxy_get_header_map_pairs",
    "proxy_get_header_map_value",
    "proxy_get_property",
    "proxy_get_buffer_bytes",
    "proxy_get_shared_data",
];

const HEAD: &str = "\
# Per request: host calls by name, allocations, and pages by which linear memory grows over a thousand requests, after a hundred.
# Per configuration: allocations and pages of a worker that has started and is configured.
# `UPDATE_GOLDEN=1 cargo test --workspace --test baseline` writes this file.
";

#[test]
fn a_request_costs_no_more_than_is_committed() {
    let measured = Figures(ALL.iter().map(|(scenario, figures)| (scenario.name.to_owned(), figures.clone())).collect());
    let text = format!("{HEAD}{measured}");
    print!("{measured}");
    let path = baseline();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &text).expect("the figures can be written");
    }
    let committed = fs::read_to_string(&path).expect("the figures are committed");
    let (more, less) = measured.beside(&Figures::parse(&committed).expect("they are figures"));
    less.iter().for_each(|line| println!("less, UPDATE_GOLDEN=1 writes it down: {line}"));
    assert!(more.is_empty(), "more than before:\n{}", more.join("\n"));
}

#[test]
fn the_bundle_asks_for_data_three_times_at_most() {
    for (scenario, figures) in ALL.iter().filter(|(scenario, _)| scenario.plugin == "bundle") {
        // The body comes in pieces, each of which is asked for once.
        let asked = DATA.iter().filter(|name| **name != "proxy_get_buffer_bytes");
        let asked: f64 = asked.filter_map(|name| figures.get(&returning(name))).sum();
        assert!(asked <= 3.0, "{}: {figures:?}", scenario.name);
        assert!(figures.get(&returning("proxy_get_buffer_bytes")).is_none_or(|pieces| *pieces <= 1.0), "{figures:?}");
    }
}

#[test]
fn linear_memory_does_not_grow_once_it_is_warm() {
    for (scenario, figures) in ALL.iter() {
        assert_eq!(figures.get("pages grown"), Some(&0.0), "{}", scenario.name);
    }
}

type Measured = BTreeMap<String, f64>;

static ALL: LazyLock<Vec<(Scenario, Measured)>> = LazyLock::new(measure_all);

fn measure_all() -> Vec<(Scenario, Measured)> {
    let scenarios = scenarios::all().expect("the scenarios can be made");
    let mut modules: BTreeMap<&str, Module> = BTreeMap::new();
    let measured = scenarios.into_iter().map(|scenario| {
        let module = modules.entry(scenario.plugin);
        let module = module.or_insert_with(|| counting(&module_path(scenario.plugin)).expect("`make wasm` was run"));
        let figures = measure(&scenario, module);
        (scenario, figures)
    });
    measured.collect()
}

fn measure(scenario: &Scenario, module: &Module) -> Measured {
    let mut proxy = scenario.start(module).expect("the configuration is good");
    let mut figures = BTreeMap::from([
        ("configure: allocations".to_owned(), figure(allocations(&proxy))),
        ("configure: pages".to_owned(), figure(pages(&proxy))),
    ]);
    for number in 0..WARM_UP {
        send(scenario, &mut proxy, number);
    }
    let (allocated, size) = (allocations(&proxy), pages(&proxy));
    let mut calls: BTreeMap<String, u32> = BTreeMap::new();
    for number in WARM_UP..WARM_UP + REQUESTS {
        for (name, count) in send(scenario, &mut proxy, number) {
            *calls.entry(name).or_default() += count;
        }
    }
    let of_one = |total: usize| figure(total) / figure(REQUESTS);
    figures.insert("allocations".to_owned(), of_one(allocations(&proxy) - allocated));
    figures.insert("pages grown".to_owned(), figure(pages(&proxy) - size));
    for (name, count) in calls {
        let name = if DATA.contains(&name.as_str()) { returning(&name) } else { name };
        figures.insert(name, of_one(count as usize));
    }
    figures
}

/// What the request asked of the host.
fn send(scenario: &Scenario, proxy: &mut Proxy, number: usize) -> BTreeMap<String, u32> {
    let stream = proxy.send(0, scenario.request(number));
    let exchange = proxy.outcome(stream).done().expect("it is answered");
    assert!(exchange.upstream.is_some_and(|upstream| upstream.complete), "{}: {:?}", scenario.name, exchange.reply);
    exchange.calls
}

fn returning(name: &str) -> String {
    format!("{name}, which returns data")
}

fn allocations(proxy: &Proxy) -> usize {
    proxy.global(0, COUNTER).and_then(|count| count.try_into().ok()).expect("the module counts")
}

fn pages(proxy: &Proxy) -> usize {
    proxy.memory_size(0) / PAGE
}

#[expect(clippy::cast_precision_loss, reason = "nobody allocates that often")]
fn figure(count: usize) -> f64 {
    count as f64
}

fn baseline() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baseline.txt")
}
