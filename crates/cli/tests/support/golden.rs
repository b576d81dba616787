//! What a command prints, held to a file. `UPDATE_GOLDEN=1` writes the file.

use std::path::Path;

/// Whether `said` is what the file `golden` holds; it then does if it is to be updated.
pub(crate) fn holds(golden: &Path, said: &str) -> bool {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, said).unwrap();
    }
    std::fs::read_to_string(golden).is_ok_and(|known| known == said)
}
