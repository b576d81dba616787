//! The corpus on a real Envoy: one process, a listener per case.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, SystemTime};

use portcullis_host_tests::case::{Case, HostKind};
use portcullis_host_tests::corpus::{self, module_path};
use portcullis_host_tests::runner::{Host, Observed, Prepared, StartError, UpstreamSaw, expanded_config, run_case};
use portcullis_host_tests::{Corpus, Summary};
use serde_json::Value;

use crate::filters::{WasmFilter, wasm_filter};
use crate::{Client, Envoy, EnvoySpec, Error, Listener, Request, Result, Route, Seen, Server, echo};

/// How the listener shows what the client of a real proxy does not see.
const DETAILS: &str = "x-observed-details";
const STATES: [&str; 2] = ["portcullis_identity", "portcullis_subject"];

/// Runs the cases of `corpora` that are for Envoy, each plugin's under its own summary.
///
/// # Errors
/// When Envoy does not start, or a VM failed on the way.
pub fn run(corpora: &[Corpus]) -> Result<Vec<Summary>> {
    let upstream = echo::start()?;
    let envoy = Envoy::start(&fleet(corpora, &upstream)?)?;
    let summaries = corpora.iter().map(|corpus| run_corpus(corpus, &envoy)).collect();
    match envoy.wasm_failures()?.as_slice() {
        [] => Ok(summaries),
        failures => Err(Error::Unexpected(format!("a VM failed: {}", failures.join("\n")))),
    }
}

/// One Envoy with a listener for every case that has requests.
fn fleet(corpora: &[Corpus], upstream: &Server) -> Result<EnvoySpec> {
    let mut spec = EnvoySpec { concurrency: 2, ..EnvoySpec::default() }.cluster("echo", upstream.address());
    for corpus in corpora {
        for case in corpus.on(HostKind::Envoy).filter(|case| case.refused.is_none()) {
            let config = expanded_config(case, now()).map_err(Error::Unexpected)?;
            spec = spec.listener(listener(&corpus.plugin, case, &config)?);
        }
    }
    Ok(spec)
}

fn listener(plugin: &str, case: &Case, config: &Value) -> Result<Listener> {
    let module = module_path(plugin);
    let environment: Vec<(&str, &str)> = case.environment.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    // Cases share a VM unless they want one that differs.
    let vm_id = format!("{plugin}{}", if case.native_crypto { "" } else { " without crypto" });
    let filter = wasm_filter(&WasmFilter {
        vm_id: &vm_id,
        allow_on_headers_stop_iteration: Some(true),
        capabilities: Some(capabilities(plugin, case)?),
        environment: &environment,
        ..WasmFilter::new(plugin, &module, config)
    });
    let observed = Listener::new(&case.name).filter(filter).details_header(DETAILS);
    Ok(STATES.iter().fold(observed, |listener, state| {
        listener.request_header(&observed_state(state), &format!("%FILTER_STATE(wasm.{state}:PLAIN)%"))
    }))
}

/// The whole corpus runs under the restriction that the examples recommend.
fn capabilities(plugin: &str, case: &Case) -> Result<Vec<String>> {
    let mut capabilities = corpus::capabilities(plugin).map_err(Error::Unexpected)?;
    capabilities.retain(|name| case.native_crypto || name != "proxy_call_foreign_function");
    Ok(capabilities)
}

fn observed_state(state: &str) -> String {
    format!("x-observed-{}", state.replace('_', "-"))
}

fn run_corpus(corpus: &Corpus, envoy: &Envoy) -> Summary {
    corpus.run(HostKind::Envoy, |case| run_case(case, now(), |config| start(&corpus.plugin, case, config, envoy)))
}

fn start<'e>(
    plugin: &str,
    case: &'e Case,
    config: &Value,
    envoy: &'e Envoy,
) -> std::result::Result<Box<dyn Host + 'e>, StartError> {
    if case.refused.is_some() {
        let listener = listener(plugin, case, config).map_err(|error| StartError::Broken(error.to_string()))?;
        let listener = listener.route(Route::Direct(200));
        return Err(match Envoy::validate(&EnvoySpec::default().listener(listener).bootstrap()) {
            Ok(()) => StartError::Broken("Envoy accepts the configuration".to_owned()),
            Err(Error::Refused(log)) => StartError::Refused(log),
            Err(error) => StartError::Broken(error.to_string()),
        });
    }
    Ok(Box::new(OnEnvoy { envoy, listener: &case.name }))
}

struct OnEnvoy<'e> {
    envoy: &'e Envoy,
    listener: &'e str,
}

impl Host for OnEnvoy<'_> {
    fn now(&self) -> u64 {
        now()
    }

    fn wait(&mut self, seconds: u64) {
        thread::sleep(Duration::from_secs(seconds));
    }

    fn send(&mut self, request: &Prepared) -> std::result::Result<Observed, String> {
        self.exchange(request).map_err(|error| error.to_string())
    }

    fn metrics(&mut self) -> std::result::Result<BTreeMap<String, i64>, String> {
        let stats = self.envoy.stats().map_err(|error| error.to_string())?;
        Ok(stats.into_iter().filter_map(|(name, value)| Some((name.strip_prefix("wasmcustom.")?.to_owned(), value))).collect())
    }
}

impl OnEnvoy<'_> {
    fn exchange(&self, request: &Prepared) -> Result<Observed> {
        let log = self.envoy.log_offset()?;
        let mut client: Client = self.envoy.connect(self.listener)?;
        let response = client.send(&wire(request))?;
        let upstream = Seen::of(&response).ok();
        Ok(Observed {
            status: response.status,
            details: response.header(DETAILS),
            filter_state: states(upstream.as_ref()),
            decisions: self.decisions(log)?,
            upstream: upstream.map(saw),
            headers: response.headers.0,
            body: response.body,
        })
    }

    fn decisions(&self, log: u64) -> Result<Vec<Value>> {
        let messages = self.envoy.plugin_messages(log)?;
        Ok(messages.iter().filter_map(|message| serde_json::from_str(message).ok()).collect())
    }
}

fn wire(request: &Prepared) -> Request {
    let mut wire = Request::new(&request.method, request.path.clone()).header("host", request.host.as_bytes());
    wire.headers.extend(request.headers.iter().cloned());
    if !request.body.is_empty() {
        wire = wire.chunked(request.body.iter().cloned());
    }
    request.trailers.iter().fold(wire, |wire, (name, value)| wire.trailer(name, value.clone()))
}

/// Where the upstream saw nothing, nobody saw the filter state.
fn states(upstream: Option<&Seen>) -> BTreeMap<String, Option<Vec<u8>>> {
    let Some(seen) = upstream else { return BTreeMap::new() };
    let state = |name: &&str| ((*name).to_owned(), seen.headers.first(&observed_state(name)).map(<[u8]>::to_vec));
    STATES.iter().map(state).collect()
}

fn saw(seen: Seen) -> UpstreamSaw {
    UpstreamSaw { path: seen.path, headers: seen.headers.0, trailers: seen.trailers.0 }
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
