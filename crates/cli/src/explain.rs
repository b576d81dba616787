//! `portcullis explain`: why a request is decided as it is.

mod condition;
mod fit;
mod input_validation;
mod jwt_auth;
mod options;
mod outline;
mod rate_limit;
mod rbac;
mod report;
mod run;
mod scene;
mod text;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::CommandResult;
use crate::modules::Modules;
use crate::plugin::Plugin;
use options::RequestOptions;
use report::Report;
use scene::Scene;

const EXAMPLES: &str = "Examples:
  portcullis explain orders.yaml /orders/7 -X PUT --jwt '{\"sub\": \"ann\", \"roles\": [\"viewer\"]}'
  portcullis explain orders.yaml --before login.yaml request.yaml
  portcullis explain orders.yaml --case 'a viewer changes nothing' --format json";

/// Explain why a policy decides about a request as it does: told by the plugin itself while it decides, then held against the module
/// that a proxy loads.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A policy file, or the configuration of a plugin
    policy: PathBuf,
    /// The request: its path, its URL, or a YAML or JSON file that says it as tests do
    #[arg(required_unless_present = "case")]
    request: Option<String>,
    /// The request of this test beside the policy, in `NAME.test.yaml`
    #[arg(long, value_name = "NAME", conflicts_with = "before")]
    case: Option<String>,
    /// Which request of the test, from 1; those before it are sent too. Default: the last
    #[arg(long, value_name = "N", requires = "case")]
    step: Option<usize>,
    /// A policy that the request meets first; may be repeated
    #[arg(long, value_name = "POLICY")]
    before: Vec<PathBuf>,
    /// The plugin that bare configurations are for; by default the one that alone has such fields
    #[arg(long)]
    plugin: Option<Plugin>,
    /// How the explanation is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Show every rule that is not for the request, and not only the nearest ones
    #[arg(long)]
    all: bool,
    /// Do without the modules that a proxy loads
    #[arg(long, conflicts_with = "modules")]
    native: bool,
    /// The folder of the modules; by default `PORTCULLIS_MODULES`, `target/wasm` here or above, or beside the executable
    #[arg(long, value_name = "DIR")]
    modules: Option<PathBuf>,
    #[command(flatten)]
    options: RequestOptions,
}

/// A way to write an explanation.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    /// A tree, for people
    #[default]
    Text,
    /// JSON
    Json,
}

/// Exit code 1 where the module decides otherwise.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let scene = Scene::of(arguments)?;
    let modules = (!arguments.native).then(|| Modules::new(arguments.modules.as_deref()));
    let report = Report::of(&scene, modules.as_ref())?;
    let written = match arguments.format {
        Format::Json => format!("{:#}\n", serde_json::to_value(&report)?),
        Format::Text => text::write(&report, arguments.all)?,
    };
    anstream::stdout().lock().write_all(written.as_bytes())?;
    Ok(ExitCode::from(u8::from(report.disagrees())))
}

#[cfg(test)]
mod tests;
