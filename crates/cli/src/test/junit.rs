//! JUnit XML, as continuous integration reads it.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use portcullis_cases::runner::Failure;

use super::report;
use super::runner::{CaseRun, FileRun};

/// A report that is being written.
#[derive(Debug, Default)]
pub(crate) struct Junit {
    suites: String,
    tests: usize,
    failures: usize,
    errors: usize,
}

impl Junit {
    /// Adds a suite: the cases of a file.
    pub(crate) fn add(&mut self, run: &FileRun<'_>) {
        let (path, tests, failures) = (attribute(&run.file.path.display().to_string()), run.cases.len(), run.failed());
        let time = seconds(run.cases.iter().map(|case| case.elapsed).sum());
        let _ = writeln!(
            self.suites,
            r#"  <testsuite name="{path}" tests="{tests}" failures="{failures}" errors="0" skipped="0" time="{time}">"#
        );
        run.cases.iter().for_each(|case| self.case(&path, case));
        self.suites += "  </testsuite>\n";
        self.tests += tests;
        self.failures += failures;
    }

    fn case(&mut self, path: &str, case: &CaseRun<'_>) {
        let (name, line, time) = (attribute(&case.case.name), case.at.line, seconds(case.elapsed));
        let _ =
            write!(self.suites, r#"    <testcase classname="{path}" name="{name}" file="{path}" line="{line}" time="{time}""#);
        if case.run.failures.is_empty() {
            self.suites += "/>\n";
            return;
        }
        let message = case.run.failures.first().map(message).unwrap_or_default();
        let failures: Vec<String> = case.run.failures.iter().map(|failure| report::failure(case, failure)).collect();
        let (message, failures) = (attribute(&message), text(&failures.join("\n")));
        let _ = writeln!(self.suites, ">\n      <failure message=\"{message}\">{failures}</failure>\n    </testcase>");
    }

    /// Adds a file that could not be tested.
    pub(crate) fn add_broken(&mut self, path: &Path, error: &str) {
        let path = attribute(&path.display().to_string());
        let (message, error) = (attribute(error.lines().next().unwrap_or_default()), text(error));
        let _ = writeln!(
            self.suites,
            "  <testsuite name=\"{path}\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0.000\">\n    \
             <testcase classname=\"{path}\" name=\"can be tested\" file=\"{path}\" time=\"0.000\">\n      \
             <error message=\"{message}\">{error}</error>\n    </testcase>\n  </testsuite>"
        );
        self.tests += 1;
        self.errors += 1;
    }

    /// The whole report.
    pub(crate) fn finish(&self) -> String {
        let Self { suites, tests, failures, errors } = self;
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites name=\"portcullis\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n{suites}</testsuites>\n"
        )
    }
}

/// The first thing that is wrong.
fn message(failure: &Failure) -> String {
    match failure {
        Failure::Request { differences, .. } => differences.first().cloned().unwrap_or_default(),
        failure => failure.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.3}", time.as_secs_f64())
}

/// A newline in an attribute would be read as a blank.
fn attribute(value: &str) -> String {
    text(value).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}

/// What XML 1.0 cannot say (section 2.2), also not escaped, is replaced.
fn text(value: &str) -> String {
    let character = |character: char| match character {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '\n' | '\t' => character.to_string(),
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER.to_string(),
        character => character.to_string(),
    };
    value.chars().map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_one_that_xml_has() {
        assert_eq!(text("a<b> & \"c\"\u{0}\u{1b}\n"), "a&lt;b&gt; &amp; \"c\"\u{fffd}\u{fffd}\n");
        assert_eq!(attribute("\"a\"\n\tb<"), "&quot;a&quot;&#10;&#9;b&lt;");
    }

    #[test]
    fn a_broken_file_is_an_error_of_its_own() {
        let mut junit = Junit::default();
        junit.add_broken(Path::new("a.test.yaml"), "a.test.yaml:1:1: error: <\nsecond");
        let report = junit.finish();
        assert!(report.contains("tests=\"1\" failures=\"0\" errors=\"1\""), "{report}");
        assert!(report.contains("<error message=\"a.test.yaml:1:1: error: &lt;\">a.test.yaml:1:1: error: &lt;\nsecond</error>"));
    }
}
