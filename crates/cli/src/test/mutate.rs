//! Mutants: a policy with one thing changed, which at least one of its tests must notice.

mod mutants;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use portcullis_cases::runner::Failure;
use portcullis_policy::Position;

use super::file::TestFile;
use super::pool;
use super::runner::Runner;
use crate::check::document::Document;
use crate::plugin::Plugin;
use crate::policy_file::{PolicyFile, with_document};
use crate::terminal::{Progress, bad, good};
use mutants::Mutant;

/// How the mutants of all policies ended.
#[derive(Debug, Default)]
pub(crate) struct Mutation {
    killed: usize,
    /// Those that the plugin refuses: nobody can deploy them, and no test could show anything of them.
    refused: usize,
    survivors: Vec<String>,
}

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Killed,
    Refused,
    Survived,
}

/// A mutant of a policy, and where the tests have that policy.
struct Trial<'t> {
    path: &'t Path,
    at: Position,
    mutant: Mutant,
    tests: &'t [(&'t TestFile, usize)],
}

impl Mutation {
    /// Runs the tests of every policy in `files` on each of its mutants, as long as they pass.
    ///
    /// # Errors
    /// When a policy cannot be read again.
    pub(crate) fn run(files: &[&TestFile], runner: Runner<'_>, jobs: usize) -> Result<Self, String> {
        let policies = by_policy(files);
        let trials: Vec<Vec<Trial<'_>>> =
            policies.iter().map(|(path, (plugin, tests))| trials(path, *plugin, tests)).collect::<Result<_, String>>()?;
        let trials: Vec<Trial<'_>> = trials.into_iter().flatten().collect();
        let (mut mutation, mut progress) = (Self::default(), Progress::new("mutants", trials.len()));
        let done = |(trial, fate)| {
            mutation.add(trial, fate);
            progress.step();
        };
        pool::in_order(&trials, jobs, |trial| (trial, fate(trial, runner)), done);
        Ok(mutation)
    }

    fn add(&mut self, trial: &Trial<'_>, fate: Fate) {
        match fate {
            Fate::Killed => self.killed += 1,
            Fate::Refused => self.refused += 1,
            Fate::Survived => {
                let (file, at) = (trial.path.display(), trial.at);
                self.survivors.push(format!("{file}:{}:{}: no test notices {}", at.line, at.column, trial.mutant.what));
            }
        }
    }

    /// Whether every mutant was noticed that could be.
    pub(crate) fn passed(&self) -> bool {
        self.survivors.is_empty()
    }

    /// In one line, and a line for each survivor.
    pub(crate) fn report(&self) -> String {
        let Self { killed, refused, survivors } = self;
        let all = killed + refused + survivors.len();
        let survived = format!("{} survived", survivors.len());
        let survived = if survivors.is_empty() { good(survived) } else { bad(survived) };
        let mut text = format!("mutants: {all}, of which {killed} killed, {refused} refused by the plugin, {survived}\n");
        survivors.iter().for_each(|line| {
            let _ = writeln!(text, "  {line}");
        });
        text
    }
}

/// The test files that a policy is in, each with its place in the chain there.
type Tests<'t> = Vec<(&'t TestFile, usize)>;

fn by_policy<'t>(files: &[&'t TestFile]) -> BTreeMap<&'t PathBuf, (Plugin, Tests<'t>)> {
    let mut policies: BTreeMap<&PathBuf, (Plugin, Tests<'_>)> = BTreeMap::new();
    for file in files {
        for (place, link) in file.chain.iter().enumerate() {
            policies.entry(&link.path).or_insert_with(|| (link.plugin, Vec::new())).1.push((file, place));
        }
    }
    // Its own tests first: they notice most.
    policies.values_mut().for_each(|(_, tests)| tests.sort_by_key(|(file, place)| file.chain.len() - place));
    policies
}

fn trials<'t>(path: &'t Path, plugin: Plugin, tests: &'t [(&'t TestFile, usize)]) -> Result<Vec<Trial<'t>>, String> {
    let policy = PolicyFile::read(path)?;
    let place = |document: &Document<'_>, mutant: &Mutant| document.place(&format!("config.{}", mutant.path));
    with_document(path, |document| {
        let mutants = Mutant::all(plugin, &policy.config).into_iter();
        Ok(mutants.map(|mutant| Trial { path, at: place(document, &mutant), mutant, tests }).collect())
    })
}

/// Runs cases until one fails.
fn fate(trial: &Trial<'_>, runner: Runner<'_>) -> Fate {
    for (file, place) in trial.tests {
        for (_, case) in file.cases.iter().filter(|(_, case)| runner.wants(case)) {
            let run = runner.case(file, case, |mut configs| {
                configs.get_mut(*place).into_iter().for_each(|config| trial.mutant.apply(config));
                configs
            });
            match run.failures.first() {
                None => {}
                Some(Failure::Refused(_)) => return Fate::Refused,
                Some(_) => return Fate::Killed,
            }
        }
    }
    Fate::Survived
}
