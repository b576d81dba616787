//! Which files a command line names.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// How the names of test files end.
pub(crate) const END: &str = ".test.yaml";

/// What a command line names.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Every test file, in order: itself, the tests beside a policy, those in a folder at any depth.
    pub(crate) tests: Vec<PathBuf>,
    /// Every other YAML file in a folder: policies, perhaps without tests.
    pub(crate) others: Vec<PathBuf>,
    /// Whether a folder was named.
    pub(crate) folders: bool,
}

impl Found {
    /// What `paths` name, each file once.
    ///
    /// # Errors
    /// When a path is not there, a policy has no tests, or there are no tests at all.
    pub(crate) fn new(paths: &[PathBuf]) -> Result<Self, String> {
        let mut found = Self::default();
        for path in paths {
            found.add(path)?;
        }
        let mut known = BTreeSet::new();
        found.tests.retain(|path| known.insert(path.clone()));
        found.others.retain(|path| known.insert(path.clone()));
        if found.tests.is_empty() {
            let folders: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            return Err(format!("{}: no tests (`NAME{END}`)", folders.join(", ")));
        }
        Ok(found)
    }

    fn add(&mut self, path: &Path) -> Result<(), String> {
        let path = plain(path);
        if path.is_dir() {
            self.folders = true;
            return self.in_folder(&path);
        }
        let tests = if is_test(&path) { path.clone() } else { path.with_extension("test.yaml") };
        if !path.exists() {
            return Err(format!("{}: no such file", path.display()));
        }
        if !tests.is_file() {
            return Err(format!("{}: no tests at {}", path.display(), tests.display()));
        }
        self.tests.push(tests);
        Ok(())
    }

    fn in_folder(&mut self, folder: &Path) -> Result<(), String> {
        let at = |error: std::io::Error| format!("{}: {error}", folder.display());
        let entries = std::fs::read_dir(folder).map_err(at)?.map(|entry| entry.map(|entry| entry.path()));
        let mut entries: Vec<PathBuf> = entries.collect::<Result<_, _>>().map_err(at)?;
        entries.sort();
        for path in entries {
            if path.is_dir() {
                self.in_folder(&path)?;
            } else if is_test(&path) {
                self.tests.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                self.others.push(path);
            }
        }
        Ok(())
    }
}

/// Every YAML file in `folder`, at any depth, but for tests.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn policies(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Found::default();
    found.in_folder(folder)?;
    Ok(found.others)
}

/// Whether the file is one of tests, by its name.
pub(crate) fn is_test(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(END))
}

/// `path` without `.`, and without what `..` leaves again: two ways to write one file become one.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if plain.components().next_back().is_some_and(|last| matches!(last, Component::Normal(_))) => {
                plain.pop();
            }
            component => plain.push(component),
        }
    }
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        for (path, expected) in
            [("./a/./b", "a/b"), ("a/../b", "b"), ("a/b/../../c", "c"), ("../a", "../a"), ("../../a/..", "../.."), (".", ".")]
        {
            assert_eq!(plain(Path::new(path)), Path::new(expected), "{path}");
        }
    }
}
