//! `portcullis test`: policies, held to the tests beside them.

mod file;
pub(crate) mod find;
mod pool;
mod report;
mod runner;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;

use anstream::{print, println};

use crate::CommandResult;
use crate::modules::Modules;
use file::TestFile;
use find::Found;
use runner::{FileRun, Runner};

/// Test policies, on the modules that a proxy loads.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Policies, their tests (`NAME.test.yaml`), or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Run only the cases that have this text in their names
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Run the plugins natively: faster while a policy is edited
    #[arg(long, conflicts_with = "modules")]
    native: bool,
    /// The folder of the modules; by default `PORTCULLIS_MODULES`, `target/wasm` here or above, or beside the executable
    #[arg(long, value_name = "DIR")]
    modules: Option<PathBuf>,
    /// How many files are tested at once; by default one for each core
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// Exit code 1 where a test fails, 2 where a file cannot be tested.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let found = Found::new(&arguments.files)?;
    let modules = (!arguments.native).then(|| Modules::new(arguments.modules.as_deref()));
    let runner = Runner { modules: modules.as_ref(), filter: arguments.filter.as_deref() };
    let files: Vec<_> = found.tests.iter().map(|path| (path, TestFile::read(path))).collect();
    let tests: Vec<&TestFile> =
        files.iter().filter_map(|(_, file)| file.as_ref().ok()).filter(|file| wanted(file, runner)).collect();
    for link in tests.iter().flat_map(|file| &file.chain) {
        runner.modules.map(|modules| modules.module(link.plugin)).transpose()?;
    }
    let mut totals = Totals::default();
    pool::in_order(&tests, jobs(arguments), |file| runner.file(file), |run| totals.add(&run));
    for (path, error) in files.iter().filter_map(|(path, file)| Some((path, file.as_ref().err()?))) {
        print!("{}", report::broken(path, error));
        totals.broken += 1;
    }
    totals.conclude(arguments)
}

fn jobs(arguments: &Arguments) -> usize {
    arguments.jobs.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get)
}

fn wanted(file: &TestFile, runner: Runner<'_>) -> bool {
    file.cases.iter().any(|(_, case)| runner.wants(case))
}

/// How the tests ended.
#[derive(Debug, Default)]
struct Totals {
    passed: usize,
    failed: usize,
    /// Files that could not be tested.
    broken: usize,
}

impl Totals {
    fn add(&mut self, run: &FileRun<'_>) {
        self.passed += run.passed();
        self.failed += run.failed();
        print!("{}", report::file(run));
    }

    fn conclude(&self, arguments: &Arguments) -> CommandResult {
        let Self { passed, failed, broken } = *self;
        if let (0, Some(text)) = (passed + failed + broken, &arguments.filter) {
            return Err(format!("no case has `{text}` in its name").into());
        }
        if broken > 0 {
            println!("{broken} file{} could not be tested", if broken == 1 { "" } else { "s" });
        }
        println!("{passed} passed, {failed} failed");
        Ok(ExitCode::from(if broken > 0 { 2 } else { u8::from(failed > 0) }))
    }
}
