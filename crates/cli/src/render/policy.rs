//! The policies that are rendered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode as _, MarkedYamlOwned};
use serde_json::Value as Json;

use super::yaml::{Yaml, comment};
use super::{Refusal, secrets};
use crate::check::Report;
use crate::plugin::Plugin;
use crate::setup::CommandLine;

/// A policy that has been checked.
#[derive(Debug)]
pub(super) struct Policy {
    /// Its file, as it was given.
    pub(super) file: String,
    /// What its filter, its VM and its resource are called: the file's name.
    pub(super) name: String,
    pub(super) plugin: Plugin,
    /// What people call it.
    pub(super) title: Option<String>,
    /// What it is good for, and what it needs of the proxy.
    pub(super) description: Option<String>,
    /// The field of the file that holds the configuration; empty where the file is nothing else.
    pub(super) below: &'static str,
    /// The configuration, as it was written.
    pub(super) config: Yaml,
    /// The environment variables that it reads.
    pub(super) variables: BTreeSet<String>,
}

/// The policies in `files`, and what is suspicious about them.
///
/// # Errors
/// When one cannot be read, is wrong, or two would have the same name.
pub(super) fn read(files: &[PathBuf]) -> Result<(Vec<Policy>, String), Refusal> {
    let mut report = Report::default();
    let mut texts = Vec::new();
    for path in files {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?;
        report.add_file(&file, &text);
        texts.push((file, path, text));
    }
    if report.has_errors() {
        return Err(Refusal::Policy(report.lines()));
    }
    let mut policies: Vec<Policy> =
        texts.iter().map(|(file, path, text)| Policy::parse(file, path, text)).collect::<Result<_, _>>()?;
    tell_apart(&mut policies)?;
    let warnings = policies.iter().flat_map(secrets::warnings);
    let warnings = [report.lines()].into_iter().chain(warnings).chain(shared_instances(&policies)).collect();
    Ok((policies, warnings))
}

/// A line for each policy that an earlier one's metrics and records cannot be told from.
fn shared_instances(policies: &[Policy]) -> Vec<String> {
    let warning = |(number, policy): (usize, &Policy)| {
        let earlier = policies.iter().take(number).find(|earlier| earlier.instance() == policy.instance())?;
        let (file, instance, other) = (&policy.file, policy.instance(), &earlier.file);
        Some(format!("{file}: warning: `{instance}` names the metrics and records of {other} too; `instance` tells them apart\n"))
    };
    policies.iter().enumerate().filter_map(warning).collect()
}

impl Policy {
    /// What it is called in metrics and records.
    fn instance(&self) -> String {
        let given = self.config.entry("instance").and_then(Yaml::as_text);
        given.map_or_else(|| self.plugin.name().replace('-', "_"), str::to_owned)
    }

    /// `text` has been checked already.
    fn parse(file: &str, path: &Path, text: &str) -> Result<Self, String> {
        let at = |message: &str| format!("{file}: {message}");
        let nodes = MarkedYamlOwned::load_from_str(text).map_err(|error| at(error.info()))?;
        let [node] = nodes.as_slice() else { return Err(at("expected one document, found several")) };
        let document = Yaml::from(node);
        let word = |name: &str| document.entry(name).and_then(Yaml::as_text);
        let (plugin, below, config) = match (word("plugin"), document.entry("config")) {
            (Some(plugin), Some(config)) => (Plugin::named(plugin), "config", config.clone()),
            _ => (Plugin::of(&Json::from(&document)), "", document.clone()),
        };
        let plugin = plugin.map_err(|message| at(&message))?;
        let setup = CommandLine::default();
        let checked = plugin.configure(Json::from(&config).to_string().as_bytes(), &setup);
        checked.map_err(|error| at(&error.to_string()))?;
        Ok(Self {
            file: file.to_owned(),
            name: name(path, plugin),
            plugin,
            title: word("name").map(str::to_owned),
            description: word("description").map(str::to_owned),
            below,
            config: config.in_block(),
            variables: setup.asked(),
        })
    }
}

impl Policy {
    /// Its file, its name and its description.
    fn as_comment(&self) -> String {
        let title = self.title.as_ref().map(|title| format!(": {title}")).unwrap_or_default();
        let description = self.description.as_deref().unwrap_or_default().lines();
        let lines = wrapped(&format!("- {}{title}", self.file)).into_iter().chain(description.flat_map(wrapped));
        lines.enumerate().map(|(number, line)| comment(&format!("{}{line}", if number == 0 { "" } else { "  " }))).collect()
    }
}

/// `text` in lines that a screen has room for.
fn wrapped(text: &str) -> Vec<String> {
    const WIDTH: usize = 136;
    text.split_whitespace().fold(Vec::new(), |mut lines: Vec<String>, word| {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => line.extend([" ", word]),
            _ => lines.push(word.to_owned()),
        }
        lines
    })
}

/// Comments that say what was rendered.
pub(super) fn written_from<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> String {
    let lines: String = policies.into_iter().map(Policy::as_comment).collect();
    comment("Written by `portcullis render`; change these and render again:") + &lines
}

/// The file's name as proxies and Kubernetes take it: at most 63 lower-case letters, digits and `-`.
fn name(path: &Path, plugin: Plugin) -> String {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let characters = stem.chars().map(|character| match character.to_ascii_lowercase() {
        plain @ ('a'..='z' | '0'..='9') => plain,
        _ => '-',
    });
    let name: String = characters.take(63).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { plugin.name().to_owned() } else { name.to_owned() }
}

/// Puts the plugin's name before those that are there twice: two filters with one VM id would share a VM.
fn tell_apart(policies: &mut [Policy]) -> Result<(), String> {
    let count = |policies: &[Policy]| {
        policies.iter().fold(BTreeMap::<String, usize>::new(), |mut counts, policy| {
            *counts.entry(policy.name.clone()).or_default() += 1;
            counts
        })
    };
    let counts = count(policies);
    for policy in policies.iter_mut().filter(|policy| counts.get(&policy.name).is_some_and(|count| *count > 1)) {
        policy.name = format!("{}-{}", policy.plugin.name(), policy.name);
    }
    match count(policies).into_iter().find(|(_, count)| *count > 1) {
        Some((name, _)) => Err(format!("two policies are called `{name}`: give their files different names")),
        None => Ok(()),
    }
}
