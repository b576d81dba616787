//! `portcullis render`: what Envoy or Istio has to be told to run policies.

mod callouts;
mod envoy;
mod facts;
mod istio;
mod modules;
mod policy;
mod secrets;
mod yaml;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser as _, ValueEnum};

use crate::CommandResult;
use modules::{ForPlugin, Modules};

const EXAMPLES: &str = "Examples:
  portcullis render orders.yaml --target envoy
  portcullis render tokens.yaml orders.yaml --target envoy --bootstrap --upstream orders:8080 > envoy.yaml
  portcullis render orders.yaml --target istio --selector app=orders --sidecar --url oci://registry.example/portcullis/rbac:0.1.0";

/// Render policies as what Envoy or Istio takes. They are checked first; several stand in one chain, in the order given.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Policy files, or bare configurations, one in each
    #[arg(required = true, value_name = "POLICY")]
    policies: Vec<PathBuf>,
    /// Who gets it
    #[arg(long)]
    target: Target,
    /// The module's file as Envoy sees it; `PLUGIN=PATH` where several plugins are rendered [default: target/wasm/NAME.wasm]
    #[arg(long, value_name = "PATH")]
    module: Vec<ForPlugin>,
    /// Where the module is fetched from: https://…, for Istio also an image, oci://…; `PLUGIN=URL` where several are rendered
    #[arg(long)]
    url: Vec<ForPlugin>,
    /// Its digest, for an image the image's; for https:// taken from the module's file where that is at hand
    #[arg(long, value_name = "HEX")]
    sha256: Vec<ForPlugin>,
    #[command(flatten)]
    envoy: envoy::EnvoyOptions,
    #[command(flatten)]
    istio: istio::IstioOptions,
}

/// Who runs the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// HTTP filters, or a whole bootstrap
    Envoy,
    /// A WasmPlugin, TrafficExtension or EnvoyFilter
    Istio,
}

/// What came of it.
#[derive(Debug)]
pub struct Rendered {
    /// The YAML documents.
    pub document: String,
    /// What somebody should look at, a line each, and maybe what is indented below it.
    pub warnings: String,
}

/// Why nothing was rendered.
#[derive(Debug)]
pub enum Refusal {
    /// A policy is wrong: what `portcullis check` says.
    Policy(String),
    /// A file could not be read, or what was asked for cannot be had.
    Unable(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Policy(text) | Self::Unable(text)) = self;
        f.write_str(text.trim_end())
    }
}

impl From<String> for Refusal {
    fn from(message: String) -> Self {
        Self::Unable(message)
    }
}

/// Exit code 1 where a policy is wrong, 2 where nothing could be rendered for another reason.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    match render(arguments) {
        Ok(rendered) => {
            eprint!("{}", rendered.warnings);
            io::stdout().lock().write_all(rendered.document.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(refusal) => {
            eprintln!("{refusal}");
            Ok(ExitCode::from(if matches!(refusal, Refusal::Policy(_)) { 1 } else { 2 }))
        }
    }
}

/// What `portcullis render` prints for the command line `arguments` that follow these words.
///
/// # Errors
/// When they make no sense, a policy is wrong, or a file cannot be read.
pub fn rendered<A: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = A>) -> Result<Rendered, Refusal> {
    let words = [OsString::from("render")].into_iter().chain(arguments.into_iter().map(Into::into));
    let CommandLine { arguments } = CommandLine::try_parse_from(words).map_err(|error| Refusal::Unable(error.to_string()))?;
    render(&arguments)
}

#[derive(Debug, clap::Parser)]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

fn render(arguments: &Arguments) -> Result<Rendered, Refusal> {
    let Arguments { target, envoy, istio, .. } = arguments;
    let (policies, warnings) = policy::read(&arguments.policies)?;
    let modules = Modules::new(arguments, &policies)?;
    let document = match target {
        Target::Envoy => {
            istio.refuse_any()?;
            envoy::document(&policies, &modules, envoy)?
        }
        Target::Istio => {
            envoy.refuse_any()?;
            istio::documents(&policies, &modules, istio)?
        }
    };
    Ok(Rendered { document, warnings })
}

/// That an option is for the other target.
fn refuse(option: &str, given: bool, target: &str) -> Result<(), String> {
    if given { Err(format!("`{option}` is for `--target {target}`")) } else { Ok(()) }
}
