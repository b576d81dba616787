//! Any bytes as a token: nothing panics, and nothing is verified but the tokens that were signed.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use portcullis_fuzz::fixtures::{KEYS, NOW, VALID};
use portcullis_jose::{Algorithm, Algorithms, CompactJws, KeySet, NoNative, SymmetricKeys, TokenRules, verify, verify_payload};
use std::sync::LazyLock;

static KEY_SET: LazyLock<KeySet> = LazyLock::new(|| KeySet::parse(KEYS, SymmetricKeys::Accept).unwrap().keys);

fuzz_target!(|token: &[u8]| {
    let algorithms: Algorithms = Algorithm::ALL.into_iter().collect();
    let genuine = VALID.iter().any(|(_, valid)| valid.as_bytes() == token)
        || portcullis_fuzz::fixtures::INVALID.iter().any(|(name, valid)| {
            ["expired", "early", "duplicate_member", "crit", "b64"].contains(name) && valid.as_bytes() == token
        });
    if let Ok(jws) = CompactJws::parse(token) {
        let _ = (jws.algorithm(), jws.key_id(), jws.token_type(), jws.header(), jws.header_json(), jws.unverified_issuer());
        let lenient = TokenRules { algorithms, require_expiration: false, ..TokenRules::default() };
        let strict = TokenRules {
            issuer: Some("https://id.example".to_owned()),
            audiences: vec!["orders".to_owned()],
            algorithms,
            ..TokenRules::default()
        };
        let verified = [verify(&jws, &KEY_SET, &lenient, NOW, &NoNative), verify(&jws, &KEY_SET, &strict, NOW, &NoNative)];
        assert!(genuine || verified.iter().all(Result::is_err), "a forged token is believed");
        for claims in verified.iter().flatten() {
            let _ = (claims.subject(), claims.claims_json(), claims.header_json(), claims.token_id(), claims.confirmation());
        }
    }
    assert!(genuine || verify_payload(token, &KEY_SET, algorithms, &NoNative).is_err(), "a forged payload is believed");
});

// Half of the mutations look inside: base64url hides the JSON from the fuzzer.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 2 == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut parts: Vec<Vec<u8>> = data[..size].split(|byte| *byte == b'.').map(<[u8]>::to_vec).collect();
    let index = seed as usize / 2 % parts.len();
    let Ok(mut inner) = URL_SAFE_NO_PAD.decode(&parts[index]) else { return fuzzer_mutate(data, size, max_size) };
    let length = inner.len();
    inner.resize(length + 64, 0);
    let mutated = fuzzer_mutate(&mut inner, length, length + 64);
    parts[index] = URL_SAFE_NO_PAD.encode(&inner[..mutated]).into_bytes();
    let token = parts.join(&b'.');
    let new_size = token.len().min(max_size);
    data[..new_size].copy_from_slice(&token[..new_size]);
    new_size
});
