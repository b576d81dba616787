//! `policies/`: its README shows what its commands print, and every policy says what people need. `UPDATE_GOLDEN=1` writes the outputs
//! into the README.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis_cli::policy_file::PolicyFile;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The README in pieces: text, and the commands in its blocks of `console`.
enum Piece {
    Text(String),
    Command { command: String, output: String },
}

fn pieces(readme: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut lines = readme.lines().peekable();
    let mut in_block = false;
    while let Some(line) = lines.next() {
        in_block = if in_block { line != "```" } else { line == "```console" };
        let Some(first) = line.strip_prefix("$ ").filter(|_| in_block) else {
            pieces.push(Piece::Text(format!("{line}\n")));
            continue;
        };
        let mut command = format!("{first}\n");
        while command.contains("<<'EOF'") && !command.ends_with("\nEOF\n") {
            command += &format!("{}\n", lines.next().unwrap());
        }
        let mut output = String::new();
        while let Some(line) = lines.next_if(|line| *line != "```" && !line.starts_with("$ ")) {
            output += &format!("{line}\n");
        }
        pieces.push(Piece::Command { command, output });
    }
    pieces
}

/// A folder where the repository seems to be.
fn workplace() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("policies");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for name in ["policies", "target", ".venv"] {
        symlink(root().join(name), folder.join(name)).unwrap();
    }
    folder
}

fn run(folder: &Path, command: &str) -> String {
    let binaries = Path::new(env!("CARGO_BIN_EXE_portcullis")).parent().unwrap();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap());
    let script = format!("exec 2>&1\n{command}");
    let output = Command::new("bash").args(["-c", &script]).current_dir(folder).env("PATH", path).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_readme_shows_what_its_commands_print() {
    let readme = root().join("policies/README.md");
    let text = fs::read_to_string(&readme).unwrap();
    let folder = workplace();
    let mut said = String::new();
    for piece in pieces(&text) {
        match piece {
            Piece::Text(line) => said += &line,
            // `make setup` brings it.
            Piece::Command { command, output } if command.starts_with(".venv/") && !root().join(".venv/bin/envoy").exists() => {
                said += &format!("$ {command}{output}");
            }
            Piece::Command { command, .. } => said += &format!("$ {command}{}", run(&folder, &command)),
        }
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&readme, &said).unwrap();
    }
    assert!(fs::read_to_string(&readme).unwrap() == said, "{said}");
}

fn policies() -> Vec<PathBuf> {
    let folders = fs::read_dir(root().join("policies")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    files.filter(|path| !path.to_str().unwrap().ends_with(".test.yaml")).collect()
}

#[test]
fn every_policy_says_what_people_need() {
    assert!(policies().len() > 20);
    for path in policies() {
        let policy = PolicyFile::read(&path).unwrap();
        assert_eq!(path.parent().unwrap().file_name().unwrap(), policy.plugin.as_str(), "{}", path.display());
        assert!(policy.name.is_some(), "{}", path.display());
        let description = policy.description.unwrap_or_default();
        for part in ["For ", "Change: ", "Stands behind: ", "The proxy: ", "What it does not do: "] {
            let found = description.lines().filter(|line| line.starts_with(part)).count();
            assert_eq!(found, 1, "{}: `{part}`", path.display());
        }
        assert!(path.with_extension("test.yaml").is_file(), "{}: no tests", path.display());
    }
}

#[test]
fn the_readme_lists_every_policy_once() {
    let readme = fs::read_to_string(root().join("policies/README.md")).unwrap();
    for path in policies() {
        let (plugin, name) = (path.parent().unwrap().file_name().unwrap(), path.file_stem().unwrap());
        let (plugin, name) = (plugin.to_str().unwrap(), name.to_str().unwrap());
        let row = format!("[{name}]({plugin}/{name}.yaml)");
        assert_eq!(readme.matches(&row).count(), 1, "{row}");
    }
}
