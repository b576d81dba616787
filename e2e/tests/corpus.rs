//! The corpus of every plugin, in a real Envoy.

use portcullis_e2e::{corpus, envoy};
use portcullis_host_tests::corpus::BUNDLE;
use portcullis_host_tests::{Corpus, Summary};

#[test]
fn every_case_holds_in_a_real_envoy() {
    if !envoy::is_installed().unwrap() {
        return;
    }
    let corpora = Corpus::load_all().unwrap();
    corpus::run(&corpora).unwrap().iter().for_each(Summary::assert_passed);
}

#[test]
fn every_case_of_a_plugin_holds_in_the_bundle() {
    if !envoy::is_installed().unwrap() {
        return;
    }
    // An Envoy for each plugin: cases of two may have one name. What is refused is so without an Envoy, too, and would need one each.
    for mut corpus in Corpus::load_all().unwrap() {
        corpus.cases.retain(|(_, case)| case.refused.is_none());
        if corpus.plugin != BUNDLE {
            corpus::run(&[corpus.bundled()]).unwrap().iter().for_each(Summary::assert_passed);
        }
    }
}
