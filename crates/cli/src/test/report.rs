//! What came of the tests, for people.

use std::fmt::Write as _;
use std::path::Path;

use portcullis_cases::runner::Failure;

use super::runner::{CaseRun, FileRun};
use crate::check::file::judge;
use crate::check::finding::Level;
use crate::check::format::line;
use crate::terminal::{bad, good, strong};

/// The plugin as it is linked into this program takes what its module refuses.
const OTHER_VERSION: &str = "(`--native` takes it: the modules are of another version, and `make wasm` builds them)";

/// A line for the file, and what failed below it.
pub(crate) fn file(run: &FileRun<'_>) -> String {
    let (passed, failed, path) = (run.passed(), run.failed(), run.file.path.display());
    if failed == 0 {
        return format!("{}   {path}: {passed} passed\n", good("ok"));
    }
    let mut text = format!("{} {path}: {passed} passed, {failed} failed\n", bad("FAIL"));
    match run.refused() {
        Some(message) => text += &indented(2, &refused(run, message)),
        None => run.cases.iter().for_each(|case| text += &failures(&run.file.path, case)),
    }
    text
}

/// A file that could not be tested, and why.
pub(crate) fn broken(path: &Path, error: &str) -> String {
    format!("{} {}: cannot be tested\n{}", bad("FAIL"), path.display(), indented(2, error))
}

/// The place of a case, its name, and what failed in it.
fn failures(path: &Path, case: &CaseRun<'_>) -> String {
    let mut text = String::new();
    for (number, failure) in case.run.failures.iter().enumerate() {
        if number == 0 {
            let _ = writeln!(text, "  {}:{}:{}: {}", path.display(), case.at.line, case.at.column, strong(&case.case.name));
        }
        text += &indented(4, &self::failure(case, failure));
    }
    text
}

/// Of a case with one request its number says nothing.
pub(crate) fn failure(case: &CaseRun<'_>, failure: &Failure) -> String {
    match failure {
        Failure::Request { request, differences, .. } if case.case.requests.len() == 1 => {
            format!("{request}\n  {}", differences.join("\n  "))
        }
        failure => failure.to_string(),
    }
}

/// What `portcullis check` says of the chain's policies; what the plugin said, where that is nothing.
pub(crate) fn refused(run: &FileRun<'_>, message: &str) -> String {
    let findings = run.file.chain.iter().flat_map(|link| {
        let text = std::fs::read_to_string(&link.path).unwrap_or_default();
        judge(&link.path.display().to_string(), &text, None).findings
    });
    let errors: String = findings.filter(|finding| finding.level() == Level::Error).map(|finding| line(&finding)).collect();
    match (errors.is_empty(), run.native) {
        (true, true) => format!("the configuration was refused: {message}"),
        (true, false) => format!("the configuration was refused: {message}\n{OTHER_VERSION}"),
        (false, _) => errors,
    }
}

fn indented(by: usize, text: &str) -> String {
    text.lines().fold(String::new(), |mut indented, line| {
        let _ = writeln!(indented, "{:by$}{line}", "");
        indented
    })
}
