//! The corpus on the two hosts of `portcullis-host`: the filter itself, and the real `.wasm`.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_cases::case::{Case, HostKind};
use portcullis_cases::runner::{StartError, run_case};
use portcullis_cases::{Simulated, options};
use portcullis_filter::Filter;
use portcullis_host::{Module, Options, Proxy};

use crate::corpus::{Corpus, Summary, capabilities_without, module};

/// Runs the plugin's corpus on `F`, natively.
///
/// # Errors
/// When the corpus cannot be read.
pub fn run_native<F: Filter>(plugin: &str) -> Result<Summary, String> {
    run_native_corpus::<F>(&Corpus::load(plugin)?)
}

/// Runs cases of which each is for `F` alone, natively.
///
/// # Errors
/// When a case names another plugin.
pub fn run_native_corpus<F: Filter>(corpus: &Corpus) -> Result<Summary, String> {
    run(corpus, HostKind::Native, &|found, config, options| {
        if found == corpus.plugin {
            Proxy::native::<F>(config, options).map_err(StartError::from)
        } else {
            Err(not_linked(found))
        }
    })
}

/// The same, where cases may have the plugin `before`, which is `B`, stand before it.
///
/// # Errors
/// When the corpus cannot be read.
pub fn run_native_after<F: Filter, B: Filter>(plugin: &str, before: &str) -> Result<Summary, String> {
    run(&Corpus::load(plugin)?, HostKind::Native, &|found, config, options| match found {
        _ if found == plugin => Proxy::native::<F>(config, options).map_err(StartError::from),
        _ if found == before => Proxy::native::<B>(config, options).map_err(StartError::from),
        _ => Err(not_linked(found)),
    })
}

fn not_linked(plugin: &str) -> StartError {
    StartError::Broken(format!("{plugin} is not linked into this test"))
}

/// Runs a plugin's corpus on the modules that `make wasm` wrote.
///
/// # Errors
/// When a module cannot be read.
pub fn run_wasm(corpus: &Corpus) -> Result<Summary, String> {
    let before = corpus.cases.iter().flat_map(|(_, case)| case.before.iter().map(|before| before.plugin.as_str()));
    let plugins: BTreeSet<&str> = before.chain([corpus.plugin.as_str()]).collect();
    let modules = plugins.into_iter().map(|plugin| Ok((plugin, module(plugin)?)));
    let modules: BTreeMap<&str, Module> = modules.collect::<Result<_, String>>()?;
    run(corpus, HostKind::Wasm, &|plugin, config, options| match modules.get(plugin) {
        Some(module) => Proxy::wasm(module, config, options).map_err(StartError::from),
        None => Err(not_linked(plugin)),
    })
}

/// Starts a proxy with the plugin of this name.
type Start<'a> = &'a dyn Fn(&str, &[u8], Options) -> Result<Proxy, StartError>;

fn run(corpus: &Corpus, host: HostKind, start: Start<'_>) -> Result<Summary, String> {
    Ok(corpus.run(host, |case| {
        let ran = run_case(case, case.now.0, |configs| {
            let before = configs.before.iter().map(|(plugin, config)| (plugin.as_str(), config));
            let chain = before.chain([(corpus.plugin.as_str(), &configs.own)]).map(|(plugin, config)| {
                let options = options_of(plugin, &corpus.plugin, case).map_err(StartError::Broken)?;
                start(plugin, config.to_string().as_bytes(), options)
            });
            let proxies = chain.collect::<Result<_, _>>()?;
            Ok(Box::new(Simulated::new(proxies)))
        });
        ran.map(drop)
    }))
}

/// What a case forbids, it forbids the plugin that it is `about`.
fn options_of(plugin: &str, about: &str, case: &Case) -> Result<Options, String> {
    let restricted = plugin == about && !case.forbidden.is_empty();
    let allowed = restricted.then(|| capabilities_without(plugin, &case.forbidden)).transpose()?;
    Ok(Options { allowed_capabilities: allowed.map(|names| names.into_iter().collect()), ..options(case) })
}
