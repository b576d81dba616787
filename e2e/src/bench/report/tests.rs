use super::*;
use crate::bench::Variant;

fn variant(name: &str, copies: u32, peer: Option<&str>) -> Variant {
    Variant { copies, peer: peer.map(str::to_owned), ..Variant::new(name, Vec::new(), Vec::new()) }
}

fn pair(base: f64, worker: f64) -> (Cost, Cost) {
    (Cost { worker: base, process: base + 1.0 }, Cost { worker, process: worker + 3.0 })
}

#[test]
fn reports_the_median_of_the_differences_per_copy() {
    let (ours, native) = (variant("ours", 2, Some("native")), variant("native", 1, None));
    let samples = [
        Samples { variant: &ours, pairs: vec![pair(10.0, 30.0), pair(20.0, 80.0), pair(10.0, 40.0)] },
        Samples { variant: &native, pairs: vec![pair(10.0, 40.0)] },
    ];
    let report = Report::new(samples.iter());
    assert_eq!(report.rows[0].added, Spread { median: 15.0, low: 10.0, high: 30.0 });
    assert_eq!(report.rows[0].added_process.median, 16.0);
    assert_eq!(report.rows[0].ratio, Some(("native".to_owned(), 0.5)));
    assert!(report.to_string().contains("| ours | 15.0 | 10.0–30.0 | 16.0 | 10.0 | 0.50 × native |"), "{report}");
    assert_eq!(report.to_json()["rows"][0]["ratio"], 0.5);
}

#[test]
fn an_even_count_has_its_median_in_between() {
    assert_eq!(Spread::of([4.0, 1.0, 2.0, 3.0].into_iter()), Spread { median: 2.5, low: 1.0, high: 4.0 });
    assert_eq!(Spread::of(std::iter::empty()), Spread::default());
}
