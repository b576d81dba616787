//! One run of everything that a command line asks for.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread::available_parallelism;

use anstream::{print, println};

use super::Arguments;
use super::coverage::Coverage;
use super::file::TestFile;
use super::find::Found;
use super::junit::Junit;
use super::mutate::Mutation;
use super::runner::{FileRun, Runner};
use super::{pool, report};
use crate::CommandResult;
use crate::modules::Modules;
use crate::plugin::Plugin;
use crate::terminal::{Progress, bad};

/// What is asked for, and what there is to test.
pub(crate) struct Session<'s> {
    arguments: &'s Arguments,
    runner: Runner<'s>,
    found: Found,
    files: Vec<TestFile>,
    /// Files that cannot be tested, each with the reason.
    broken: Vec<(PathBuf, String)>,
}

/// How the tests ended.
#[derive(Debug, Default)]
struct Totals {
    passed: usize,
    failed: usize,
    coverage: Coverage,
    junit: Junit,
}

impl<'s> Session<'s> {
    /// Reads every file; without `modules` plugins run natively.
    ///
    /// # Errors
    /// When a file is not there, there is nothing to test, or a module cannot be loaded.
    pub(crate) fn new(arguments: &'s Arguments, modules: Option<&'s Modules>) -> Result<Self, String> {
        let found = Found::new(&arguments.files)?;
        let runner = Runner { modules, filter: arguments.filter.as_deref() };
        let mut session = Self { arguments, runner, found, files: Vec::new(), broken: Vec::new() };
        for path in &session.found.tests {
            match TestFile::read(path) {
                Ok(file) => session.files.extend(Some(file).filter(|file| runner.wants_any(file))),
                Err(error) => session.broken.push((path.clone(), error)),
            }
        }
        if let (Some(text), [], []) = (&arguments.filter, session.files.as_slice(), session.broken.as_slice()) {
            return Err(format!("no case has `{text}` in its name"));
        }
        if let Some(modules) = modules {
            let plugins: BTreeSet<Plugin> = session.files.iter().flat_map(|file| &file.chain).map(|link| link.plugin).collect();
            // A module is compiled for seconds when it is first loaded.
            let mut progress = Progress::new("modules", plugins.len());
            for plugin in plugins {
                modules.module(plugin)?;
                progress.step();
            }
        }
        Ok(session)
    }

    /// Runs everything, and tells of it.
    pub(crate) fn run(&self) -> CommandResult {
        let totals = self.test();
        let mut failed = totals.failed > 0;
        if self.shows_coverage() {
            failed |= self.tell_coverage(&totals.coverage);
        }
        if self.arguments.mutate {
            failed |= self.mutate(&totals)?;
        }
        if let Some(path) = &self.arguments.junit {
            std::fs::write(path, totals.junit.finish()).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        match self.broken.len() {
            0 => {}
            1 => println!("1 file could not be tested"),
            broken => println!("{broken} files could not be tested"),
        }
        println!("{} passed, {} failed", totals.passed, totals.failed);
        Ok(ExitCode::from(if self.broken.is_empty() { u8::from(failed) } else { 2 }))
    }

    fn test(&self) -> Totals {
        let mut totals = Totals::default();
        pool::in_order(&self.files, self.jobs(), |file| self.runner.file(file), |run| totals.add(&run));
        for (path, error) in &self.broken {
            print!("{}", report::broken(path, error));
            totals.junit.add_broken(path, error);
        }
        self.found.others.iter().for_each(|path| totals.coverage.add_untested(path));
        totals
    }

    /// Of folders always, unless some cases were left out.
    fn shows_coverage(&self) -> bool {
        let Arguments { coverage, fail_under_coverage, filter, .. } = self.arguments;
        *coverage || fail_under_coverage.is_some() || self.found.folders && filter.is_none()
    }

    /// Whether there is less coverage than was asked for.
    fn tell_coverage(&self, coverage: &Coverage) -> bool {
        if self.arguments.coverage {
            print!("{}", coverage.table());
        }
        print!("{}", coverage.summary());
        let (covered, all) = coverage.figures();
        let missed = self.arguments.fail_under_coverage.filter(|least| covered * 100 < all * usize::from(*least));
        if let Some(least) = missed {
            println!("{}: fewer than {least} % of the rules", bad("FAIL"));
        }
        missed.is_some()
    }

    /// Whether a mutant has survived, or there could be none.
    fn mutate(&self, totals: &Totals) -> Result<bool, String> {
        if totals.failed > 0 || !self.broken.is_empty() {
            println!("mutants: none, for they need tests that pass");
            return Ok(true);
        }
        let files: Vec<&TestFile> = self.files.iter().collect();
        let mutation = Mutation::run(&files, self.runner, self.jobs())?;
        print!("{}", mutation.report());
        Ok(!mutation.passed())
    }

    fn jobs(&self) -> usize {
        self.arguments.jobs.or_else(|| available_parallelism().ok()).map_or(1, NonZeroUsize::get)
    }
}

impl Totals {
    fn add(&mut self, run: &FileRun<'_>) {
        self.passed += run.passed();
        self.failed += run.failed();
        self.coverage.add(run);
        self.junit.add(run);
        print!("{}", report::file(run));
    }
}
