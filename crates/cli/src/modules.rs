//! The modules that a proxy loads: where they are, and what of them is kept.

mod cache;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use portcullis_host::Module;

use crate::plugin::Plugin;

/// Names the folder, where the command line does not.
const VARIABLE: &str = "PORTCULLIS_MODULES";

/// Where modules of an installation are, from the folder of the executable.
const INSTALLED: [&str; 2] = ["portcullis", "../share/portcullis"];

/// Compiled modules, each loaded when it is first asked for.
#[derive(Debug)]
pub(crate) struct Modules {
    /// Where modules may be, in order.
    folders: Vec<PathBuf>,
    cache: Option<PathBuf>,
    loaded: [OnceLock<Result<Module, String>>; Plugin::ALL.len()],
}

impl Modules {
    /// Those in `folder`, if one is named, else where the environment or the place of the executable says.
    pub(crate) fn new(folder: Option<&Path>) -> Self {
        Self {
            folders: folder.map_or_else(folders, |folder| vec![folder.to_owned()]),
            cache: cache::folder(),
            loaded: Default::default(),
        }
    }

    /// The module of `plugin`.
    ///
    /// # Errors
    /// When it is nowhere, or is no module.
    pub(crate) fn module(&self, plugin: Plugin) -> Result<&Module, String> {
        let place = Plugin::ALL.into_iter().zip(&self.loaded).find(|(known, _)| *known == plugin);
        let (_, loaded) = place.ok_or_else(|| format!("no module of {}", plugin.name()))?;
        loaded.get_or_init(|| self.load(plugin)).as_ref().map_err(Clone::clone)
    }

    fn load(&self, plugin: Plugin) -> Result<Module, String> {
        let path = self.find(plugin)?;
        let module = match &self.cache {
            Some(cache) => Module::load_cached(&path, cache),
            None => Module::load(&path),
        };
        module.map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The file of the module of `plugin`.
    fn find(&self, plugin: Plugin) -> Result<PathBuf, String> {
        let file = plugin.module();
        let found = self.folders.iter().map(|folder| folder.join(&file)).find(|path| path.is_file());
        found.ok_or_else(|| {
            let folders: Vec<String> = self.folders.iter().map(|folder| format!("`{}`", folder.display())).collect();
            format!(
                "no `{file}` in {}; `make wasm` builds the modules into target/wasm, `--modules` or {VARIABLE} names their folder, \
                 `--native` does without",
                folders.join(", ")
            )
        })
    }

    /// The files of all modules that are there.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        Plugin::ALL.into_iter().filter_map(|plugin| self.find(plugin).ok()).collect()
    }
}

/// The folder that the environment names, or else `target/wasm` here and above, then beside the executable.
fn folders() -> Vec<PathBuf> {
    if let Some(folder) = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
        return vec![PathBuf::from(folder)];
    }
    let here = std::env::current_dir().unwrap_or_default();
    let built = here.ancestors().map(|folder| folder.join("target/wasm"));
    let executable = std::env::current_exe().unwrap_or_default();
    let installed = INSTALLED.into_iter().filter_map(|folder| Some(executable.parent()?.join(folder)));
    // Of the folders above, those that are there; the first is named in any case.
    built
        .enumerate()
        .filter(|(above, folder)| *above == 0 || folder.is_dir())
        .map(|(_, folder)| folder)
        .chain(installed)
        .collect()
}
