//! Runs again whenever a file has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use anstream::{eprintln, print};

use super::file::TestFile;
use super::find::{self, Found};

/// How often files are looked at.
const PERIOD: Duration = Duration::from_millis(300);

/// For how long nothing changes once a file is written.
const SETTLED: Duration = Duration::from_millis(50);

/// Clears a terminal and what it remembers.
const CLEAR: &str = "\u{1b}[2J\u{1b}[3J\u{1b}[H";

/// What a run depends on.
struct Inputs {
    files: BTreeSet<PathBuf>,
    /// Folders of which every YAML file counts, also one that comes later.
    folders: BTreeSet<PathBuf>,
}

/// When each file was last written, and how long it is.
type Snapshot = BTreeMap<PathBuf, (SystemTime, u64)>;

/// Calls `run` now, and each time that what is named by `paths`, or one of `modules`, has changed. Ends with the process.
pub(crate) fn watch(paths: &[PathBuf], modules: &[PathBuf], run: impl Fn()) -> ! {
    loop {
        // Before the run: what changes meanwhile is seen after it.
        let inputs = Inputs::of(paths, modules);
        let before = inputs.snapshot();
        if std::io::stdout().is_terminal() {
            print!("{CLEAR}");
        }
        run();
        eprintln!("watching {} files", before.len());
        while inputs.snapshot() == before {
            thread::sleep(PERIOD);
        }
        inputs.settle();
    }
}

impl Inputs {
    fn of(paths: &[PathBuf], modules: &[PathBuf]) -> Self {
        let mut inputs = Self { files: modules.iter().cloned().collect(), folders: BTreeSet::new() };
        for path in paths.iter().map(|path| find::plain(path)) {
            let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
            inputs.folders.extend(folder.map(Path::to_owned));
        }
        let tests = Found::new(paths).map(|found| found.tests).unwrap_or_default();
        let chains = tests.iter().filter_map(|path| TestFile::read(path).ok()).flat_map(|file| file.chain);
        inputs.files.extend(chains.map(|link| link.path));
        inputs
    }

    /// Waits until nothing changes any more: an editor may be in the middle of a file.
    fn settle(&self) {
        let mut last = self.snapshot();
        loop {
            thread::sleep(SETTLED);
            let now = self.snapshot();
            if now == last {
                return;
            }
            last = now;
        }
    }

    fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::new();
        self.files.iter().for_each(|file| add_file(file, &mut snapshot));
        self.folders.iter().for_each(|folder| add_folder(folder, &mut snapshot));
        snapshot
    }
}

fn add_folder(folder: &Path, snapshot: &mut Snapshot) {
    // The empty path is the folder that we are in.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(find::plain(&entry.ok()?.path()))) {
        if path.is_dir() {
            add_folder(&path, snapshot);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            add_file(&path, snapshot);
        }
    }
}

fn add_file(file: &Path, snapshot: &mut Snapshot) {
    if let Ok(found) = std::fs::metadata(file) {
        let written = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        snapshot.insert(file.to_owned(), (written, found.len()));
    }
}
