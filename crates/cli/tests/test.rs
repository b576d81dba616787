//! `portcullis test` from the outside: `test/NAME.test.yaml` beside what it prints natively, `NAME.test.yaml.out`, the exit code last.
//! `UPDATE_GOLDEN=1` writes the latter.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

#[path = "support/golden.rs"]
mod golden;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

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
    golden::holds(&folder().join(golden), said)
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

/// `weak` holds tests that pass and show little.
#[test]
fn shows_what_tests_have_not_shown() {
    let (code, coverage) = test(&["--native", "--coverage", "weak"]);
    assert!(code == Some(0) && is_golden("coverage.golden", &coverage), "{coverage}");
    let (code, survivors) = test(&["--native", "--mutate", "weak"]);
    assert!(code == Some(1) && is_golden("mutate.golden", &survivors), "{survivors}");
}

/// A request that jwt-auth refuses says nothing of the rules behind it.
#[test]
fn a_rule_is_hit_by_requests_that_come_to_its_plugin() {
    let (_, coverage) = test(&["--native", "--coverage", "chain.test.yaml"]);
    assert!(is_golden("chain.golden", &coverage), "{coverage}");
}

#[test]
fn too_little_coverage_fails_where_that_is_asked_for() {
    assert_eq!(test(&["--native", "--fail-under-coverage", "33", "weak"]).0, Some(0));
    let (code, text) = test(&["--native", "--fail-under-coverage", "34", "weak"]);
    assert!(code == Some(1) && text.contains("FAIL: fewer than 34 % of the rules"), "{text}");
    assert_eq!(test(&["--native", "--fail-under-coverage", "100", "weak/login.test.yaml"]).0, Some(1));
}

#[test]
fn mutants_need_tests_that_pass() {
    let (code, text) = test(&["--native", "--mutate", "fails.test.yaml"]);
    assert!(code == Some(1) && text.contains("mutants: none, for they need tests that pass"), "{text}");
}

#[test]
fn only_cases_with_the_text_in_their_names_are_run() {
    let (code, text) = test(&["--native", "--filter", "guest", "passes.test.yaml", "chain.test.yaml"]);
    assert_eq!((code, text.as_str()), (Some(0), "ok   passes.test.yaml: 1 passed\n1 passed, 0 failed\n"));
    let (code, text) = test(&["--native", "--filter", "elephant", "passes.test.yaml"]);
    assert_eq!((code, text.as_str()), (Some(2), "no case has `elephant` in its name\n"));
}

#[test]
fn files_come_in_order_however_many_are_tested_at_once() {
    let files = ["passes.test.yaml", "fails.test.yaml", "chain.test.yaml", "refused.test.yaml"];
    let with = |jobs: &str| test(&[&["--native", "--jobs", jobs], &files[..]].concat());
    assert_eq!(with("1"), with("4"));
}

#[test]
fn a_policy_stands_for_the_tests_beside_it_and_each_file_is_tested_once() {
    let (code, text) = test(&["--native", "weak/login.yaml", "./weak/login.test.yaml"]);
    assert_eq!((code, text.as_str()), (Some(0), "ok   weak/login.test.yaml: 2 passed\n2 passed, 0 failed\n"));
    let (code, text) = test(&["--native", "weak/untested.yaml"]);
    assert_eq!((code, text.as_str()), (Some(2), "weak/untested.yaml: no tests at weak/untested.test.yaml\n"));
    assert_eq!(test(&["--native", "nowhere"]).1, "nowhere: no such file\n");
}

#[test]
fn a_module_that_is_nowhere_is_told_with_the_places() {
    let (code, text) = test(&["--modules", "weak", "passes.test.yaml"]);
    assert!(code == Some(2) && text.starts_with("no `rbac.wasm` in `weak`; `make wasm` builds"), "{text}");
    let elsewhere = std::env::temp_dir();
    let output = command(&["passes.test.yaml"]).env("PORTCULLIS_MODULES", &elsewhere).output().unwrap();
    assert!(self::text(&output).starts_with(&format!("no `rbac.wasm` in `{}`;", elsewhere.display())));
}

#[test]
fn colours_are_for_terminals() {
    let coloured = command(&["--native", "passes.test.yaml"]).env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR").output().unwrap();
    assert!(text(&coloured).contains("\u{1b}["));
    let plain = command(&["--native", "passes.test.yaml"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().unwrap();
    assert!(!text(&plain).contains('\u{1b}'));
}

#[test]
fn writes_junit() {
    let file = scratch("junit").join("report.xml");
    let (code, _) =
        test(&["--native", "--junit", file.to_str().unwrap(), "passes.test.yaml", "fails.test.yaml", "unknown.test.yaml"]);
    assert_eq!(code, Some(2));
    let report = without_times(&std::fs::read_to_string(&file).unwrap());
    assert!(is_golden("junit.golden", &report), "{report}");
}

fn without_times(report: &str) -> String {
    let mut parts = report.split(" time=\"");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| format!("{text} time=\"0.000\"{}", part.split_once('"').unwrap().1))
}

/// A folder of its own for the test `name`.
fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("portcullis-test-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Everything that stands between a changed file and its result.
#[test]
fn runs_again_when_a_file_changes() {
    let folder = scratch("watch");
    for file in ["orders.yaml", "passes.test.yaml"] {
        std::fs::copy(self::folder().join(file), folder.join(file)).unwrap();
    }
    let mut child = command(&["--native", "--watch", "passes.test.yaml"])
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut closing = || lines.by_ref().find(|line| line.ends_with(" failed") && !line.contains(':'));
    assert_eq!(closing().unwrap(), "3 passed, 0 failed");
    let policy = std::fs::read_to_string(folder.join("orders.yaml")).unwrap();
    let write = |policy: &str| {
        // At once: a run must not find half of it.
        std::fs::write(folder.join("new"), policy).unwrap();
        std::fs::rename(folder.join("new"), folder.join("orders.yaml")).unwrap();
    };
    write(&policy.replace("acme", "acme inc"));
    assert_eq!(closing().unwrap(), "2 passed, 1 failed");
    write(&policy);
    assert_eq!(closing().unwrap(), "3 passed, 0 failed");
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

/// Lines of a page may be left out, and none is other than it is printed.
#[test]
fn the_page_shows_what_is_printed() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli/test.md")).unwrap();
    let shown: Vec<&str> =
        page.split("```\n$ portcullis test ").skip(1).map(|block| block.split("\n```").next().unwrap()).collect();
    assert!(shown.len() >= 3);
    for block in shown {
        let (arguments, lines) = block.split_once('\n').unwrap();
        let (_, output) = test(&[vec!["--native"], arguments.split(' ').collect()].concat());
        let mut output = output.lines();
        for line in lines.lines().filter(|line| *line != "…") {
            assert!(output.any(|printed| printed == line), "`{arguments}` does not print `{line}`");
        }
    }
}
