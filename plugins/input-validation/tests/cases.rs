//! The plugin's corpus, natively.

#[test]
fn every_case_holds_natively() {
    let summary = portcullis_host_tests::run_native::<input_validation::InputValidation>("input-validation");
    summary.expect("the corpus can be read").assert_passed();
}
