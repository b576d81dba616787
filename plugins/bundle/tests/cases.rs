//! The bundle's corpus, and that of every plugin as a part of it, natively.

use bundle::Bundle;
use portcullis_host_tests::corpus::BUNDLE;
use portcullis_host_tests::{Corpus, run_native, run_native_corpus};

#[test]
fn every_case_holds_natively() {
    run_native::<Bundle>(BUNDLE).expect("the corpus can be read").assert_passed();
}

#[test]
fn every_case_of_a_plugin_holds_in_the_bundle() {
    for corpus in Corpus::load_all().expect("the corpus can be read") {
        if corpus.plugin != BUNDLE {
            run_native_corpus::<Bundle>(&corpus.bundled()).expect("cases are for the bundle").assert_passed();
        }
    }
}
