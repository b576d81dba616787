//! `portcullis import` from the outside: `import/SYSTEM/NAME.yaml` beside what it comes to, `NAME.out`, and the report with the exit code,
//! `NAME.report`. Arguments stand in the first line. `UPDATE_GOLDEN=1` writes the latter two.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

#[path = "support/golden.rs"]
mod golden;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The systems, each with the least number of files.
const SYSTEMS: [(&str, usize); 2] = [("istio", 40), ("openapi", 6)];

fn folder(system: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import").join(system)
}

/// Exit code, standard output, standard error.
fn portcullis(system: &str, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    let output = command.current_dir(folder(system)).args(arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The files, each with the arguments that it names.
fn files(system: &str) -> Vec<(String, Vec<String>)> {
    let names = std::fs::read_dir(folder(system)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".yaml")).collect();
    names.sort();
    let arguments = |name: &String| -> Vec<String> {
        let text = std::fs::read_to_string(folder(system).join(name)).unwrap();
        let named = text.lines().next().and_then(|line| line.strip_prefix("# arguments: ")).unwrap_or_default();
        named.split_whitespace().map(str::to_owned).collect()
    };
    names.into_iter().map(|name| (name.clone(), arguments(&name))).collect()
}

/// Whether `said` is what the file `golden` holds; it then does if it is to be updated.
fn is_golden(system: &str, golden: &str, said: &str) -> bool {
    golden::holds(&folder(system).join(golden), said)
}

#[test]
fn every_file_comes_to_what_stands_beside_it() {
    for (system, least) in SYSTEMS {
        assert!(files(system).len() >= least);
        for (file, arguments) in files(system) {
            let arguments: Vec<&str> =
                ["import", system, &file].into_iter().chain(arguments.iter().map(String::as_str)).collect();
            let (code, imported, report) = portcullis(system, &arguments);
            let name = file.trim_end_matches(".yaml");
            assert_eq!(code != 0, name.ends_with("_refused"), "{file}: {report}");
            assert!(is_golden(system, &format!("{name}.out"), &imported), "{file}: {imported}");
            let said = format!("{report}exit code {code}\n");
            assert!(is_golden(system, &format!("{name}.report"), &said), "{file}: {said}");
        }
    }
}

/// A proxy would load it, and nothing in it is suspicious.
#[test]
fn whatever_is_imported_passes_the_check() {
    for (system, _) in SYSTEMS {
        for (file, _) in files(system) {
            let imported = format!("{}.out", file.trim_end_matches(".yaml"));
            if std::fs::read_to_string(folder(system).join(&imported)).unwrap().is_empty() {
                continue;
            }
            let (code, findings, _) = portcullis(system, &["check", "--deny-warnings", &imported]);
            assert_eq!(code, 0, "{findings}");
        }
    }
}

#[test]
fn no_key_of_a_refused_file_is_printed() {
    let (_, imported, report) = portcullis("istio", &["import", "istio", "authentication_keys_refused.yaml"]);
    assert!(!format!("{imported}{report}").contains("planted"), "{report}");
}
