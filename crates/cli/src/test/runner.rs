//! Runs cases: on the modules that a proxy loads, or natively.

use std::time::{Duration, Instant};

use portcullis_cases::runner::{self, Configs, Failure, Run, StartError};
use portcullis_cases::{Case, Simulated, options};
use portcullis_filter::Timestamp;
use portcullis_host::{Options, Proxy};
use portcullis_policy::Position;
use serde_json::Value as Json;

use super::file::TestFile;
use crate::modules::Modules;
use crate::plugin::Plugin;

/// How long the proxy has been there when a case begins: it has fetched what it needs, as one that has just been started has not.
const HEAD_START: Duration = Duration::from_secs(1);

/// What the cases run on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Runner<'r> {
    /// Absent: natively.
    pub(crate) modules: Option<&'r Modules>,
    /// A text that the names of cases must have in them.
    pub(crate) filter: Option<&'r str>,
}

/// What came of the cases of a file.
#[derive(Debug)]
pub(crate) struct FileRun<'f> {
    pub(crate) file: &'f TestFile,
    pub(crate) cases: Vec<CaseRun<'f>>,
    pub(crate) native: bool,
}

/// What came of a case.
#[derive(Debug)]
pub(crate) struct CaseRun<'f> {
    pub(crate) at: Position,
    pub(crate) case: &'f Case,
    pub(crate) run: Run,
    pub(crate) elapsed: Duration,
}

impl Runner<'_> {
    /// Whether `case` is to be run.
    pub(crate) fn wants(&self, case: &Case) -> bool {
        self.filter.is_none_or(|text| case.name.contains(text))
    }

    /// Whether any case of `file` is to be run.
    pub(crate) fn wants_any(&self, file: &TestFile) -> bool {
        file.cases.iter().any(|(_, case)| self.wants(case))
    }

    /// Every case of `file` that is to be run.
    pub(crate) fn file<'f>(&self, file: &'f TestFile) -> FileRun<'f> {
        let wanted = file.cases.iter().filter(|(_, case)| self.wants(case));
        let cases = wanted.map(|(at, case)| {
            let begin = Instant::now();
            let run = self.case(file, case, |configs| configs);
            CaseRun { at: *at, case, run, elapsed: begin.elapsed() }
        });
        FileRun { file, cases: cases.collect(), native: self.modules.is_none() }
    }

    /// One case, with what `change` makes of the configurations of the chain.
    pub(crate) fn case(&self, file: &TestFile, case: &Case, change: impl FnOnce(Vec<Json>) -> Vec<Json>) -> Run {
        runner::run(case, case.now.0, |configs| {
            let configs = change(in_order(configs));
            let start = |(link, config): (&super::file::Link, &Json)| self.start(link.plugin, config, case);
            let proxies = file.chain.iter().zip(&configs).map(start).collect::<Result<_, _>>()?;
            Ok(Box::new(Simulated::new(proxies)))
        })
    }

    fn start(&self, plugin: Plugin, config: &Json, case: &Case) -> Result<Proxy, StartError> {
        let config = config.to_string();
        // That workers share what they should is for the plugin's own tests to show.
        let now = Timestamp::from_secs(case.now.0.saturating_sub(HEAD_START.as_secs()));
        let options = Options { workers: 1, now, ..options(case) };
        let mut proxy = match self.modules {
            Some(modules) => {
                let module = modules.module(plugin).map_err(StartError::Broken)?;
                Proxy::wasm(module, config.as_bytes(), options)?
            }
            None => plugin.proxy(config.as_bytes(), options)?,
        };
        proxy.advance(HEAD_START);
        Ok(proxy)
    }
}

/// Those before, then the one that is tested.
fn in_order(configs: &Configs) -> Vec<Json> {
    configs.before.iter().map(|(_, config)| config).chain([&configs.own]).cloned().collect()
}

impl FileRun<'_> {
    pub(crate) fn failed(&self) -> usize {
        self.cases.iter().filter(|case| !case.run.failures.is_empty()).count()
    }

    pub(crate) fn passed(&self) -> usize {
        self.cases.len() - self.failed()
    }

    /// What the plugin says, where every case fails because it refuses the configuration, and says the same.
    pub(crate) fn refused(&self) -> Option<&str> {
        let refusal = |case: &'_ CaseRun<'_>| match case.run.failures.as_slice() {
            [Failure::Refused(message)] => Some(message.clone()),
            _ => None,
        };
        let first = self.cases.first()?;
        let [Failure::Refused(message)] = first.run.failures.as_slice() else { return None };
        self.cases.iter().all(|case| refusal(case).as_deref() == Some(message)).then_some(message)
    }
}
