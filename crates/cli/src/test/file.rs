//! The tests beside a policy: `NAME.test.yaml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use portcullis_cases::Case;
use portcullis_config::from_value;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::is_test;
use crate::plugin::Plugin;
use crate::policy_file::{PolicyFile, only_document};

/// The tests of one policy, or of a chain of policies.
#[derive(Debug)]
pub(crate) struct TestFile {
    /// The plugins, in the order in which a request passes them; the last one is the policy's that is tested.
    pub(crate) chain: Vec<Plugin>,
    pub(crate) cases: Vec<Case>,
}

/// A test file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The policy, from the folder of this file. Absent: the one beside it, `NAME.yaml`.
    #[serde(default)]
    policy: Option<String>,
    /// Policies that stand before it, in order.
    #[serde(default)]
    before: Vec<String>,
    /// Environment variables of the plugins.
    #[serde(default)]
    environment: BTreeMap<String, String>,
    /// Clusters that answer the plugins' own requests, each with the body at each path.
    #[serde(default)]
    clusters: BTreeMap<String, BTreeMap<String, String>>,
    /// Where the clock stands, unless a case says otherwise.
    #[serde(default)]
    now: Option<String>,
    cases: Vec<Json>,
}

impl TestFile {
    /// The tests in the file at `path`.
    ///
    /// # Errors
    /// When it or a policy that it names cannot be read, or is none.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let at = |error: String| format!("{}: {error}", path.display());
        let written: Written = from_value(&only_document(path)?).map_err(|error| at(error.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let own = written.policy.as_ref().map_or_else(|| beside(path), |name| folder.join(name));
        let policies = written.before.iter().map(|name| folder.join(name)).chain([own]).map(|path| PolicyFile::read(&path));
        let policies: Vec<PolicyFile> = policies.collect::<Result<_, _>>()?;
        let chain = policies.iter().map(|policy| Plugin::named(&policy.plugin)).collect::<Result<_, _>>().map_err(at)?;
        let (own, before) = policies.split_last().ok_or_else(|| at("no policy".to_owned()))?;
        let cases = written.cases.iter().enumerate().map(|(number, case)| {
            Case::parse(document(&written, own, before, case)).map_err(|error| at(format!("cases[{number}]: {error}")))
        });
        Ok(Self { chain, cases: cases.collect::<Result<_, _>>()? })
    }
}

/// The case as the corpus has it: one `request` with its `expect` stands for a list of one.
fn document(written: &Written, own: &PolicyFile, before: &[PolicyFile], case: &Json) -> Json {
    let before: Vec<Json> = before.iter().map(|policy| json!({ "plugin": policy.plugin, "config": policy.config })).collect();
    let mut document = json!({
        "config": own.config,
        "before": before,
        "environment": written.environment,
        "clusters": written.clusters,
        "run_on": ["native", "wasm"],
        "run_on_reason": "tests of policies need no proxy",
    });
    let Some(members) = document.as_object_mut() else { return document };
    if let Some(now) = &written.now {
        members.insert("now".to_owned(), json!(now));
    }
    let mut step = Map::new();
    for (name, value) in case.as_object().into_iter().flatten() {
        let of_step = matches!(name.as_str(), "request" | "expect");
        (if of_step { &mut step } else { &mut *members }).insert(name.clone(), value.clone());
    }
    if !step.is_empty() {
        members.insert("requests".to_owned(), json!([step]));
    }
    document
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    path.with_file_name(format!("{}.yaml", name.trim_end_matches(".test.yaml")))
}

/// Every test file that `paths` name: itself, the tests beside a policy, those in a folder at any depth.
///
/// # Errors
/// When a path is not there, or a policy has no tests.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            in_folder(path, &mut found)?;
        } else if is_test(path) {
            found.push(path.clone());
        } else {
            let tests = path.with_extension("test.yaml");
            if !tests.is_file() {
                return Err(format!("{}: no tests at {}", path.display(), tests.display()));
            }
            found.push(tests);
        }
    }
    Ok(found)
}

fn in_folder(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let at = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(at)?.map(|entry| entry.map(|entry| entry.path()));
    let mut entries: Vec<PathBuf> = entries.collect::<Result<_, _>>().map_err(at)?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            in_folder(&path, found)?;
        } else if is_test(&path) {
            found.push(path);
        }
    }
    Ok(())
}
