//! OpenAPI 3.0 and 3.1 documents, as a policy for input-validation.

mod place;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use portcullis_config::ByteSize;
use portcullis_openapi::{Level, Options, Policy, Remark, import};

use crate::CommandResult;
use crate::plugin::Plugin;
use crate::setup::CommandLine;
use place::Places;

const EXAMPLES: &str = "Examples:
  portcullis import openapi store.yaml > input-validation.yaml
  portcullis import openapi store.yaml --base-path /v2 --max-body 1MiB --output policies
  portcullis import openapi store.json --preflight --accept-read-only --report unenforced.txt > rules.yaml";

/// Import an OpenAPI 3.0 or 3.1 document, as a policy for input-validation. Paths, methods, parameters and bodies become rules; what of
/// the document the proxy does not look at is reported, each with its place; what cannot be read is refused by a rule of its own.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The document, as YAML or JSON, in one file: a `$ref` to another one is not fetched
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The path before every path, in place of what `servers` say; `/` for none
    #[arg(long, value_name = "PATH")]
    base_path: Option<String>,
    /// How long a body, or a file in one, is at most where the document sets no limit
    #[arg(long, value_name = "SIZE", default_value = "64KiB")]
    max_body: ByteSize,
    /// Preflights of browsers pass where the document has no `options`
    #[arg(long)]
    preflight: bool,
    /// Requests may have properties that are `readOnly`
    #[arg(long)]
    accept_read_only: bool,
    /// A folder to write `input-validation.yaml` into, in place of standard output
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// A file for the report, in place of standard error
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Exit code 1 where the document was refused.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let name = arguments.file.display().to_string();
    let text = std::fs::read_to_string(&arguments.file).map_err(|error| format!("{name}: {error}"))?;
    let mut imported = import(&text, &arguments.options());
    if let Some(complaint) = imported.policy.as_ref().and_then(complaint) {
        imported.policy = None;
        let told = complaint.lines().filter(|line| !line.starts_with("  "));
        imported.report.extend(told.map(|line| Remark {
            level: Level::Refused,
            pointer: String::new(),
            message: format!("input-validation does not take what this would be: {line}"),
        }));
    }
    let places = Places::of(&text);
    let line = |remark: &Remark| match places.of_remark(remark) {
        Some(at) => format!("{name}:{}:{}: {remark}\n", at.line, at.column),
        None => format!("{remark}\n"),
    };
    let report: String = imported.report.iter().map(line).collect();
    match &arguments.report {
        Some(path) => std::fs::write(path, report).map_err(|error| format!("{}: {error}", path.display()))?,
        None => io::stderr().lock().write_all(report.as_bytes())?,
    }
    if let Some(policy) = &imported.policy {
        arguments.write(policy)?;
    }
    Ok(ExitCode::from(u8::from(imported.is_refused())))
}

impl Arguments {
    fn options(&self) -> Options {
        Options {
            base_path: self.base_path.as_ref().map(|path| path.trim_end_matches('/').to_owned()),
            max_body: self.max_body.get(),
            preflight: self.preflight,
            accept_read_only: self.accept_read_only,
        }
    }

    fn write(&self, policy: &Policy) -> Result<(), String> {
        let Some(folder) = &self.output else {
            return io::stdout().lock().write_all(policy.yaml.as_bytes()).map_err(|error| error.to_string());
        };
        let path = folder.join("input-validation.yaml");
        std::fs::write(&path, &policy.yaml).map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// What the plugin has against the configuration.
fn complaint(policy: &Policy) -> Option<String> {
    let config = policy.config.to_string();
    Plugin::InputValidation.configure(config.as_bytes(), &CommandLine::default()).err().map(|error| error.to_string())
}
