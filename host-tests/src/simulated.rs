//! The two hosts of `portcullis-host`: the filter itself, and the real `.wasm`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use portcullis_filter::{Filter, Timestamp};
use portcullis_host::{Exchange, Module, Options, Outcome, Proxy, Request, UpstreamRequest};
use serde_json::Value;

use crate::case::{Case, HostKind};
use crate::checks::FILTER_STATES;
use crate::corpus::{Corpus, Summary, capabilities_without, module_path};
use crate::runner::{self, Ending, HeaderLines, Host, Observed, Prepared, StartError, Tally, UpstreamSaw, decision, run_case};

/// The seconds that a held request may stay held: longer than any deadline of a plugin.
const PATIENCE: u64 = 120;

/// How long a host goes on after the last request of a case.
const SETTLE: Duration = Duration::from_secs(2);

/// Runs the plugin's corpus on `F`, natively.
///
/// # Errors
/// When the corpus cannot be read.
pub fn run_native<F: Filter>(plugin: &str) -> Result<Summary, String> {
    Ok(run(&Corpus::load(plugin)?, HostKind::Native, &Proxy::native::<F>))
}

/// Runs the plugin's corpus on the module that `make wasm` wrote.
///
/// # Errors
/// When the corpus or the module cannot be read.
pub fn run_wasm(plugin: &str) -> Result<Summary, String> {
    let module = load_module(&module_path(plugin))?;
    Ok(run(&Corpus::load(plugin)?, HostKind::Wasm, &|config, options| Proxy::wasm(&module, config, options)))
}

/// A module of `make wasm`.
///
/// # Errors
/// When it is not there, or is no proxy-wasm module.
pub(crate) fn load_module(path: &Path) -> Result<Module, String> {
    Module::load(path).map_err(|error| format!("{error} (`make wasm` builds the modules)"))
}

type Start<'a> = &'a dyn Fn(&[u8], Options) -> Result<Proxy, portcullis_host::StartError>;

fn run(corpus: &Corpus, host: HostKind, start: Start<'_>) -> Summary {
    corpus.run(host, |case| {
        run_case(case, case.now, |config| {
            let options = options(&corpus.plugin, case).map_err(StartError::Broken)?;
            let proxy = start(config.to_string().as_bytes(), options).map_err(start_error)?;
            Ok(Box::new(Simulated { proxy, sent: 0, log_read: 0, upstream_requests: 0 }))
        })
    })
}

fn options(plugin: &str, case: &Case) -> Result<Options, String> {
    let restricted = !case.forbidden.is_empty();
    let allowed = restricted.then(|| capabilities_without(plugin, &case.forbidden)).transpose()?;
    Ok(Options {
        now: Timestamp::from_secs(case.now),
        native_crypto: case.native_crypto,
        environment: case.environment.clone(),
        allowed_capabilities: allowed.map(|names| names.into_iter().collect()),
        ..Options::default()
    })
}

fn start_error(error: portcullis_host::StartError) -> StartError {
    match error {
        portcullis_host::StartError::Refused(message) => StartError::Refused(message),
        error => StartError::Broken(error.to_string()),
    }
}

/// A simulated proxy; requests go to its workers in turn, so that state that should be shared and is not shows.
struct Simulated {
    proxy: Proxy,
    sent: usize,
    log_read: usize,
    upstream_requests: usize,
}

impl Host for Simulated {
    fn now(&self) -> u64 {
        self.proxy.now().as_secs()
    }

    fn wait(&mut self, seconds: u64) {
        self.proxy.advance(Duration::from_secs(seconds));
    }

    fn send(&mut self, request: &Prepared) -> Result<Observed, String> {
        let stream = self.proxy.send(self.sent % 2, wire(request));
        self.sent += 1;
        let mut patience = PATIENCE;
        let exchange = loop {
            match self.proxy.outcome(stream) {
                Outcome::Done(exchange) => break exchange,
                Outcome::Held if patience == 0 => return Err(format!("held for more than {PATIENCE} s")),
                Outcome::Held => self.proxy.advance(Duration::from_secs(1)),
            }
            patience -= 1;
        };
        if let Some(trap) = self.proxy.last_trap() {
            return Err(trap.to_string());
        }
        self.upstream_requests += usize::from(exchange.upstream.is_some());
        Ok(observed(exchange, self.new_decisions()))
    }

    fn metrics(&mut self) -> Result<BTreeMap<String, i64>, String> {
        Ok(self.proxy.metrics())
    }

    fn end(&mut self) -> Result<Ending, String> {
        // What a tick would still do.
        self.proxy.advance(SETTLE);
        let lines: Vec<String> = self.proxy.logs().into_iter().map(|line| line.text).collect();
        let records = lines.iter().filter(|line| decision(line).is_some()).count();
        Ok(Ending { log: lines.join("\n"), tally: Tally { records, upstream_requests: self.upstream_requests } })
    }
}

impl Simulated {
    fn new_decisions(&mut self) -> Vec<Value> {
        let lines = self.proxy.logs();
        let new = lines.iter().skip(self.log_read).filter_map(|line| decision(&line.text)).collect();
        self.log_read = lines.len();
        new
    }
}

fn wire(request: &Prepared) -> Request {
    let pseudo = [
        (":method", request.method.as_bytes()),
        (":path", &request.path),
        (":authority", request.host.as_bytes()),
        (":scheme", b"http"),
    ];
    let pseudo = pseudo.into_iter().map(|(name, value)| (name.as_bytes().to_vec(), value.to_vec()));
    Request {
        headers: pseudo.chain(bytes(&request.headers)).collect(),
        body: request.body.clone(),
        trailers: bytes(&request.trailers).collect(),
        attributes: request.attributes.clone(),
        ..Request::default()
    }
}

fn observed(exchange: Exchange, decisions: Vec<Value>) -> Observed {
    let response = exchange.response.unwrap_or_default();
    Observed {
        status: response.status,
        headers: text(response.headers),
        body: response.body,
        upstream_requests: usize::from(exchange.upstream.is_some()),
        // One that broke off is counted and has seen nothing whole.
        upstream: exchange.upstream.filter(|request| request.complete).map(upstream),
        details: exchange.reply.map(|reply| reply.details),
        decisions,
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
