//! A host of `portcullis-host`, natively or on wasmtime, for a case.

use std::collections::BTreeMap;
use std::time::Duration;

use portcullis_filter::Timestamp;
use portcullis_host::{
    CalloutAnswer, CalloutRequest, CalloutScript, Exchange, Options, Outcome, Proxy, Request, UpstreamRequest, UpstreamResponse,
};
use serde_json::Value;

use crate::case::Case;
use crate::checks::FILTER_STATES;
use crate::rate_limit_service;
use crate::runner::{self, Ending, HeaderLines, Host, Observed, Prepared, StartError, Tally, UpstreamSaw, decision};

/// How long a held request may stay held: longer than any deadline of a plugin.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often it is looked whether it still is.
const STEP: Duration = Duration::from_millis(100);

/// When an upstream answers that does not: after every case.
const NEVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// How long a host goes on after the last request of a case.
const SETTLE: Duration = Duration::from_secs(2);

/// The simulated proxy that `case` is for.
#[must_use]
pub fn options(case: &Case) -> Options {
    Options {
        now: Timestamp::from_secs(case.now.0),
        native_crypto: case.native_crypto,
        environment: case.environment.clone(),
        callouts: callouts(case.clusters.clone()),
        grpc: rate_limit_service::script(case.rate_limit_services.clone()),
        ..Options::default()
    }
}

/// Every cluster that a case knows answers at once.
fn callouts(clusters: BTreeMap<String, BTreeMap<String, String>>) -> CalloutScript {
    Box::new(move |request: &CalloutRequest| {
        let Some(paths) = clusters.get(&request.cluster) else { return CalloutAnswer::UnknownCluster };
        let path = request.headers.iter().find(|(name, _)| name == b":path").map(|(_, path)| String::from_utf8_lossy(path));
        match path.and_then(|path| paths.get(path.as_ref())) {
            Some(body) => CalloutAnswer::respond(200, "application/json", body.as_str()),
            None => CalloutAnswer::respond(404, "text/plain", ""),
        }
    })
}

impl From<portcullis_host::StartError> for StartError {
    fn from(error: portcullis_host::StartError) -> Self {
        match error {
            portcullis_host::StartError::Refused(message) => Self::Refused(message),
            error => Self::Broken(error.to_string()),
        }
    }
}

/// A simulated proxy for each plugin of the chain; requests go to their workers in turn, so that state that should be shared and is
/// not shows.
pub struct Simulated {
    proxies: Vec<Proxy>,
    sent: usize,
    /// How many questions of each proxy have been looked at.
    asked_read: Vec<usize>,
    /// How many lines of each proxy's log have been looked at.
    log_read: Vec<usize>,
    upstream_requests: usize,
}

impl Host for Simulated {
    fn now(&self) -> u64 {
        self.proxies.first().map(|proxy| proxy.now().as_secs()).unwrap_or_default()
    }

    fn wait(&mut self, time: Duration) {
        self.proxies.iter_mut().for_each(|proxy| proxy.advance(time));
    }

    fn send(&mut self, request: &Prepared) -> Result<Observed, String> {
        let worker = self.sent % 2;
        self.sent += 1;
        let last = self.proxies.len().saturating_sub(1);
        let unanswered = request.response.unanswered;
        let mut request = wire(request);
        for at in 0..last {
            let exchange = self.pass(at, worker, request.clone())?;
            let Some(upstream) = exchange.upstream.clone().filter(|upstream| upstream.complete) else {
                return Ok(Observed { answered_by: Some(at), ..self.observed(exchange) });
            };
            request = Request { headers: upstream.headers, filter_state: exchange.filter_state, ..request };
        }
        let exchange = if unanswered { self.leave(last, worker, request) } else { self.pass(last, worker, request) }?;
        self.upstream_requests += usize::from(exchange.upstream.is_some());
        let answered_by = exchange.reply.is_some().then_some(last);
        Ok(Observed { answered_by, ..self.observed(exchange) })
    }

    fn metrics(&mut self) -> Result<BTreeMap<String, i64>, String> {
        let mut sums = BTreeMap::new();
        for (name, value) in self.proxies.iter().flat_map(Proxy::metrics) {
            *sums.entry(name).or_default() += value;
        }
        Ok(sums)
    }

    fn end(&mut self) -> Result<Ending, String> {
        // What a tick would still do.
        self.proxies.iter_mut().for_each(|proxy| proxy.advance(SETTLE));
        let lines: Vec<String> = self.proxies.iter().flat_map(Proxy::logs).map(|line| line.text).collect();
        let records = lines.iter().filter(|line| decision(line).is_some()).count();
        Ok(Ending { log: lines.join("\n"), tally: Tally { records, upstream_requests: self.upstream_requests } })
    }
}

impl std::fmt::Debug for Simulated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulated").field("proxies", &self.proxies.len()).finish_non_exhaustive()
    }
}

impl Simulated {
    /// A chain of plugins, a proxy for each, in the order in which a request passes them.
    #[must_use]
    pub fn new(proxies: Vec<Proxy>) -> Self {
        Self { proxies, sent: 0, asked_read: Vec::new(), log_read: Vec::new(), upstream_requests: 0 }
    }

    /// The lines that each plugin has logged so far.
    #[must_use]
    pub fn logs(&self) -> Vec<Vec<String>> {
        self.proxies.iter().map(|proxy| proxy.logs().into_iter().map(|line| line.text).collect()).collect()
    }

    /// What the plugin at this place of the chain does with the request; time goes by for all of them.
    fn pass(&mut self, at: usize, worker: usize, request: Request) -> Result<Exchange, String> {
        let stream = self.proxies[at].send(worker, request);
        let mut patience = PATIENCE;
        let exchange = loop {
            match self.proxies[at].outcome(stream) {
                Outcome::Done(exchange) => break exchange,
                Outcome::Held if patience.is_zero() => return Err(format!("held for more than {} s", PATIENCE.as_secs())),
                Outcome::Held => self.wait(STEP),
            }
            patience -= STEP;
        };
        match self.proxies[at].last_trap() {
            Some(trap) => Err(trap.to_string()),
            None => Ok(exchange),
        }
    }

    /// The same, but the upstream does not answer.
    fn leave(&mut self, at: usize, worker: usize, mut request: Request) -> Result<Exchange, String> {
        request.response.after = NEVER;
        let stream = self.proxies[at].send(worker, request);
        match self.proxies[at].in_flight(stream) {
            Some(upstream) => Ok(Exchange { upstream: Some(upstream), ..Exchange::default() }),
            None => self.proxies[at].outcome(stream).done().ok_or_else(|| "held, and it has not reached the upstream".to_owned()),
        }
    }

    fn observed(&mut self, exchange: Exchange) -> Observed {
        Observed { asked: self.new_questions(), decisions: self.new_decisions(), ..observed(exchange) }
    }

    fn new_questions(&mut self) -> Vec<Value> {
        self.asked_read.resize(self.proxies.len(), 0);
        let mut new = Vec::new();
        for (proxy, read) in self.proxies.iter().zip(&mut self.asked_read) {
            let requests = proxy.grpc_requests();
            new.extend(requests.iter().skip(*read).map(rate_limit_service::asked));
            *read = requests.len();
        }
        new
    }

    fn new_decisions(&mut self) -> Vec<Value> {
        self.log_read.resize(self.proxies.len(), 0);
        let mut new = Vec::new();
        for (proxy, read) in self.proxies.iter().zip(&mut self.log_read) {
            let lines = proxy.logs();
            new.extend(lines.iter().skip(*read).filter_map(|line| decision(&line.text)));
            *read = lines.len();
        }
        new
    }
}

fn wire(request: &Prepared) -> Request {
    let pseudo = [
        (":method", request.method.as_bytes()),
        (":path", &request.path),
        (":authority", request.host.as_bytes()),
        (":scheme", request.scheme.as_bytes()),
    ];
    let pseudo = pseudo.into_iter().map(|(name, value)| (name.as_bytes().to_vec(), value.to_vec()));
    Request {
        headers: pseudo.chain(bytes(&request.headers)).collect(),
        body: request.body.clone(),
        trailers: bytes(&request.trailers).collect(),
        attributes: request.attributes.clone(),
        filter_state: request.filter_state.clone(),
        response: UpstreamResponse {
            status: request.response.status,
            headers: bytes(&request.response.headers).collect(),
            body: request.response.body.clone(),
            ..UpstreamResponse::default()
        },
        ..Request::default()
    }
}

fn observed(exchange: Exchange) -> Observed {
    let response = exchange.response.unwrap_or_default();
    Observed {
        status: response.status,
        headers: text(response.headers),
        body: response.body,
        upstream_requests: usize::from(exchange.upstream.is_some()),
        answered_by: None,
        // One that broke off is counted and has seen nothing whole.
        upstream: exchange.upstream.filter(|request| request.complete).map(upstream),
        details: exchange.reply.map(|reply| reply.details),
        decisions: Vec::new(),
        asked: Vec::new(),
        filter_state: FILTER_STATES.map(|name| (name.to_owned(), exchange.filter_state.get(name).cloned())).into(),
    }
}

fn upstream(request: UpstreamRequest) -> UpstreamSaw {
    let headers = text(request.headers);
    let path = headers.iter().find(|(name, _)| name == ":path").map(|(_, path)| path.clone());
    UpstreamSaw { path: path.unwrap_or_default(), headers, trailers: text(request.trailers) }
}

fn bytes(lines: &runner::HeaderLines) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    lines.iter().map(|(name, value)| (name.clone().into_bytes(), value.clone()))
}

fn text(lines: Vec<(Vec<u8>, Vec<u8>)>) -> HeaderLines {
    lines.into_iter().map(|(name, value)| (String::from_utf8_lossy(&name).into_owned(), value)).collect()
}
