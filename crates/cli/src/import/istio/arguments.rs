//! The command line.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{Identity, Imported, Jwks, Manifest, Options, Workload, import};
use crate::CommandResult;

const EXAMPLES: &str = "Examples:
  kubectl get authorizationpolicy,requestauthentication -A -o yaml > istio.yaml
  portcullis import istio istio.yaml --namespace shop --workload app=web --output policies
  portcullis import istio gateway.yaml --workload Gateway/public --report differences.txt > rbac.yaml
  portcullis import istio users.yaml --cluster-for https://id.example/jwks.json=id
  portcullis import istio callers.yaml --trust-domain prod.example --direct-clients";

/// Import Istio's AuthorizationPolicy and RequestAuthentication, as policies for rbac and jwt-auth. Everything in the files that is for one
/// workload becomes one policy of each; what means something else there is reported, what cannot be said is refused.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// YAML with resources of Kubernetes, in any number of documents and lists; others are left out
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The workload: its labels (`app=web,version=v1`), and what it is reached by (`Gateway/public`); needed where the policies are for
    /// several
    #[arg(long, value_name = "LABEL", value_delimiter = ',')]
    workload: Vec<String>,
    /// The namespace of the workload, where the policies are of several
    #[arg(long)]
    namespace: Option<String>,
    /// The namespace whose policies are for all others
    #[arg(long, value_name = "NAMESPACE", default_value = "istio-system")]
    root_namespace: String,
    /// The mesh's trust domain, and again for each of its aliases: what `cluster.local` in a principal stands for
    #[arg(long = "trust-domain", value_name = "NAME")]
    trust_domains: Vec<String>,
    /// Who verifies tokens; by default jwt-auth where a RequestAuthentication is imported, else Istio
    #[arg(long, value_enum)]
    identity: Option<Identity>,
    /// Clients connect to the proxy themselves (`use_remote_address: true`, no trusted hops): the address that it tells is the connection's
    #[arg(long)]
    direct_clients: bool,
    /// The cluster that leads to a key set; by default the one that Istio makes of a ServiceEntry, `outbound|443||id.example`
    #[arg(long = "cluster-for", value_name = "URI=CLUSTER", value_parser = pair)]
    clusters: Vec<(String, String)>,
    /// A key set to write into the configuration, in place of every `jwksUri` or of the one that is named
    #[arg(long, value_name = "[URI=]FILE")]
    jwks: Vec<String>,
    /// A folder to write `jwt-auth.yaml` and `rbac.yaml` into, in place of standard output
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// A file for the report, in place of standard error
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Exit code 1 where something was refused.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let texts: Vec<(String, String)> = arguments.files.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    let manifests: Vec<Manifest<'_>> = texts.iter().map(|(name, text)| Manifest { name, text }).collect();
    let imported = import(&manifests, &arguments.options()?);
    let report: String = imported.report.iter().map(|remark| format!("{remark}\n")).collect();
    match &arguments.report {
        Some(path) => std::fs::write(path, report).map_err(|error| format!("{}: {error}", path.display()))?,
        None => io::stderr().lock().write_all(report.as_bytes())?,
    }
    arguments.write(&imported)?;
    Ok(ExitCode::from(u8::from(imported.is_refused())))
}

impl Arguments {
    fn options(&self) -> Result<Options, String> {
        let mut workload = Workload::default();
        self.workload.iter().try_for_each(|item| workload.add(item).map_err(|error| format!("--workload: {error}")))?;
        Ok(Options {
            workload: (!self.workload.is_empty()).then_some(workload),
            namespace: self.namespace.clone(),
            root_namespace: self.root_namespace.clone(),
            trust_domains: self.trust_domains.clone(),
            identity: self.identity,
            direct_clients: self.direct_clients,
            clusters: self.clusters.iter().cloned().collect(),
            jwks: jwks(&self.jwks)?,
        })
    }

    fn write(&self, imported: &Imported) -> Result<(), String> {
        let Some(folder) = &self.output else {
            let text: Vec<&str> = imported.policies.iter().map(|policy| policy.yaml.as_str()).collect();
            return io::stdout().lock().write_all(text.join("---\n").as_bytes()).map_err(|error| error.to_string());
        };
        for policy in &imported.policies {
            let path = folder.join(format!("{}.yaml", policy.plugin));
            std::fs::write(&path, &policy.yaml).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<(String, String), String> {
    let name = path.display().to_string();
    std::fs::read_to_string(path).map(|text| (name.clone(), text)).map_err(|error| format!("{name}: {error}"))
}

/// The last `=` parts them: a URI may have one.
fn pair(text: &str) -> Result<(String, String), String> {
    let (uri, name) = text.rsplit_once('=').ok_or("expected `URI=CLUSTER`")?;
    Ok((uri.to_owned(), name.to_owned()))
}

fn jwks(files: &[String]) -> Result<Jwks, String> {
    let mut jwks = Jwks { default: None, by_uri: BTreeMap::new() };
    for file in files {
        match file.rsplit_once('=') {
            Some((uri, path)) => drop(jwks.by_uri.insert(uri.to_owned(), read(Path::new(path))?.1)),
            None => jwks.default = Some(read(Path::new(file))?.1),
        }
    }
    Ok(jwks)
}
