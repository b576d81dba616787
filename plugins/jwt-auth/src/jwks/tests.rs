//! Remote keys on the native host: several workers, a key server played by a script, time at exact instants.

mod discovery;
mod outage;
mod rotation;
mod scripted;
mod start;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use portcullis_cases::mint::{TokenSpec, key_set, token};
use portcullis_filter::Timestamp;
use portcullis_host::{CalloutAnswer, CalloutRequest, Options, Outcome, Proxy, Request, StreamId};

use scripted::Scripted;

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const REMOTE: &str = r#"{"uri": "https://id.example/jwks.json", "cluster": "id"}"#;

/// A proxy, and the key server behind its cluster.
struct Bench {
    proxy: Proxy,
    answer: Rc<RefCell<CalloutAnswer>>,
    calls: Rc<RefCell<Vec<CalloutRequest>>>,
}

impl Bench {
    /// Four workers whose VMs have an id of their own.
    fn new(config: &str, answer: CalloutAnswer) -> Self {
        Self::with(config, answer, Options { workers: 4, vm_id: "jwt".to_owned(), ..Options::default() })
    }

    fn with(config: &str, answer: CalloutAnswer, options: Options) -> Self {
        let (answer, calls) = (Rc::new(RefCell::new(answer)), Rc::new(RefCell::new(Vec::new())));
        let (answers, log) = (Rc::clone(&answer), Rc::clone(&calls));
        let callouts = Box::new(move |call: &CalloutRequest| {
            log.borrow_mut().push(call.clone());
            answers.borrow().clone()
        });
        let proxy = Proxy::native::<Scripted>(config.as_bytes(), Options { callouts, ..options }).unwrap();
        Self { proxy, answer, calls }
    }

    /// With the keys of `eddsa` fetched.
    fn started(config: &str) -> Self {
        let mut bench = Self::new(config, keys(&["eddsa"]));
        bench.advance(100 * MILLISECOND);
        assert_eq!(bench.fetches(), 1);
        bench
    }

    fn advance(&mut self, by: Duration) {
        self.proxy.advance(by);
    }

    fn answers(&self, answer: CalloutAnswer) {
        *self.answer.borrow_mut() = answer;
    }

    fn fetches(&self) -> usize {
        self.calls.borrow().len()
    }

    fn send(&mut self, worker: usize, key: &str, spec: &str) -> StreamId {
        let now = self.proxy.now().as_secs();
        let token = token(key, &TokenSpec::parse(&format!("exp: 9999999, {spec}")).unwrap(), now).unwrap();
        let headers = [(":method", "GET"), (":path", "/"), (":authority", "host"), ("token", &token)];
        let headers = headers.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).to_vec();
        self.proxy.send(worker, Request { headers, ..Request::default() })
    }

    /// The status of the answer; 0 while the request is held.
    fn status(&self, id: StreamId) -> u16 {
        match self.proxy.outcome(id) {
            Outcome::Done(exchange) => exchange.response.map_or(499, |response| response.status),
            Outcome::Held => 0,
        }
    }

    /// The status of a request to each worker in turn.
    fn statuses(&mut self, key: &str, spec: &str) -> Vec<u16> {
        let sent: Vec<StreamId> = (0..4).map(|worker| self.send(worker, key, spec)).collect();
        sent.into_iter().map(|id| self.status(id)).collect()
    }

    fn metric(&self, what: &str) -> i64 {
        self.proxy.metrics().get(&format!("portcullis.jwks.test.main.{what}")).copied().unwrap_or_default()
    }
}

/// The key server's answer: a set of these keys, after ten milliseconds.
fn keys(names: &[&str]) -> CalloutAnswer {
    keys_with(names, &[])
}

fn keys_with(names: &[&str], headers: &[(&str, &str)]) -> CalloutAnswer {
    let headers = headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect();
    CalloutAnswer::Respond { after: 10 * MILLISECOND, status: 200, headers, body: key_set(names).unwrap().to_string().into() }
}

fn body(body: impl Into<Vec<u8>>) -> CalloutAnswer {
    CalloutAnswer::respond(200, "application/json", body)
}

/// Everything that a key server does wrong.
fn failures() -> Vec<(&'static str, CalloutAnswer)> {
    let brief = MILLISECOND;
    vec![
        ("hangs", CalloutAnswer::Timeout),
        ("sends 30 MB", body(vec![b' '; 30_000_000])),
        ("breaks off", CalloutAnswer::BreakOff { after: brief }),
        ("fails", CalloutAnswer::respond(500, "text/plain", "oops")),
        ("redirects", CalloutAnswer::respond(302, "text/plain", key_set(&["es256"]).unwrap().to_string())),
        ("answers garbage", body(b"<html>\xff".to_vec())),
        ("answers an empty set", body(r#"{"keys": []}"#)),
        ("answers only a symmetric key", body(key_set(&["hs256"]).unwrap().to_string())),
        ("is too slow", CalloutAnswer::Respond { after: 6 * SECOND, status: 200, headers: Vec::new(), body: Vec::new() }),
        ("refuses", CalloutAnswer::Refuse),
        ("disappears", CalloutAnswer::NoEndpoint),
        ("was never there", CalloutAnswer::UnknownCluster),
    ]
}

fn config(more: &str) -> String {
    format!(r#"{{"uri": "https://id.example/jwks.json", "cluster": "id", {more}}}"#)
}

fn at(bench: &Bench, call: usize) -> Timestamp {
    bench.calls.borrow()[call].at
}
