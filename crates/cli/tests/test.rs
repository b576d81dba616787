//! `portcullis test` from the outside: `test/NAME.test.yaml` beside what it prints natively, `NAME.test.yaml.out`, the exit code last.
//! `UPDATE_GOLDEN=1` writes the latter.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/test")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    command.current_dir(folder()).arg("test").args(arguments);
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn test(arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(arguments).output().unwrap();
    (output.status.code(), text(&output))
}

fn is_golden(golden: &str, said: &str) -> bool {
    let golden = folder().join(golden);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, said).unwrap();
    }
    std::fs::read_to_string(&golden).is_ok_and(|known| known == said)
}

#[test]
fn says_what_became_of_every_file() {
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".test.yaml")).collect();
    names.sort();
    assert!(names.len() >= 8);
    for name in names {
        let (code, text) = test(&["--native", &name]);
        let said = format!("{text}exit code {}\n", code.unwrap());
        assert!(is_golden(&format!("{name}.out"), &said), "{said}");
    }
}
