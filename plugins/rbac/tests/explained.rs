//! The plugin that explains itself decides as the one that does not, and tells nothing that is secret.

use portcullis_host_tests::run_native_after;

#[test]
fn every_case_holds_of_the_explained_plugin() {
    let summary = run_native_after::<rbac::ExplainedRbac, jwt_auth::JwtAuth>("rbac", "jwt-auth");
    summary.expect("the corpus can be read").assert_passed();
}
