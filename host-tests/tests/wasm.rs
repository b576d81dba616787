//! The corpus of every plugin, on the `.wasm` that the proxy loads.

use portcullis_host_tests::{Corpus, run_wasm};

#[test]
fn every_case_holds_on_the_real_module() {
    for corpus in Corpus::load_all().expect("the corpus can be read") {
        run_wasm(&corpus.plugin).expect("the module is built").assert_passed();
    }
}
