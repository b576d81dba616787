use super::*;
use crate::{Request, Server, echo};

fn load<'a>(server: &Server, requests: &'a [Vec<u8>]) -> Load<'a> {
    let limit = Duration::from_secs(10);
    Load { address: server.address(), requests, total: 101, limit, connections: 7, threads: 3, expect_status: 200 }
}

#[test]
fn sends_exactly_the_total_over_the_given_connections() {
    let server = echo::start().unwrap();
    let outcome = load(&server, &[Request::get("/").to_bytes()]).run().unwrap();
    assert_eq!((outcome.answers, server.requests(), server.connections()), (101, 101, 7));
    outcome.all_expected().unwrap();
    assert!(outcome.percentile(0.5) <= outcome.percentile(0.99));
}

#[test]
fn counts_statuses_that_it_did_not_expect() {
    let server = echo::start().unwrap();
    let refused = Request::get("/").header(echo::STATUS, "401").to_bytes();
    let requests = [Request::get("/").to_bytes(), refused, Request::get("/").to_bytes()];
    let outcome = Load { threads: 1, total: 9, ..load(&server, &requests) }.run().unwrap();
    assert_eq!(outcome.unexpected, BTreeMap::from([(401, 3)]));
    assert!(outcome.all_expected().is_err());
}

#[test]
fn begins_nothing_after_its_limit() {
    let server = Server::start(|_| {
        thread::sleep(Duration::from_millis(20));
        crate::server::Reply::new(200, "text/plain", "")
    });
    let server = server.unwrap();
    let requests = [Request::get("/").to_bytes()];
    let outcome = Load { total: 10_000, limit: Duration::from_millis(50), ..load(&server, &requests) }.run().unwrap();
    assert!((7..200).contains(&outcome.answers), "{}", outcome.answers);
}
