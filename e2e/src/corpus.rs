//! The corpus on a real Envoy: one process, a listener per case.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use portcullis_cases::case::{Case, HostKind};
use portcullis_cases::checks::FILTER_STATES;
use portcullis_cases::runner::{
    Configs, Ending, Host, Observed, Prepared, PreparedResponse, StartError, Tally, UpstreamSaw, decision, expanded_configs,
    run_case,
};
use portcullis_host_tests::corpus::{self, module_path};
use portcullis_host_tests::{Corpus, Summary};
use serde_json::{Value, json};

use crate::filters::{WasmFilter, wasm_filter};
use crate::message::Headers;
use crate::{Client, Envoy, EnvoySpec, Error, Listener, Request, Result, Route, Seen, Server, echo, wall_clock};

/// How the listener shows what the client of a real proxy does not see.
const DETAILS: &str = "x-observed-details";

/// How long a late line of the log, or a late request upstream, may take.
const SETTLE: Duration = Duration::from_millis(50);

/// Runs the cases of `corpora` that are for Envoy, each plugin's under its own summary.
///
/// # Errors
/// When Envoy does not start, or a VM failed on the way.
pub fn run(corpora: &[Corpus]) -> Result<Vec<Summary>> {
    let upstream = echo::start()?;
    let envoy = Envoy::start(&fleet(corpora, &upstream)?)?;
    let world = World { envoy: &envoy, upstream: &upstream };
    let summaries = corpora.iter().map(|corpus| run_corpus(corpus, world)).collect();
    match envoy.wasm_failures()?.as_slice() {
        [] => Ok(summaries),
        failures => Err(Error::Unexpected(format!("a VM failed: {}", failures.join("\n")))),
    }
}

#[derive(Clone, Copy)]
struct World<'e> {
    envoy: &'e Envoy,
    upstream: &'e Server,
}

/// One Envoy with a listener for every case that has requests.
fn fleet(corpora: &[Corpus], upstream: &Server) -> Result<EnvoySpec> {
    let mut spec = EnvoySpec { concurrency: 2, ..EnvoySpec::default() }.cluster("echo", upstream.address());
    for corpus in corpora {
        for case in corpus.on(HostKind::Envoy).filter(|case| case.refused.is_none()) {
            let configs = expanded_configs(case, wall_clock()).map_err(Error::Unexpected)?;
            spec = spec.listener(listener(&corpus.plugin, case, &configs)?);
        }
    }
    Ok(spec)
}

fn listener(plugin: &str, case: &Case, configs: &Configs) -> Result<Listener> {
    let mut listener =
        Listener::new(&listener_name(plugin, case)).connection_manager("local_reply_config", observed_local_replies());
    listener.connection_manager.extend(case.connection_manager.clone());
    for (before, config) in &configs.before {
        let capabilities = corpus::capabilities(before).map_err(Error::Unexpected)?;
        listener = listener.filter(filter(before, before, config, capabilities, case));
    }
    // Cases share a VM unless they want one that differs.
    let mut vm_id = format!("{plugin}{}", if case.native_crypto { "" } else { " without crypto" });
    case.forbidden.iter().for_each(|name| vm_id.push_str(&format!(" without {name}")));
    let listener = listener.filter(filter(plugin, &vm_id, &configs.own, capabilities(plugin, case)?, case));
    Ok(FILTER_STATES
        .iter()
        .fold(listener, |listener, state| listener.request_header(&observed_state(state), &state_format(state))))
}

/// Cases of two plugins may have one name.
fn listener_name(plugin: &str, case: &Case) -> String {
    format!("{plugin}: {}", case.name)
}

fn filter(plugin: &str, vm_id: &str, config: &Value, capabilities: Vec<String>, case: &Case) -> Value {
    let module = module_path(plugin);
    let environment: Vec<(&str, &str)> = case.environment.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    wasm_filter(&WasmFilter {
        vm_id,
        allow_on_headers_stop_iteration: Some(true),
        capabilities: Some(capabilities),
        environment: &environment,
        ..WasmFilter::new(plugin, &module, config)
    })
}

/// What the upstream is told of other requests, the client is told of local replies.
fn observed_local_replies() -> Value {
    let header = |key: &str, value: &str| json!({ "header": { "key": key, "value": value } });
    let states = FILTER_STATES.iter().map(|state| header(&observed_state(state), &state_format(state)));
    let any_status = json!({ "op": "GE", "value": { "default_value": 100, "runtime_key": "e2e.any_status" } });
    json!({ "mappers": [{
        "filter": { "status_code_filter": { "comparison": any_status } },
        "headers_to_add": states.chain([header(DETAILS, "%RESPONSE_CODE_DETAILS%")]).collect::<Value>(),
    }] })
}

/// The whole corpus runs under the restriction that the examples recommend.
fn capabilities(plugin: &str, case: &Case) -> Result<Vec<String>> {
    let mut capabilities = corpus::capabilities_without(plugin, &case.forbidden).map_err(Error::Unexpected)?;
    capabilities.retain(|name| case.native_crypto || name != "proxy_call_foreign_function");
    Ok(capabilities)
}

fn observed_state(state: &str) -> String {
    format!("x-observed-{}", state.replace('_', "-"))
}

fn state_format(state: &str) -> String {
    format!("%FILTER_STATE(wasm.{state}:PLAIN)%")
}

fn run_corpus(corpus: &Corpus, world: World<'_>) -> Summary {
    corpus.run(HostKind::Envoy, |case| {
        run_case(case, wall_clock(), |configs| start(&corpus.plugin, case, configs, world)).map(drop)
    })
}

fn start<'e>(
    plugin: &str,
    case: &Case,
    configs: &Configs,
    world: World<'e>,
) -> std::result::Result<Box<dyn Host + 'e>, StartError> {
    if case.refused.is_some() {
        let listener = listener(plugin, case, configs).map_err(|error| StartError::Broken(error.to_string()))?;
        let listener = listener.route(Route::Direct(200));
        return Err(match Envoy::validate(&EnvoySpec::default().listener(listener).bootstrap()) {
            Ok(()) => StartError::Broken("Envoy accepts the configuration".to_owned()),
            Err(Error::Refused(log)) => StartError::Refused(log),
            Err(error) => StartError::Broken(error.to_string()),
        });
    }
    let log = world.envoy.log_offset().map_err(|error| StartError::Broken(error.to_string()))?;
    Ok(Box::new(OnEnvoy { world, listener: listener_name(plugin, case), log, upstream_requests: world.upstream.requests() }))
}

struct OnEnvoy<'e> {
    world: World<'e>,
    listener: String,
    /// How long the log was when the case began.
    log: u64,
    /// What the upstream had counted when the case began.
    upstream_requests: usize,
}

impl Host for OnEnvoy<'_> {
    fn now(&self) -> u64 {
        wall_clock()
    }

    fn wait(&mut self, time: Duration) {
        thread::sleep(time);
    }

    fn send(&mut self, request: &Prepared) -> std::result::Result<Observed, String> {
        self.exchange(request).map_err(|error| error.to_string())
    }

    fn metrics(&mut self) -> std::result::Result<BTreeMap<String, i64>, String> {
        let stats = self.world.envoy.stats().map_err(|error| error.to_string())?;
        Ok(stats.into_iter().filter_map(|(name, value)| Some((name.strip_prefix("wasmcustom.")?.to_owned(), value))).collect())
    }

    fn end(&mut self) -> std::result::Result<Ending, String> {
        thread::sleep(SETTLE);
        self.ending().map_err(|error| error.to_string())
    }
}

impl OnEnvoy<'_> {
    fn exchange(&self, request: &Prepared) -> Result<Observed> {
        let (log, upstream_requests) = (self.world.envoy.log_offset()?, self.world.upstream.requests());
        let mut client: Client = self.world.envoy.connect(&self.listener)?;
        let response = client.send(&wire(request))?;
        let upstream = Seen::of(&response).ok();
        Ok(Observed {
            status: response.status,
            details: response.header(DETAILS),
            filter_state: states(upstream.as_ref().map_or(&response.headers, |seen| &seen.headers)),
            decisions: self.decisions(log)?,
            upstream: upstream.map(saw),
            upstream_requests: self.world.upstream.requests() - upstream_requests,
            answered_by: None,
            asked: Vec::new(),
            headers: response.headers.0,
            body: response.body,
        })
    }

    fn decisions(&self, log: u64) -> Result<Vec<Value>> {
        Ok(self.world.envoy.plugin_messages(log)?.iter().filter_map(|message| decision(message)).collect())
    }

    fn ending(&self) -> Result<Ending> {
        let records = self.decisions(self.log)?.len();
        let upstream_requests = self.world.upstream.requests() - self.upstream_requests;
        Ok(Ending { log: self.world.envoy.log_text()?, tally: Tally { records, upstream_requests } })
    }
}

fn wire(request: &Prepared) -> Request {
    let mut wire = Request::new(&request.method, request.path.clone()).header("host", request.host.as_bytes());
    wire.headers.extend(request.headers.iter().cloned());
    wire.headers.extend(upstream_answer(&request.response));
    if !request.body.is_empty() {
        wire = wire.chunked(request.body.iter().cloned());
    }
    request.trailers.iter().fold(wire, |wire, (name, value)| wire.trailer(name, value.clone()))
}

/// What the upstream is told to answer; nothing where it would do so anyway.
fn upstream_answer(response: &PreparedResponse) -> Vec<(String, Vec<u8>)> {
    let status = (response.status != 200).then(|| (echo::STATUS.to_owned(), response.status.to_string().into_bytes()));
    let header = |(name, value): &(String, Vec<u8>)| (echo::HEADER.to_owned(), [name.as_bytes(), b": ", value].concat());
    status.into_iter().chain(response.headers.iter().map(header)).collect()
}

fn states(observed: &Headers) -> BTreeMap<String, Option<Vec<u8>>> {
    let state = |name: &&str| ((*name).to_owned(), observed.first(&observed_state(name)).map(<[u8]>::to_vec));
    FILTER_STATES.iter().map(state).collect()
}

fn saw(seen: Seen) -> UpstreamSaw {
    UpstreamSaw { path: seen.path, headers: seen.headers.0, trailers: seen.trailers.0 }
}
