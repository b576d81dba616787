//! The plugin that explains itself decides as the one that does not, and tells nothing that is secret.

use portcullis_host_tests::run_native;

#[test]
fn every_case_holds_of_the_explained_plugin() {
    run_native::<jwt_auth::ExplainedJwtAuth>("jwt-auth").expect("the corpus can be read").assert_passed();
}
