//! The tests beside a policy: `NAME.test.yaml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use portcullis_cases::Case;
use portcullis_cases::case::Instant;
use portcullis_cases::policy_test::{Setting, policy_test};
use portcullis_cases::rate_limit_service::RateLimitServices;
use portcullis_config::{ConfigError, from_value};
use portcullis_policy::Position;
use serde::Deserialize;
use serde_json::Value as Json;

use super::find::{self, END};
use crate::check::document::Document;
use crate::plugin::Plugin;
use crate::policy_file::{PolicyFile, with_document};

/// The tests of one policy, or of a chain of policies.
#[derive(Debug)]
pub(crate) struct TestFile {
    pub(crate) path: PathBuf,
    /// The policies, in the order in which a request passes them; the last one is the one that is tested.
    pub(crate) chain: Vec<Link>,
    /// Each case with its place in the file.
    pub(crate) cases: Vec<(Position, Case)>,
}

/// A policy of a chain.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) path: PathBuf,
    pub(crate) plugin: Plugin,
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
    /// Rate limit services by their clusters, each with what it answers, in turn.
    #[serde(default)]
    rate_limit_services: RateLimitServices,
    /// Where the clock stands, unless a case says otherwise.
    #[serde(default)]
    now: Instant,
    cases: Vec<Json>,
}

impl TestFile {
    /// The tests in the file at `path`.
    ///
    /// # Errors
    /// When it or a policy that it names cannot be read, or is none: a line each with its place.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let written: Written = with_document(path, |document| from_value(&document.value))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let own = written.policy.as_ref().map_or_else(|| beside(path), |name| folder.join(name));
        let paths = written.before.iter().map(|name| folder.join(name)).chain([own]).map(|path| find::plain(&path));
        let mut chain: Vec<(Link, Json)> = paths.map(|policy| link(path, policy)).collect::<Result<_, _>>()?;
        let own = chain.pop().ok_or_else(|| format!("{}: no policy", path.display()))?;
        let setting = Setting {
            before: chain.iter().map(|(link, config)| (link.plugin.name().to_owned(), config.clone())).collect(),
            config: own.1.clone(),
            environment: written.environment,
            clusters: written.clusters,
            rate_limit_services: written.rate_limit_services,
            now: written.now,
        };
        let cases = with_document(path, |document| cases(document, &written.cases, &setting))?;
        Ok(Self { path: path.to_owned(), chain: chain.into_iter().chain([own]).map(|(link, _)| link).collect(), cases })
    }
}

/// The policy at `path`, which the file `tests` names.
fn link(tests: &Path, path: PathBuf) -> Result<(Link, Json), String> {
    if !path.exists() {
        return Err(format!("{}: no policy at {}; `policy: FILE` names another", tests.display(), path.display()));
    }
    let policy = PolicyFile::read(&path)?;
    let plugin = Plugin::named(&policy.plugin).map_err(|error| format!("{}: plugin: {error}", path.display()))?;
    Ok((Link { path, plugin }, policy.config))
}

fn cases(document: &Document<'_>, written: &[Json], setting: &Setting) -> Result<Vec<(Position, Case)>, ConfigError> {
    if written.is_empty() {
        return Err(ConfigError::at("cases", "expected at least one case"));
    }
    let cases = written.iter().enumerate().map(|(number, case)| {
        let case = policy_test(case, setting).map_err(|error| error.within_index(number).within("cases"))?;
        Ok((document.place(&format!("cases[{number}]")), case))
    });
    ConfigError::gather(cases)
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    path.with_file_name(format!("{}.yaml", name.strip_suffix(END).unwrap_or(name)))
}
