//! Key sets and tokens that are meant to do harm.

use super::*;

/// A set of `eddsa` and of so many keys with its `x` and a `kid` of their own.
fn many(count: usize) -> String {
    let mut set = mint::key_set(&["eddsa"]).unwrap();
    let x = set["keys"][0]["x"].clone();
    let further = (0..count).map(|kid| json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid.to_string() }));
    set["keys"].as_array_mut().unwrap().extend(further);
    set.to_string()
}

#[test]
fn of_ten_thousand_keys_a_thousand_count() {
    let keys = KeyServer::start(Behaviour::Serve(many(9_999))).unwrap();
    let Some(envoy) = start(&keys, &json!({})) else { return };
    let begun = Instant::now();
    assert_eq!(others_than(&envoy, &bearing("eddsa"), 20, 200), 0);
    println!(
        "10,000 keys on 4 workers: {:?} to the first answers, {} KiB of memory",
        begun.elapsed(),
        envoy.memory_kib().unwrap()
    );
    assert_eq!(envoy.send("main", &bearing_with("eddsa", "header: {kid: '998'}")).unwrap().status, 200);
    assert_eq!(envoy.send("main", &bearing_with("eddsa", "header: {kid: '999'}")).unwrap().status, 401);
    assert_eq!(envoy.wasm_failures().unwrap(), Vec::<String>::new());
}

#[test]
fn a_symmetric_key_in_a_remote_set_signs_nothing() {
    let keys = KeyServer::start(Behaviour::Serve(key_set(&["hs256", "eddsa"]))).unwrap();
    let Some(envoy) = start(&keys, &json!({})) else { return };
    assert_eq!(envoy.send("main", &bearing("eddsa")).unwrap().status, 200);
    for spec in ["", "header: {kid: null}", "header: {kid: eddsa}", "header: {alg: EdDSA, kid: null}"] {
        assert_eq!(envoy.send("main", &bearing_with("hs256", spec)).unwrap().status, 401, "{spec}");
    }
}

#[test]
fn no_header_of_a_token_leads_anywhere() {
    let keys = KeyServer::start(Behaviour::ByPath(vec![
        ("/jwks.json", Behaviour::Serve(key_set(&["eddsa"]))),
        ("/evil", Behaviour::Serve(key_set(&["es256"]))),
    ]))
    .unwrap();
    let Some(envoy) = start(&keys, &json!({ "refetch_interval": "1s" })) else { return };
    let long = format!("kid: {}", "k".repeat(20_000));
    for header in
        ["kid: ../evil", "kid: 'http://id.example/evil'", "jku: 'http://id.example/evil'", "x5u: 'http://id.example/evil'", &long]
    {
        let response = envoy.send("main", &bearing_with("es256", &format!("header: {{{header}}}"))).unwrap();
        assert_eq!(response.status, 401, "{header}");
    }
    assert!(keys.asked().iter().all(|path| path == "/jwks.json"), "{:?}", keys.asked());
}

/// Envoy's `max_request_headers_kb` is 60 by default: it answers by itself, and no filter sees the request.
#[test]
fn a_token_of_a_mebibyte_never_reaches_the_filter() {
    let keys = KeyServer::start(Behaviour::Serve(key_set(&["eddsa"]))).unwrap();
    let Some(envoy) = start(&keys, &json!({})) else { return };
    for size in [70_000, 1 << 20] {
        let response =
            envoy.send("main", &Request::get("/").header("authorization", format!("Bearer {}", "a".repeat(size)))).unwrap();
        println!("a token of {size} bytes: {} {:?}", response.status, response.header("x-details"));
        assert_eq!(response.status, 431);
    }
}
