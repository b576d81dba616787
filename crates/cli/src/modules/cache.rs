//! The folder for machine code, which is run as it lies there: it must be the user's alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How many modules are kept; of older ones there is always a newer build.
const KEPT: usize = 16;

/// The folder, made if need be; `None` where there can be none, after saying why.
pub(super) fn folder() -> Option<PathBuf> {
    let folder = location()?;
    match owned(&folder) {
        Ok(()) => {
            prune(&folder);
            Some(folder)
        }
        Err(why) => {
            eprintln!("compiled modules are not kept: {}: {why}", folder.display());
            None
        }
    }
}

/// As the XDG Base Directory Specification says: a relative `XDG_CACHE_HOME` counts for nothing.
fn location() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(caches.join("portcullis"))
}

/// Makes the folder, for the user alone; one that is there must be that.
#[cfg(unix)]
fn owned(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};

    let error = |error: std::io::Error| error.to_string();
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(error)?;
    // The folder itself, not where a link leads.
    let found = fs::symlink_metadata(folder).map_err(error)?;
    if !found.is_dir() {
        return Err("it is no folder".to_owned());
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err("it belongs to somebody else".to_owned());
    }
    if found.mode() & 0o022 != 0 {
        return Err("others may write to it".to_owned());
    }
    Ok(())
}

/// Nobody can tell here whose the folder is.
#[cfg(not(unix))]
fn owned(_: &Path) -> Result<(), String> {
    Err("only kept on Unix".to_owned())
}

/// Removes what is oldest beyond what is kept.
fn prune(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let code = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "cwasm");
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(code).collect();
    let written = |path: &PathBuf| fs::metadata(path).and_then(|found| found.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    files.sort_by_cached_key(|path| std::cmp::Reverse(written(path)));
    for file in files.iter().skip(KEPT) {
        let _ = fs::remove_file(file);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn fresh(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("portcullis-cache-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn a_new_folder_is_the_users_alone() {
        let folder = fresh("new");
        assert_eq!(owned(&folder.join("portcullis")), Ok(()));
        let mode = fs::metadata(folder.join("portcullis")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_refused() {
        let folder = fresh("open");
        for (mode, taken) in [(0o777, false), (0o770, false), (0o702, false), (0o755, true)] {
            fs::create_dir_all(&folder).unwrap();
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(owned(&folder).is_ok(), taken, "{mode:o}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    /// Only the administrator can give a folder away.
    #[test]
    fn somebody_elses_folder_is_refused() {
        let folder = fresh("foreign");
        fs::create_dir_all(&folder).unwrap();
        if std::os::unix::fs::chown(&folder, Some(65_534), None).is_ok() {
            assert_eq!(owned(&folder), Err("it belongs to somebody else".to_owned()));
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_link_and_a_file_are_no_folder() {
        let folder = fresh("link");
        fs::create_dir_all(folder.join("real")).unwrap();
        std::os::unix::fs::symlink(folder.join("real"), folder.join("link")).unwrap();
        fs::write(folder.join("file"), "").unwrap();
        assert!(owned(&folder.join("link")).is_err());
        assert!(owned(&folder.join("file")).is_err());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn only_the_newest_are_kept() {
        let folder = fresh("prune");
        fs::create_dir_all(&folder).unwrap();
        for number in 0..KEPT + 3 {
            fs::write(folder.join(format!("{number}.cwasm")), "").unwrap();
        }
        prune(&folder);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), KEPT);
        fs::remove_dir_all(folder).unwrap();
    }
}
