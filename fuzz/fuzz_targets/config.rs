//! Any bytes as a configuration: nothing panics, no secret is told, and what is accepted can judge a request.
#![no_main]

use jwt_auth::JwtAuth;
use libfuzzer_sys::fuzz_target;
use portcullis_filter::Filter;
use portcullis_fuzz::host::{FakeHost, SECRET};
use portcullis_fuzz::request::Request;

fuzz_target!(|config: &[u8]| {
    // The fuzzer has seen the marker in a comparison and writes it itself: then the error may quote it.
    if config.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()) {
        return;
    }
    let host = FakeHost::default();
    match JwtAuth::configure(config, &host) {
        Err(error) => assert!(!error.to_string().contains(SECRET), "{error}"),
        Ok(filter) => {
            host.warm_up(&filter);
            for text in ["GET /a\n:authority: api.example", "GET /a\n:authority: api.example\nauthorization: Bearer {es256}"] {
                host.send(&filter, &Request::parse(text.as_bytes()));
            }
        }
    }
    assert!(!host.log.borrow().iter().any(|line| line.contains(SECRET)));
});
