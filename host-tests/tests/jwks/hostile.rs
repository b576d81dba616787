//! Key sets and tokens that are meant to do harm.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;

/// The keys of `names`, then more than anyone needs, each with the `x` of `eddsa` and a `kid` of its own.
fn many(names: &[&str], count: usize) -> String {
    let mut set = key_set(names).expect("the keys exist");
    let x = key_set(&["eddsa"]).expect("the key exists")["keys"][0]["x"].clone();
    let further = (0..count).map(|kid| json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": format!("{kid}")}));
    set["keys"].as_array_mut().expect("a list").extend(further);
    set.to_string()
}

#[test]
fn of_ten_thousand_keys_a_thousand_count_in_little_memory() {
    let set = many(&["eddsa"], 9_999);
    assert!(set.len() < 1 << 20, "{}", set.len());
    let provider = r#""remote_jwks": {"uri": "https://id.example/jwks.json", "cluster": "id"}"#;
    let options = Options { vm_id: "jwt".to_owned(), memory_limit: 32 << 20, ..Options::default() };
    let begun = std::time::Instant::now();
    let mut bench = Bench::with(provider, move |_| json(set.clone()), options);
    bench.proxy.advance(SECOND);
    println!("10,000 keys on {WORKERS} workers: {:?}", begun.elapsed());
    let good = bench.send_to_all("eddsa");
    let last_that_counts = bench.send(0, "eddsa", "header: {kid: '998'}");
    let first_that_does_not = bench.send(0, "eddsa", "header: {kid: '999'}");
    bench.proxy.advance(SECOND);
    assert_eq!((bench.others_than(200, &good), bench.status(last_that_counts), bench.status(first_that_does_not)), (0, 200, 401));
}

/// A mebibyte has room for some seven hundred RSA keys of 8192 bits, and for a thousand points of P-521.
#[test]
fn the_costliest_sets_are_read_within_the_bounds_of_a_callback() {
    let modulus = |first: u8| URL_SAFE_NO_PAD.encode([&[0xff, first][..], &[0xa5; 1021], &[0x01]].concat());
    let rsa =
        (0..700).map(|number| json!({"kty": "RSA", "n": modulus((number % 256) as u8), "e": "AQAB", "kid": format!("{number}")}));
    let point = key_set(&["es512"]).expect("the key exists")["keys"][0].clone();
    for (what, further) in [("RSA of 8192 bits", rsa.collect::<Vec<Value>>()), ("P-521", vec![point; 999])] {
        let mut set = key_set(&["eddsa"]).expect("the key exists");
        set["keys"].as_array_mut().expect("a list").extend(further);
        let set = set.to_string();
        assert!(set.len() < 1 << 20, "{what}: {}", set.len());
        let provider = r#""remote_jwks": {"uri": "https://id.example/jwks.json", "cluster": "id"}"#;
        let options = Options { vm_id: "jwt".to_owned(), memory_limit: 64 << 20, ..Options::default() };
        let begun = std::time::Instant::now();
        let mut bench = Bench::with(provider, move |_| json(set.clone()), options);
        bench.proxy.advance(SECOND);
        println!("{what}: {:?} on 5 VMs", begun.elapsed());
        let sent = bench.send_to_all("eddsa");
        assert_eq!(bench.others_than(200, &sent), 0, "{what}");
    }
}

#[test]
fn a_set_that_is_too_long_never_replaces_a_good_one() {
    let mut bench = Bench::started(r#", "cache_duration": "10s""#);
    bench.answers(json(many(&["es256"], 20_000)));
    bench.proxy.advance(11 * SECOND);
    let (known, new) = (bench.send_to_all("eddsa"), bench.send_to_all("es256"));
    bench.proxy.advance(6 * SECOND);
    assert_eq!((bench.others_than(200, &known), bench.others_than(503, &new)), (0, 0));
    assert_eq!((bench.metric("fetch_ok"), bench.proxy.vm_failures()), (1, 0));
}

#[test]
fn a_symmetric_key_in_a_remote_set_signs_nothing() {
    let mut bench = Bench::new("", keys(&["hs256", "eddsa"]), "jwt");
    bench.proxy.advance(SECOND);
    let good = bench.send_to_all("eddsa");
    let headers = ["", "header: {kid: null}", "header: {kid: eddsa}", "header: {alg: EdDSA, kid: null}"];
    let forged: Vec<StreamId> =
        headers.into_iter().enumerate().map(|(worker, header)| bench.send(worker, "hs256", header)).collect();
    assert_eq!((bench.others_than(200, &good), bench.others_than(401, &forged)), (0, 0));
}

#[test]
fn a_kid_never_says_where_keys_are_fetched_and_neither_does_a_header() {
    let mut bench = Bench::started("");
    let long = "k".repeat(40_000);
    let kids = ["../../../../dev/null", "/evil", "https://evil.example/keys", "' OR '1'='1", "%2e%2e/evil", "?evil", "", &long];
    let mut sent: Vec<StreamId> =
        kids.iter().map(|kid| bench.send(0, "es256", &format!("header: {{kid: {}}}", Value::from(*kid)))).collect();
    for header in ["jku: 'https://evil.example/keys'", "x5u: 'https://evil.example/cert'", "jwk: {kty: EC, crv: P-256}"] {
        sent.push(bench.send(1, "es256", &format!("header: {{{header}}}")));
    }
    bench.proxy.advance(30 * SECOND);
    assert_eq!(bench.others_than(401, &sent), 0);
    assert!(bench.paths().iter().all(|path| path == "/jwks.json"), "{:?}", bench.paths());
    assert!(bench.fetches() <= 4, "{}", bench.fetches());
}

#[test]
fn a_token_of_a_mebibyte_waits_for_nothing() {
    let mut bench = Bench::new("", CalloutAnswer::Timeout, "jwt");
    let sent: Vec<StreamId> =
        (0..WORKERS).map(|worker| bench.send(worker, "eddsa", &format!("padding: {}", "x".repeat(1 << 20)))).collect();
    assert_eq!(bench.others_than(401, &sent), 0);
}
