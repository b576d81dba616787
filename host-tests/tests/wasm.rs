//! The corpus of every plugin, on the `.wasm` that the proxy loads.

use portcullis_host_tests::corpus::BUNDLE;
use portcullis_host_tests::{Corpus, run_wasm};

#[test]
fn every_case_holds_on_the_real_module() {
    for corpus in Corpus::load_all().expect("the corpus can be read") {
        run_wasm(&corpus).expect("the module is built").assert_passed();
    }
}

#[test]
fn every_case_of_a_plugin_holds_in_the_bundle() {
    for corpus in Corpus::load_all().expect("the corpus can be read") {
        if corpus.plugin != BUNDLE {
            run_wasm(&corpus.bundled()).expect("the module is built").assert_passed();
        }
    }
}
