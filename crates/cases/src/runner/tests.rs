use serde_json::json;

use super::*;
use crate::mint::{self, TokenSpec};

/// A host whose plugin does what a test wants of it.
struct Scripted {
    answer: fn(&Prepared) -> Observed,
    log: String,
    late_records: usize,
    late_requests: usize,
    tally: Tally,
}

impl Default for Scripted {
    fn default() -> Self {
        Self { answer: refuses, log: String::new(), late_records: 0, late_requests: 0, tally: Tally::default() }
    }
}

impl Host for Scripted {
    fn now(&self) -> u64 {
        0
    }

    fn wait(&mut self, _: Duration) {}

    fn send(&mut self, request: &Prepared) -> Result<Observed, String> {
        let seen = (self.answer)(request);
        self.tally.records += seen.decisions.len();
        self.tally.upstream_requests += seen.upstream_requests;
        Ok(seen)
    }

    fn metrics(&mut self) -> Result<BTreeMap<String, i64>, String> {
        Ok(BTreeMap::new())
    }

    fn end(&mut self) -> Result<Ending, String> {
        self.tally.records += self.late_records;
        self.tally.upstream_requests += self.late_requests;
        Ok(Ending { log: self.log.clone(), tally: self.tally })
    }
}

fn refuses(_: &Prepared) -> Observed {
    Observed { status: 401, ..Observed::default() }
}

fn run(host: Scripted) -> Result<(), String> {
    let request = json!({"headers": {"authorization": "Bearer ${token(hs256)}"}});
    let case = json!({"name": "a case", "config": {}, "requests": [{"request": request, "expect": {"status": 401}}]});
    let case: Case = serde_json::from_value(case).expect("a case");
    run_case(&case, 0, |_| Ok(Box::new(host))).map(drop)
}

fn token() -> String {
    mint::token("hs256", &TokenSpec::default(), 0).expect("a token")
}

#[test]
fn a_host_that_tells_nothing_passes() {
    assert_eq!(run(Scripted::default()), Ok(()));
}

#[test]
fn a_token_in_the_log_fails_the_case() {
    for part in 1..3 {
        let log = format!("started\nrefused {}", token().split('.').nth(part).expect("three parts"));
        let error = run(Scripted { log, ..Scripted::default() }).expect_err("told");
        assert!(error.starts_with("the log tells a secret"), "{error}");
    }
}

#[test]
fn a_token_in_an_answer_fails_the_case() {
    let answers: [fn(&Prepared) -> Observed; 3] = [
        |request| Observed { body: request.headers[0].1.clone(), ..refuses(request) },
        |request| Observed { headers: request.headers.clone(), ..refuses(request) },
        |request| Observed { details: String::from_utf8(request.headers[0].1.clone()).ok(), ..refuses(request) },
    ];
    for answer in answers {
        assert!(run(Scripted { answer, ..Scripted::default() }).is_err_and(|error| error.contains("tells a secret")));
    }
}

#[test]
fn what_comes_late_fails_the_case() {
    assert!(run(Scripted { late_records: 1, ..Scripted::default() }).is_err());
    assert!(run(Scripted { late_requests: 1, ..Scripted::default() }).is_err());
}

#[test]
fn the_secret_that_refuses_a_configuration_stays_secret() {
    let case = json!({"name": "a case", "config": {"keys": "${jwks(hs256)}"}, "refused": "bad key"});
    let case: Case = serde_json::from_value(case).expect("a case");
    let refused = |tell: bool| {
        run_case(&case, 0, |configs| {
            Err(StartError::Refused(if tell { format!("bad key {}", configs.own) } else { "bad key".to_owned() }))
        })
    };
    assert!(refused(false).is_ok());
    assert!(refused(true).is_err_and(|error| error.contains("tells a secret")));
}
