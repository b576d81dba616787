//! The plugin's corpus, natively.

use portcullis_host_tests::run_native_after;

#[test]
fn every_case_holds_natively() {
    run_native_after::<rbac::Rbac, jwt_auth::JwtAuth>("rbac", "jwt-auth").expect("the corpus can be read").assert_passed();
}
