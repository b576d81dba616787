//! Any bytes as a key set: nothing panics, and whatever the keys, one token costs at most a few checks.
#![no_main]

use std::cell::Cell;

use libfuzzer_sys::fuzz_target;
use portcullis_fuzz::fixtures::{NOW, VALID};
use portcullis_jose::{
    Algorithm, Algorithms, CompactJws, Hash, KeySet, MAX_CANDIDATES, MAX_KEYS, NativeVerdict, SignatureVerifier, SymmetricKeys,
    TokenRules, verify,
};

/// Counts what it is asked and does nothing.
#[derive(Default)]
struct Counting(Cell<usize>);

impl SignatureVerifier for Counting {
    fn verify(&self, _: Hash, _: &[u8], _: &[u8], _: &[u8]) -> NativeVerdict {
        self.0.set(self.0.get() + 1);
        NativeVerdict::Unavailable
    }
}

fuzz_target!(|document: &[u8]| {
    let algorithms: Algorithms = Algorithm::ALL.into_iter().collect();
    for symmetric in [SymmetricKeys::Refuse, SymmetricKeys::Accept] {
        let parsed = match KeySet::parse(document, symmetric) {
            Ok(parsed) => parsed,
            Err(error) => {
                let _ = error.to_string();
                continue;
            }
        };
        assert!((1..=MAX_KEYS).contains(&parsed.keys.len()));
        for (_, error) in &parsed.skipped {
            let _ = error.to_string();
        }
        let rules = TokenRules { algorithms, ..TokenRules::default() };
        for (name, token) in VALID.iter().take(8) {
            let jws = CompactJws::parse(token.as_bytes()).unwrap();
            let native = Counting::default();
            let verified = verify(&jws, &parsed.keys, &rules, NOW, &native).is_ok();
            assert!(native.0.get() <= MAX_CANDIDATES);
            assert!(
                !verified || symmetric == SymmetricKeys::Accept || *name != "hs256",
                "a secret that was to be refused is used"
            );
        }
    }
});
