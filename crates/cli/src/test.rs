//! `portcullis test`: policies, held to the tests beside them.

mod file;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use portcullis_cases::runner::{Answer, StartError, run_case};
use portcullis_cases::{Case, Simulated, options};
use portcullis_host::{Module, Options, Proxy};

use crate::CommandResult;
use crate::modules;
use crate::plugin::Plugin;
use file::TestFile;

/// Test policies, on the modules that a proxy loads.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Policies, their tests (`NAME.test.yaml`), or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Run the plugins natively: faster while a policy is edited
    #[arg(long)]
    native: bool,
}

/// Exit code 1 where a test fails, 2 where a file cannot be read.
pub(crate) fn run(arguments: &Arguments) -> CommandResult {
    let mut failed = 0;
    let mut passed = 0;
    for path in file::find(&arguments.files)? {
        let tests = TestFile::read(&path)?;
        let runner = Runner::new(&tests, arguments.native)?;
        for case in &tests.cases {
            match runner.run(case) {
                Ok(_) => passed += 1,
                Err(reason) => {
                    failed += 1;
                    println!("{}: {}\n{reason}", path.display(), case.name);
                }
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(ExitCode::from(u8::from(failed > 0)))
}

/// Runs the cases of one file.
struct Runner {
    /// The chain, in the order in which a request passes it.
    plugins: Vec<(Plugin, Option<Module>)>,
}

impl Runner {
    fn new(tests: &TestFile, native: bool) -> Result<Self, String> {
        let load = |plugin: Plugin| Ok((plugin, (!native).then(|| modules::load(plugin)).transpose()?));
        Ok(Self { plugins: tests.chain.iter().copied().map(load).collect::<Result<_, String>>()? })
    }

    fn run(&self, case: &Case) -> Result<Vec<Answer>, String> {
        run_case(case, case.now, |configs| {
            let configs = configs.before.iter().map(|(_, config)| config).chain([&configs.own]);
            let start = |((plugin, module), config): (&(Plugin, Option<Module>), &serde_json::Value)| {
                start(*plugin, module.as_ref(), config.to_string().as_bytes(), options(case))
            };
            let proxies = self.plugins.iter().zip(configs).map(start).collect::<Result<_, _>>()?;
            Ok(Box::new(Simulated::new(proxies)))
        })
    }
}

fn start(plugin: Plugin, module: Option<&Module>, config: &[u8], options: Options) -> Result<Proxy, StartError> {
    match module {
        Some(module) => Proxy::wasm(module, config, options).map_err(StartError::from),
        None => plugin.proxy(config, options).map_err(StartError::from),
    }
}

/// The name of `path` for people: as it was given.
fn is_test(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(".test.yaml"))
}
