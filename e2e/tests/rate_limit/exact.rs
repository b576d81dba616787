//! Four workers that spend one quota.

use std::time::Duration;

use portcullis_e2e::bench::{Exact, measure_exact};
use portcullis_e2e::envoy::is_installed;
use portcullis_host_tests::corpus::module_path;

#[test]
fn four_workers_admit_one_quota_together_and_no_more() {
    if !is_installed().unwrap() {
        return;
    }
    let rate = 200;
    let exact = measure_exact(&module_path("rate-limit"), rate, Duration::from_secs(3)).unwrap();
    let (Exact { answers, admitted, .. }, quota) = (exact, exact.quota());
    assert!(admitted as f64 <= quota, "{exact}");
    // Whoever does not ask for all of it cannot be refused the rest.
    if answers as f64 > 3.0 * quota {
        assert!(admitted as f64 >= 0.9 * quota, "{exact}");
    }
}
