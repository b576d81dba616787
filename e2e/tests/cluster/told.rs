//! What a service is told, what it adds, and what waits for its answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use portcullis_e2e::envoy::is_installed;
use portcullis_e2e::{Envoy, Request, Route, Seen, echo, eventually};
use serde_json::json;

use crate::messages::{HeaderValue, OK, OVER_LIMIT, RateLimitRequest, RateLimitResponse};
use crate::service::{Behaviour, Engine, Service};
use crate::{DOMAIN, PATIENT, assert_no_failures, at, listener, spec};

type Questions = Arc<Mutex<Vec<RateLimitRequest>>>;

/// Refuses the key `bad`, adds headers to whatever it is asked about, and remembers it.
fn engine(questions: &Questions) -> Engine {
    let questions = Arc::clone(questions);
    Arc::new(move |question| {
        let header = |key: &str, value: &str| HeaderValue { key: key.to_owned(), value: value.to_owned() };
        let bad = question.descriptors[0].entries[0].value == "bad";
        questions.lock().unwrap().push(question.clone());
        RateLimitResponse {
            overall_code: if bad { OVER_LIMIT } else { OK },
            statuses: Vec::new(),
            response_headers_to_add: vec![header("x-plan", "gold"), header("x-split", "a\r\nx-b: c")],
            request_headers_to_add: vec![header("X-Tier", "1"), header(":path", "/admin"), header("content-length", "0")],
        }
    })
}

#[test]
fn a_request_waits_as_a_whole_and_the_service_adds_headers_both_ways() {
    if !is_installed().unwrap() {
        return;
    }
    let questions = Questions::default();
    let (service, upstream) =
        (Service::start(Behaviour::AnswerAfter(Duration::from_millis(100), engine(&questions))), echo::start().unwrap());
    let charge = json!({ "charge": { "request": "3", "response": "response.code == 200 ? 5 : 0" } });
    let listener = listener("per-key", &at(PATIENT), &charge).route(Route::Cluster("echo".to_owned()));
    let envoy = Envoy::start(&spec(service.address()).cluster("echo", upstream.address()).listener(listener)).unwrap();

    let post = |key: &str| {
        let request = Request::new("POST", "/orders").header("x-api-key", key).header("x-tier", "9").chunked(["first", "second"]);
        envoy.connect("per-key").unwrap().send_paced(&request.trailer("x-end", "1"), Duration::from_millis(20)).unwrap()
    };
    let admitted = post("good");
    assert_eq!(admitted.status, 200, "{}", admitted.text());
    assert_eq!(
        (admitted.header("x-plan").as_deref(), admitted.header("x-split"), admitted.header("x-b")),
        (Some("gold"), None, None)
    );
    let seen = Seen::of(&admitted).unwrap();
    assert_eq!((&*seen.path, &*seen.body), (&b"/orders"[..], &b"firstsecond"[..]));
    assert_eq!(seen.headers.all("x-tier").collect::<Vec<_>>(), [b"1"]);
    assert_eq!(seen.trailers.first("x-end"), Some(&b"1"[..]));

    let refused = post("bad");
    assert_eq!((refused.status, refused.header("x-plan").as_deref(), refused.header("x-tier")), (429, Some("gold"), None));

    // The question, what its response cost, and the other one.
    let hits = |question: &RateLimitRequest| {
        (question.domain.clone(), question.descriptors[0].entries[0].value.clone(), question.hits_addend)
    };
    let told = eventually(Duration::from_secs(60), || {
        let told: Vec<_> = questions.lock().unwrap().iter().map(hits).collect();
        Ok((told.len() >= 3).then_some(told))
    });
    let mut told = told.unwrap().unwrap();
    told.sort();
    let expected = [("bad", 3), ("good", 3), ("good", 5)].map(|(key, hits)| (DOMAIN.to_owned(), key.to_owned(), hits));
    assert_eq!(told, expected);
    assert_no_failures(&envoy);
}
