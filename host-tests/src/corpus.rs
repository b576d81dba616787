//! Finds the cases and counts how they end.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use portcullis_cases::case::{Case, HostKind};
use portcullis_host::Module;
use serde::Deserialize;

/// The folder of the plugin that has all others in it.
pub const BUNDLE: &str = "bundle";

/// Every case of one plugin.
#[derive(Debug)]
pub struct Corpus {
    /// The plugin's folder name: `jwt-auth`.
    pub plugin: String,
    /// The cases, each with the file it stands in.
    pub cases: Vec<(PathBuf, Case)>,
}

impl Corpus {
    /// Reads `cases/<plugin>/*.yaml`.
    ///
    /// # Errors
    /// When the folder or a file cannot be read, or is no case.
    pub fn load(plugin: &str) -> Result<Self, String> {
        let mut cases = Vec::new();
        for file in sorted_files(&cases_dir().join(plugin))? {
            let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            for document in serde_yaml_ng::Deserializer::from_str(&text) {
                let case = read_case(plugin, document).map_err(|error| format!("{}: {error}", file.display()))?;
                cases.push((file.clone(), case));
            }
        }
        Ok(Self { plugin: plugin.to_owned(), cases })
    }

    /// Every plugin that has cases.
    ///
    /// # Errors
    /// When a folder or a file cannot be read, or is no case.
    pub fn load_all() -> Result<Vec<Self>, String> {
        let mut plugins: Vec<String> = fs::read_dir(cases_dir())
            .map_err(|error| error.to_string())?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        plugins.sort();
        plugins.iter().map(|plugin| Self::load(plugin)).collect()
    }

    /// The cases that are for `host`.
    pub fn on(&self, host: HostKind) -> impl Iterator<Item = &Case> {
        self.cases.iter().map(|(_, case)| case).filter(move |case| case.run_on.contains(&host))
    }

    /// Runs every case that names `host`, with the name of each that fails and why.
    pub fn run(&self, host: HostKind, mut run: impl FnMut(&Case) -> Result<(), String>) -> Summary {
        let mut summary =
            Summary { host, plugin: self.plugin.clone(), passed: 0, requests: 0, left_out: 0, failures: Vec::new() };
        for (file, case) in &self.cases {
            if !case.run_on.contains(&host) {
                summary.left_out += 1;
                continue;
            }
            match run(case) {
                Ok(()) => {
                    summary.passed += 1;
                    summary.requests += case.requests.len();
                }
                Err(reason) => {
                    let file = file.file_name().unwrap_or_default().to_string_lossy();
                    summary.failures.push(format!("{file}: {}\n{reason}", case.name));
                }
            }
        }
        summary
    }
}

/// How the cases of a plugin ended on one host.
#[derive(Debug)]
pub struct Summary {
    host: HostKind,
    plugin: String,
    passed: usize,
    requests: usize,
    left_out: usize,
    failures: Vec<String>,
}

impl Summary {
    /// Prints the summary; panics where a case failed, or where none ran.
    ///
    /// # Panics
    /// See above: for use in tests.
    pub fn assert_passed(&self) {
        println!("{self}");
        assert!(self.failures.is_empty(), "{self}");
        assert!(self.passed > 0, "no case of {} ran on {:?}", self.plugin, self.host);
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, plugin, passed, requests, left_out, failures } = self;
        write!(
            f,
            "{plugin} on {host:?}: {passed} cases ({requests} requests) passed, {} failed, {left_out} opted out",
            failures.len()
        )?;
        failures.iter().try_for_each(|failure| write!(f, "\n\n{failure}"))
    }
}

/// The plugin's module, as `make wasm` wrote it. What it is compiled to is kept beside it for the next test.
///
/// # Errors
/// When it is not there, or is no module.
pub fn module(plugin: &str) -> Result<Module, String> {
    let path = module_path(plugin);
    let compiled = path.with_file_name("compiled");
    Module::load_cached(&path, &compiled).map_err(|error| format!("{}: {error} (`make wasm` builds the modules)", path.display()))
}

/// Where the modules are that `make wasm` wrote.
#[must_use]
pub fn module_path(plugin: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace_root().join("target"), PathBuf::from);
    let name = if plugin == BUNDLE { "portcullis".to_owned() } else { plugin.replace('-', "_") };
    target.join("wasm").join(format!("{name}.wasm"))
}

/// The committed list of what the plugin's module imports and exports, a line each: `import env.proxy_log`.
#[must_use]
pub fn interface_path(plugin: &str) -> PathBuf {
    workspace_root().join("plugins").join(plugin).join("module.txt")
}

/// What Envoy must allow the plugin's module (`capability_restriction_config`): the functions that it calls, and its own
/// callbacks, which are not called otherwise.
///
/// # Errors
/// When the plugin has no committed list.
pub fn capabilities(plugin: &str) -> Result<Vec<String>, String> {
    let path = interface_path(plugin);
    let interface = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let capability = |line: &str| match line.split_once(' ')? {
        ("import", name) => name.split_once('.').map(|(_, function)| function.to_owned()),
        ("export", name) => name.starts_with("proxy_on_").then(|| name.to_owned()),
        _ => None,
    };
    Ok(interface.lines().filter_map(capability).collect())
}

/// What Envoy must allow the plugin's module if it is to refuse it these host functions.
///
/// # Errors
/// When the plugin has no committed list, or calls no such function.
pub fn capabilities_without(plugin: &str, forbidden: &[String]) -> Result<Vec<String>, String> {
    let mut capabilities = capabilities(plugin)?;
    if let Some(name) = forbidden.iter().find(|name| !capabilities.contains(name)) {
        return Err(format!("forbidden: {plugin} never calls `{name}`"));
    }
    capabilities.retain(|name| !forbidden.contains(name));
    Ok(capabilities)
}

/// The root of the workspace.
#[must_use]
pub fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

fn cases_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

fn sorted_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    Ok(files)
}

fn read_case(plugin: &str, document: serde_yaml_ng::Deserializer<'_>) -> Result<Case, String> {
    // YAML's own enums want tags: as JSON, a case reads as it is written.
    let document = serde_json::Value::deserialize(document).map_err(|error| error.to_string())?;
    let name = document.get("name").and_then(serde_json::Value::as_str).unwrap_or("a case without a name").to_owned();
    checked_case(plugin, document).map_err(|error| format!("{name}: {error}"))
}

fn checked_case(plugin: &str, document: serde_json::Value) -> Result<Case, String> {
    let case = Case::parse(&document).map_err(|error| error.to_string())?;
    if !case.forbidden.is_empty() {
        capabilities_without(plugin, &case.forbidden)?;
    }
    Ok(case)
}
