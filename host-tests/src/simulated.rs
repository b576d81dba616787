//! The two hosts of `portcullis-host`: the filter itself, and the real `.wasm`.

use std::collections::{BTreeMap, BTreeSet};
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
    run(&Corpus::load(plugin)?, HostKind::Native, &|found, config, options| {
        if found == plugin { Proxy::native::<F>(config, options).map_err(start_error) } else { Err(not_linked(found)) }
    })
}

/// The same, where cases may have the plugin `before`, which is `B`, stand before it.
///
/// # Errors
/// When the corpus cannot be read.
pub fn run_native_after<F: Filter, B: Filter>(plugin: &str, before: &str) -> Result<Summary, String> {
    run(&Corpus::load(plugin)?, HostKind::Native, &|found, config, options| match found {
        _ if found == plugin => Proxy::native::<F>(config, options).map_err(start_error),
        _ if found == before => Proxy::native::<B>(config, options).map_err(start_error),
        _ => Err(not_linked(found)),
    })
}

fn not_linked(plugin: &str) -> StartError {
    StartError::Broken(format!("{plugin} is not linked into this test"))
}

/// Runs the plugin's corpus on the module that `make wasm` wrote.
///
/// # Errors
/// When the corpus or a module cannot be read.
pub fn run_wasm(plugin: &str) -> Result<Summary, String> {
    let corpus = Corpus::load(plugin)?;
    let before = corpus.cases.iter().flat_map(|(_, case)| case.before.iter().map(|before| before.plugin.as_str()));
    let plugins: BTreeSet<&str> = before.chain([plugin]).collect();
    let modules = plugins.into_iter().map(|plugin| Ok((plugin, load_module(&module_path(plugin))?)));
    let modules: BTreeMap<&str, Module> = modules.collect::<Result<_, String>>()?;
    run(&corpus, HostKind::Wasm, &|plugin, config, options| match modules.get(plugin) {
        Some(module) => Proxy::wasm(module, config, options).map_err(start_error),
        None => Err(not_linked(plugin)),
    })
}

/// A module of `make wasm`.
///
/// # Errors
/// When it is not there, or is no proxy-wasm module.
pub(crate) fn load_module(path: &Path) -> Result<Module, String> {
    Module::load(path).map_err(|error| format!("{error} (`make wasm` builds the modules)"))
}

/// Starts a proxy with the plugin of this name.
type Start<'a> = &'a dyn Fn(&str, &[u8], Options) -> Result<Proxy, StartError>;

fn run(corpus: &Corpus, host: HostKind, start: Start<'_>) -> Result<Summary, String> {
    Ok(corpus.run(host, |case| {
        run_case(case, case.now, |configs| {
            let before = configs.before.iter().map(|(plugin, config)| (plugin.as_str(), config));
            let chain = before.chain([(corpus.plugin.as_str(), &configs.own)]).map(|(plugin, config)| {
                let options = options(plugin, &corpus.plugin, case).map_err(StartError::Broken)?;
                start(plugin, config.to_string().as_bytes(), options)
            });
            let proxies = chain.collect::<Result<_, _>>()?;
            Ok(Box::new(Simulated { proxies, sent: 0, log_read: Vec::new(), upstream_requests: 0 }))
        })
    }))
}

/// What a case forbids, it forbids the plugin that it is `about`.
fn options(plugin: &str, about: &str, case: &Case) -> Result<Options, String> {
    let restricted = plugin == about && !case.forbidden.is_empty();
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

/// A simulated proxy for each plugin of the chain; requests go to their workers in turn, so that state that should be shared and is
/// not shows.
struct Simulated {
    proxies: Vec<Proxy>,
    sent: usize,
    /// How many lines of each proxy's log have been looked at.
    log_read: Vec<usize>,
    upstream_requests: usize,
}

impl Host for Simulated {
    fn now(&self) -> u64 {
        self.proxies.first().map(|proxy| proxy.now().as_secs()).unwrap_or_default()
    }

    fn wait(&mut self, seconds: u64) {
        self.proxies.iter_mut().for_each(|proxy| proxy.advance(Duration::from_secs(seconds)));
    }

    fn send(&mut self, request: &Prepared) -> Result<Observed, String> {
        let worker = self.sent % 2;
        self.sent += 1;
        let last = self.proxies.len().saturating_sub(1);
        let mut request = wire(request);
        for at in 0..last {
            let exchange = self.pass(at, worker, request.clone())?;
            let Some(upstream) = exchange.upstream.clone().filter(|upstream| upstream.complete) else {
                return Ok(observed(exchange, self.new_decisions()));
            };
            request = Request { headers: upstream.headers, filter_state: exchange.filter_state, ..request };
        }
        let exchange = self.pass(last, worker, request)?;
        self.upstream_requests += usize::from(exchange.upstream.is_some());
        Ok(observed(exchange, self.new_decisions()))
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

impl Simulated {
    /// What the plugin at this place of the chain does with the request; time goes by for all of them.
    fn pass(&mut self, at: usize, worker: usize, request: Request) -> Result<Exchange, String> {
        let stream = self.proxies[at].send(worker, request);
        let mut patience = PATIENCE;
        let exchange = loop {
            match self.proxies[at].outcome(stream) {
                Outcome::Done(exchange) => break exchange,
                Outcome::Held if patience == 0 => return Err(format!("held for more than {PATIENCE} s")),
                Outcome::Held => self.wait(1),
            }
            patience -= 1;
        };
        match self.proxies[at].last_trap() {
            Some(trap) => Err(trap.to_string()),
            None => Ok(exchange),
        }
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
