//! `portcullis test`: policies, held to the tests beside them.

mod coverage;
pub(crate) mod file;
pub(crate) mod find;
#[cfg(test)]
mod good_traffic;
mod junit;
mod mutate;
mod pool;
mod report;
mod runner;
mod session;
mod watch;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::CommandResult;
use crate::modules::Modules;
use session::Session;

const EXAMPLES: &str = "Examples:
  portcullis test policies
  portcullis test --native --watch orders.yaml
  portcullis test --filter guest orders.test.yaml
  portcullis test --coverage --fail-under-coverage 100 --mutate policies
  portcullis test --junit results.xml policies";

/// Test policies, on the modules that a proxy loads.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
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
    /// How much is done at once; by default as much as there are cores
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Show for every rule how many requests passed and how many were refused
    #[arg(long)]
    coverage: bool,
    /// Fail where fewer rules, in per cent, were hit by an allow and by a deny
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    fail_under_coverage: Option<u8>,
    /// Change the policies, one thing at a time, and fail where no test notices
    #[arg(long)]
    mutate: bool,
    /// Write the results as JUnit XML too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Run again whenever a file changes, until interrupted
    #[arg(long)]
    watch: bool,
}

/// Exit code 1 where a test fails, or what else was asked for is not reached; 2 where a file cannot be tested.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    if !arguments.watch {
        return once(arguments);
    }
    let modules = if arguments.native { Vec::new() } else { Modules::new(arguments.modules.as_deref()).files() };
    watch::watch(&arguments.files, &modules, || {
        if let Err(error) = once(arguments) {
            anstream::eprintln!("{error}");
        }
    })
}

fn once(arguments: &Arguments) -> CommandResult {
    let modules = (!arguments.native).then(|| Modules::new(arguments.modules.as_deref()));
    Session::new(arguments, modules.as_ref())?.run()
}
