//! What a body costs as it comes, on the real `.wasm`: in proportion to its size, however it is cut, and within bounded memory.
#![expect(clippy::expect_used, reason = "test code, never in a proxy: a panic is a failed test")]

use portcullis_host::{Module, Options, Proxy, Request};
use portcullis_host_tests::{corpus, json_list};
use serde_json::json;

const KIB: usize = 1 << 10;

/// The fuel that a body of `size` bytes takes, in pieces of `piece`.
fn fuel(module: &Module, size: usize, piece: usize) -> u64 {
    let limits = json!({ "max_array": 1_000_000, "max_values": 10_000_000 });
    let config = json!({ "version": 1, "rules": [{ "name": "json", "body": { "max_bytes": "1MiB", "json": limits } }] });
    let mut proxy = Proxy::wasm(module, config.to_string().as_bytes(), Options::default()).expect("the configuration is good");
    let headers = [(":method", "POST"), (":path", "/"), (":authority", "a"), ("content-type", "application/json")];
    let request = Request {
        headers: headers.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).to_vec(),
        body: json_list(size).chunks(piece).map(<[u8]>::to_vec).collect(),
        ..Request::default()
    };
    let stream = proxy.send(0, request);
    let exchange = proxy.outcome(stream).done().expect("it is judged");
    assert!(exchange.upstream.is_some_and(|upstream| upstream.complete), "{:?}", exchange.reply);
    exchange.fuel
}

#[test]
fn a_body_costs_in_proportion_to_its_size_however_it_is_cut() {
    let module = corpus::module("input-validation").expect("`make wasm` was run");
    for piece in [1, 100, 4 * KIB] {
        let (quarter, whole) = (fuel(&module, 256 * KIB, piece), fuel(&module, 1_024 * KIB, piece));
        #[expect(clippy::cast_precision_loss, reason = "a ratio")]
        let ratio = whole as f64 / quarter as f64;
        println!("pieces of {piece}: fuel {quarter} for 256 KiB, {whole} for 1 MiB, ratio {ratio:.3}");
        assert!(ratio <= 4.5, "pieces of {piece}: {ratio}");
    }
}
