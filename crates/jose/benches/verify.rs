//! What a token costs: taken apart, and verified by each family of algorithms without native cryptography.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may stop")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use portcullis_jose::{Algorithm, CompactJws, KeySet, NoNative, SymmetricKeys, TokenRules, verify};
use serde_json::json;

#[path = "../src/mint.rs"]
mod mint;

const NOW: Duration = Duration::from_secs(1_767_225_600);

fn token(algorithm: Algorithm) -> String {
    let payload = json!({
        "iss": "https://issuer.example", "sub": "0f6c2d9a-5b1e-4c57-9c52-2f6d3a1b7e90", "aud": ["api"], "azp": "web",
        "exp": NOW.as_secs() + 300, "iat": NOW.as_secs(), "scope": "openid profile email", "groups": ["a", "b", "c"],
    });
    mint::Signer::of(algorithm).token(algorithm, json!({"kid": "k", "typ": "JWT"}), &payload)
}

fn rules() -> TokenRules {
    let algorithms = Algorithm::ALL.into_iter().collect();
    TokenRules {
        issuer: Some("https://issuer.example".into()),
        audiences: vec!["api".into()],
        algorithms,
        ..TokenRules::default()
    }
}

fn parsing(criterion: &mut Criterion) {
    let token = token(Algorithm::RS256);
    criterion.bench_function("parse RS256", |bencher| bencher.iter(|| CompactJws::parse(black_box(token.as_bytes())).unwrap()));
    let jwks = mint::jwks(&vec![mint::Signer::rsa().jwk(); 1000]);
    criterion
        .bench_function("parse 1000 RSA keys", |bencher| bencher.iter(|| KeySet::parse(black_box(&jwks), SymmetricKeys::Refuse)));
}

fn verifying(criterion: &mut Criterion) {
    let rules = rules();
    for algorithm in [
        Algorithm::RS256,
        Algorithm::PS256,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::ES512,
        Algorithm::EdDSA,
        Algorithm::HS256,
    ] {
        let token = token(algorithm);
        let jwks = mint::jwks(&[mint::Signer::of(algorithm).jwk_with(json!({"kid": "k"}))]);
        let keys = KeySet::parse(&jwks, SymmetricKeys::Accept).unwrap().keys;
        let jws = CompactJws::parse(token.as_bytes()).unwrap();
        criterion.bench_function(&format!("verify {algorithm}"), |bencher| {
            bencher.iter(|| verify(black_box(&jws), &keys, &rules, NOW, &NoNative).unwrap());
        });
    }
}

criterion_group!(benches, parsing, verifying);
criterion_main!(benches);
