//! Policies as Envoy takes them.

mod bootstrap;
mod cluster;
mod connection_manager;
mod filter;

use super::callouts::{self, Callout, Endpoint};
use super::modules::Modules;
use super::policy::{Policy, written_from};
use super::refuse;
use super::yaml::{Map, Yaml, comment};
use crate::plugin::Plugin;

pub(super) use filter::{Code, NEVER_OPEN, wasm};

/// What Envoy has to be told besides.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "For Envoy")]
pub(super) struct EnvoyOptions {
    /// A whole bootstrap, with a listener, the upstream and each cluster that a policy names
    #[arg(long)]
    bootstrap: bool,
    /// Where it listens [default: 0.0.0.0:10000]
    #[arg(long, value_name = "ADDRESS:PORT", requires = "bootstrap")]
    listen: Option<String>,
    /// Where requests go that pass [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT", requires = "bootstrap")]
    upstream: Option<String>,
    /// Whom clusters with TLS trust [default: /etc/ssl/certs/ca-certificates.crt]
    #[arg(long, value_name = "FILE", requires = "bootstrap")]
    ca_file: Option<String>,
}

impl EnvoyOptions {
    /// That none was given.
    ///
    /// # Errors
    /// When one was.
    pub(super) fn refuse_any(&self) -> Result<(), String> {
        refuse("--bootstrap", self.bootstrap, "envoy")
    }
}

/// The HTTP filters, or the bootstrap around them.
///
/// # Errors
/// When an option is none, or a digest is missing.
pub(super) fn document(policies: &[Policy], modules: &Modules<'_>, options: &EnvoyOptions) -> Result<String, String> {
    let codes = policies.iter().map(|policy| code(policy, modules)).collect::<Result<Vec<_>, _>>()?;
    let filters: Vec<(&Policy, Code)> = policies.iter().zip(codes).collect();
    let clusters = clusters(policies, modules);
    if options.bootstrap {
        return bootstrap::document(&filters, &clusters, options);
    }
    let mut document =
        comment("HTTP filters for the `http_filters` of an HttpConnectionManager, before the router, in this order.");
    document += &written_from(policies);
    for need in connection_manager::needs(policies) {
        document += &comment(&format!("The connection manager needs `{}: {}`. {}", need.field, need.value, need.why));
    }
    for Callout { cluster, what, endpoint: Endpoint { host, port, tls, grpc } } in &clusters {
        let how = match (tls, grpc) {
            (true, _) => " by TLS",
            (false, true) => " by HTTP/2",
            (false, false) => "",
        };
        document += &comment(&format!("Envoy must know the cluster `{cluster}` ({what}), which leads to {host}:{port}{how}."));
    }
    let filters: Vec<Yaml> = filters.iter().map(|(policy, code)| filter::http_filter(policy, code, 0).into()).collect();
    Ok(document + &Yaml::List(filters).document())
}

/// Where the module of `policy` is.
fn code(policy: &Policy, modules: &Modules<'_>) -> Result<Code, String> {
    let plugin = policy.plugin;
    let Some(url) = modules.url(plugin) else { return Ok(Code::File(modules.file(plugin))) };
    if !url.starts_with("https://") && !url.starts_with("http://") || Endpoint::of_uri(url).is_none() {
        return Err("`--url`: Envoy fetches modules by https:// and http:// alone".to_owned());
    }
    let sha256 = modules.digest(plugin).ok_or_else(|| {
        format!("`--sha256` is needed with `--url`: there is no module at `{}` to take it from", modules.file(plugin))
    })?;
    Ok(Code::Remote { uri: url.to_owned(), cluster: module_cluster(plugin), sha256: Some(sha256) })
}

/// Every cluster that the filters need, each once.
fn clusters(policies: &[Policy], modules: &Modules<'_>) -> Vec<Callout> {
    let of_module = |policy: &Policy| {
        let endpoint = Endpoint::of_uri(modules.url(policy.plugin)?)?;
        Some(Callout { cluster: module_cluster(policy.plugin), what: "the module".to_owned(), endpoint })
    };
    callouts::once(policies.iter().flat_map(|policy| callouts::of(policy).into_iter().chain(of_module(policy))))
}

/// The cluster that the module of `plugin` is fetched through.
fn module_cluster(plugin: Plugin) -> String {
    format!("portcullis-{}", plugin.name())
}

/// The message of an extension: its `@type` and what follows.
pub(super) fn typed(message: &str) -> Map {
    Map::block().with("@type", format!("type.googleapis.com/envoy.extensions.{message}"))
}
