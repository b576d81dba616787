//! `portcullis check`: plugin configurations, judged by the plugins themselves.

pub(crate) mod document;
pub(crate) mod file;
pub(crate) mod finding;
pub(crate) mod format;
mod place;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::CommandResult;
use crate::plugin::Plugin;
use crate::test::find;
use finding::{Finding, Level};
use format::Format;

const EXAMPLES: &str = "Examples:
  portcullis check policies
  portcullis check --format sarif policies > findings.sarif
  portcullis check --plugin rbac --deny-warnings config.json";

/// Check plugin configurations, as the plugins do when a proxy loads them. Nothing is fetched, no secret is needed and none is printed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// YAML or JSON, in one document or several: policy files (`plugin`, `name`, `description`, `config`) or bare configurations; or
    /// folders of YAML. Tests (`NAME.test.yaml`) are passed over
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The plugin that bare configurations are for; by default the one that alone has such fields
    #[arg(long)]
    plugin: Option<Plugin>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Exit with 1 for warnings too
    #[arg(long)]
    deny_warnings: bool,
}

/// Exit code 1 where an error was found, 2 where a file could not be read.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let mut report = Report::default();
    let mut unreadable = false;
    for path in configurations(&arguments.files)? {
        let name = path.display().to_string();
        match std::fs::read_to_string(&path) {
            Ok(text) => report.add(file::judge(&name, &text, arguments.plugin)),
            Err(error) => {
                eprintln!("{name}: {error}");
                unreadable = true;
            }
        }
    }
    io::stdout().lock().write_all(arguments.format.write(&report).as_bytes())?;
    Ok(ExitCode::from(match (unreadable, report.fails(arguments.deny_warnings)) {
        (true, _) => 2,
        (false, fails) => u8::from(fails),
    }))
}

/// The files that `paths` name, but for tests: a shell's `policies/**/*.yaml` names those too.
fn configurations(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(find::policies(path)?);
        } else if !find::is_test(path) {
            files.push(path.clone());
        }
    }
    if files.is_empty() { Err("no configurations here; `portcullis test` is for tests".to_owned()) } else { Ok(files) }
}

/// Everything that was found, in the order of the files.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// How many configurations were checked.
    configurations: usize,
    findings: Vec<Finding>,
}

impl Report {
    /// Adds what is found in `text`, the file called `name`.
    pub(crate) fn add_file(&mut self, name: &str, text: &str) {
        self.add(file::judge(name, text, None));
    }

    /// Whether a proxy would refuse something.
    pub(crate) fn has_errors(&self) -> bool {
        self.count(Level::Error) > 0
    }

    /// For people: a line for each finding, and what is indented below it.
    pub(crate) fn lines(&self) -> String {
        format::lines(self)
    }

    fn add(&mut self, judged: file::Judged) {
        self.configurations += judged.configurations;
        self.findings.extend(judged.findings);
    }

    fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level() == level).count()
    }

    fn fails(&self, deny_warnings: bool) -> bool {
        self.has_errors() || deny_warnings && self.count(Level::Warning) > 0
    }
}
