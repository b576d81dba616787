//! jwt-auth's remote keys on the real `.wasm`: four workers, a key server that does everything wrong, and what it costs callers.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "test code, never in a proxy: a panic is a failed test")]

mod discovery;
mod hostile;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::LazyLock;
use std::time::Duration;

use portcullis_cases::mint::{TokenSpec, key_set, token};
use portcullis_host::{CalloutAnswer, CalloutRequest, Module, Options, Outcome, Proxy, Request, StreamId};
use portcullis_host_tests::corpus;

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const WORKERS: usize = 4;

static MODULE: LazyLock<Module> = LazyLock::new(|| corpus::module("jwt-auth").expect("`make wasm` was run"));

/// A proxy with jwt-auth, and the key server behind its cluster.
struct Bench {
    proxy: Proxy,
    answer: Rc<RefCell<CalloutAnswer>>,
    calls: Rc<RefCell<Vec<CalloutRequest>>>,
}

impl Bench {
    /// `remote` replaces or adds members of `remote_jwks`.
    fn new(remote: &str, answer: CalloutAnswer, vm_id: &str) -> Self {
        let provider = format!(r#""remote_jwks": {{"uri": "https://id.example/jwks.json", "cluster": "id" {remote}}}"#);
        let options = Options { vm_id: vm_id.to_owned(), ..Options::default() };
        let answer = Rc::new(RefCell::new(answer));
        let answers = Rc::clone(&answer);
        Self { answer, ..Self::with(&provider, move |_| answers.borrow().clone(), options) }
    }

    /// `provider`: the members of the provider `main` besides its issuer; `script` answers callouts.
    fn with(provider: &str, mut script: impl FnMut(&CalloutRequest) -> CalloutAnswer + 'static, options: Options) -> Self {
        let calls = Rc::new(RefCell::new(Vec::new()));
        let log = Rc::clone(&calls);
        let callouts = Box::new(move |call: &CalloutRequest| {
            log.borrow_mut().push(call.clone());
            script(call)
        });
        let config = format!(r#"{{"version": 1, "providers": {{"main": {{"issuer": "https://id.example", {provider}}}}}}}"#);
        let options = Options { workers: WORKERS, callouts, ..options };
        let proxy = Proxy::wasm(&MODULE, config.as_bytes(), options).expect("the configuration is accepted");
        Self { proxy, answer: Rc::new(RefCell::new(CalloutAnswer::Refuse)), calls }
    }

    /// With the key `eddsa` fetched.
    fn started(remote: &str) -> Self {
        let mut bench = Self::new(remote, keys(&["eddsa"]), "jwt");
        bench.proxy.advance(100 * MILLISECOND);
        assert_eq!(bench.fetches(), 1);
        bench
    }

    fn answers(&self, answer: CalloutAnswer) {
        *self.answer.borrow_mut() = answer;
    }

    fn fetches(&self) -> usize {
        self.calls.borrow().len()
    }

    /// The paths that were asked for.
    fn paths(&self) -> Vec<String> {
        self.calls.borrow().iter().map(path_of).collect()
    }

    fn metric(&self, what: &str) -> i64 {
        self.proxy.metrics().get(&format!("portcullis.jwks.jwt_auth.main.{what}")).copied().unwrap_or_default()
    }

    fn send(&mut self, worker: usize, key: &str, spec: &str) -> StreamId {
        let spec = TokenSpec::parse(&format!("exp: 9999999, {spec}")).expect("the token is described");
        let token = token(key, &spec, self.proxy.now().as_secs()).expect("the key exists");
        let authorization = format!("Bearer {token}");
        let headers =
            [(":method", "GET"), (":path", "/"), (":authority", "host"), (":scheme", "http"), ("authorization", &authorization)];
        let headers = headers.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).to_vec();
        self.proxy.send(worker, Request { headers, ..Request::default() })
    }

    /// A request to each worker.
    fn send_to_all(&mut self, key: &str) -> Vec<StreamId> {
        (0..WORKERS).map(|worker| self.send(worker, key, "")).collect()
    }

    /// The answer's status; 0 while the request is held.
    fn status(&self, id: StreamId) -> u16 {
        match self.proxy.outcome(id) {
            Outcome::Done(exchange) => exchange.response.map_or(499, |response| response.status),
            Outcome::Held => 0,
        }
    }

    /// How many of these requests came to another end than `status`.
    fn others_than(&self, status: u16, sent: &[StreamId]) -> usize {
        assert_eq!(self.proxy.last_trap(), None);
        sent.iter().filter(|id| self.status(**id) != status).count()
    }

    fn details(&self, id: StreamId) -> String {
        self.proxy.outcome(id).done().and_then(|exchange| exchange.reply).map(|reply| reply.details).unwrap_or_default()
    }
}

fn path_of(call: &CalloutRequest) -> String {
    let path = call.headers.iter().find(|(name, _)| name == b":path").map(|(_, path)| path.clone());
    String::from_utf8(path.unwrap_or_default()).expect("paths are text")
}

/// A key set, after ten milliseconds.
fn keys(names: &[&str]) -> CalloutAnswer {
    let body = key_set(names).expect("the keys exist").to_string().into();
    CalloutAnswer::Respond { after: 10 * MILLISECOND, status: 200, headers: Vec::new(), body }
}

fn json(body: impl Into<Vec<u8>>) -> CalloutAnswer {
    CalloutAnswer::respond(200, "application/json", body)
}

fn failures() -> Vec<(&'static str, CalloutAnswer)> {
    vec![
        ("hangs", CalloutAnswer::Timeout),
        ("sends 30 MB", json(vec![b' '; 30_000_000])),
        ("breaks off in the middle", CalloutAnswer::BreakOff { after: MILLISECOND }),
        ("answers 500", CalloutAnswer::respond(500, "text/plain", "oops")),
        ("answers garbage", json(b"<html>\xff".to_vec())),
        ("answers an empty set", json(r#"{"keys": []}"#)),
        ("answers only a symmetric key", json(key_set(&["hs256"]).expect("the key exists").to_string())),
        ("is too slow", CalloutAnswer::Respond { after: 6 * SECOND, status: 200, headers: Vec::new(), body: Vec::new() }),
        ("refuses connections", CalloutAnswer::Refuse),
        ("disappears", CalloutAnswer::NoEndpoint),
    ]
}

#[test]
fn a_thousand_cold_requests_to_four_workers_cause_one_fetch() {
    let mut bench = Bench::new("", keys(&["eddsa"]), "jwt");
    let sent: Vec<StreamId> = (0..1000).map(|index| bench.send(index, "eddsa", "")).collect();
    assert_eq!(bench.others_than(0, &sent), 0, "all of them wait");
    bench.proxy.advance(SECOND);
    assert_eq!((bench.others_than(200, &sent), bench.fetches()), (0, 1));
}

#[test]
fn where_the_vm_has_no_id_every_vm_fetches_for_itself() {
    let mut bench = Bench::new("", keys(&["eddsa"]), "");
    let sent: Vec<StreamId> = (0..1000).map(|index| bench.send(index, "eddsa", "")).collect();
    bench.proxy.advance(SECOND);
    assert_eq!((bench.others_than(200, &sent), bench.fetches()), (0, 1 + WORKERS));
}

#[test]
fn a_minute_of_unknown_keys_causes_a_fetch_every_ten_seconds_and_harms_nobody_else() {
    let mut bench = Bench::started("");
    let (mut strangers, mut friends) = (Vec::new(), Vec::new());
    for index in 0..600 {
        strangers.push(bench.send(index, "eddsa", &format!("header: {{kid: unknown{index}}}")));
        friends.push(bench.send(index, "eddsa", ""));
        bench.proxy.advance(100 * MILLISECOND);
    }
    let fetches = bench.fetches() - 1;
    println!("600 unknown keys in 60 s: {fetches} fetches");
    assert!((1..=7).contains(&fetches), "{fetches}");
    assert_eq!((bench.others_than(200, &friends), bench.others_than(200, &strangers)), (0, strangers.len()));
}

#[test]
fn an_unknown_key_is_a_bad_token_once_it_was_looked_for() {
    let mut bench = Bench::started("");
    let first = bench.send(0, "es256", "");
    bench.proxy.advance(200 * MILLISECOND);
    let second = bench.send(0, "es256", "");
    assert_eq!((bench.status(first), bench.status(second), bench.fetches()), (401, 401, 2));
    assert_eq!(bench.details(second), "portcullis_jwt_unknown_key");
}

#[test]
fn an_unknown_key_that_one_worker_has_looked_for_is_a_bad_token_in_every_worker() {
    let mut bench = Bench::started("");
    bench.send(0, "es256", "");
    bench.proxy.advance(200 * MILLISECOND);
    let elsewhere = bench.send_to_all("es256");
    bench.proxy.advance(60 * MILLISECOND);
    assert_eq!((bench.others_than(401, &elsewhere), bench.fetches()), (0, 2));
}

#[test]
fn during_a_rotation_nobody_is_wrongly_refused() {
    let mut bench = Bench::started("");
    let mut sent = Vec::new();
    for second in 0..120 {
        match second {
            // The new key is published before it signs, the old one goes after its last token.
            30 => bench.answers(keys(&["eddsa", "es256"])),
            90 => bench.answers(keys(&["es256"])),
            _ => {}
        }
        sent.extend(bench.send_to_all(if second < 31 { "eddsa" } else { "es256" }));
        bench.proxy.advance(SECOND);
    }
    assert_eq!(bench.others_than(200, &sent), 0);
    assert_eq!(bench.fetches(), 2);
}

#[test]
fn while_the_server_is_down_nobody_is_wrongly_refused_until_max_stale() {
    for (what, failure) in failures() {
        let mut bench = Bench::started(r#", "cache_duration": "10s", "max_stale": "50s""#);
        bench.answers(failure);
        let mut sent = Vec::new();
        for _ in 0..59 {
            sent.extend(bench.send_to_all("eddsa"));
            bench.proxy.advance(SECOND);
        }
        assert_eq!(bench.others_than(200, &sent), 0, "{what}");
        bench.proxy.advance(2 * SECOND);
        let late = bench.send_to_all("eddsa");
        bench.proxy.advance(6 * SECOND);
        assert_eq!(bench.others_than(503, &late), 0, "{what}: not beyond max_stale");
        assert!(bench.fetches() > 1, "{what}");
    }
}

#[test]
fn without_any_keys_a_request_waits_and_is_refused_as_unavailable_until_the_server_is_back() {
    for (what, failure) in failures() {
        let mut bench = Bench::new("", failure, "jwt");
        let cold = bench.send_to_all("eddsa");
        bench.proxy.advance(6 * SECOND);
        assert_eq!(bench.others_than(503, &cold), 0, "{what}");
        assert_eq!(bench.details(cold[0]), "portcullis_jwks_unavailable", "{what}");
        bench.answers(keys(&["eddsa"]));
        bench.proxy.advance(11 * SECOND);
        let warm = bench.send_to_all("eddsa");
        assert_eq!(bench.others_than(200, &warm), 0, "{what}");
    }
}

#[test]
fn a_slow_answer_is_waited_for() {
    let body = key_set(&["eddsa"]).expect("the key exists").to_string().into();
    let mut bench = Bench::new("", CalloutAnswer::Respond { after: 4 * SECOND, status: 200, headers: Vec::new(), body }, "jwt");
    let sent = bench.send_to_all("eddsa");
    bench.proxy.advance(4 * SECOND + 100 * MILLISECOND);
    assert_eq!((bench.others_than(200, &sent), bench.fetches()), (0, 1));
}

#[test]
fn a_body_and_trailers_do_not_release_a_request_that_waits() {
    let mut bench = Bench::new("", keys(&["eddsa"]), "jwt");
    let token = token("eddsa", &TokenSpec::default(), bench.proxy.now().as_secs()).expect("the key exists");
    let authorization = format!("Bearer {token}");
    let headers = [(":method", "POST"), (":path", "/"), (":authority", "host"), ("authorization", &authorization)];
    let headers = headers.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).to_vec();
    let trailers = vec![(b"x".to_vec(), b"1".to_vec())];
    let request = Request { headers, body: vec![b"ab".to_vec(), b"c".to_vec()], trailers, ..Request::default() };
    let id = bench.proxy.send(0, request);
    assert_eq!(bench.status(id), 0);
    bench.proxy.advance(SECOND);
    let upstream = bench.proxy.outcome(id).done().and_then(|exchange| exchange.upstream).expect("it goes on");
    assert_eq!((upstream.body.as_slice(), upstream.trailers.len(), upstream.complete), (&b"abc"[..], 1, true));
}

#[test]
fn clients_that_give_up_while_they_wait_leave_nothing_behind() {
    let mut bench = Bench::new("", CalloutAnswer::Timeout, "jwt");
    for _ in 0..3 {
        let gone: Vec<StreamId> = (0..1000).map(|_| bench.send(0, "eddsa", "")).collect();
        gone.into_iter().for_each(|id| bench.proxy.disconnect(id));
        bench.proxy.advance(200 * MILLISECOND);
    }
    let one_more = bench.send(0, "eddsa", "");
    assert_eq!((bench.status(one_more), bench.proxy.vm_failures()), (0, 0));
}
