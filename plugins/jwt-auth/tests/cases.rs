//! The plugin's corpus, natively.

#[test]
fn every_case_holds_natively() {
    portcullis_host_tests::run_native::<jwt_auth::JwtAuth>("jwt-auth").expect("the corpus can be read").assert_passed();
}
