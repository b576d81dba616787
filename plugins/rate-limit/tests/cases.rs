//! The plugin's corpus, natively.

use portcullis_host_tests::run_native_after;

#[test]
fn every_case_holds_natively() {
    let report = run_native_after::<rate_limit::RateLimit, jwt_auth::JwtAuth>("rate-limit", "jwt-auth");
    report.expect("the corpus can be read").assert_passed();
}
