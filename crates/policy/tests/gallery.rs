//! Wrong expressions and what is said of them: `gallery/NAME.cel` beside `gallery/NAME.err`. `UPDATE_GOLDEN=1` writes the latter.
//! The first line of an expression may say where it stands: `// scope: token; raw_path; params id, order; phase body; result string`.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::path::{Path, PathBuf};

use portcullis_policy::{Phase, Problem, Scope, Type, compile};

#[test]
fn every_wrong_expression_is_explained() {
    let mut different = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 40, "only {} cases", cases.len());
    for case in &cases {
        let source = std::fs::read_to_string(case).unwrap();
        let said = explanation(source.trim_end());
        let golden = case.with_extension("err");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, &said).unwrap();
        }
        if std::fs::read_to_string(&golden).ok().as_ref() != Some(&said) {
            different.push(format!("{}\n{said}", golden.display()));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// The errors; where there are none, the warnings and what may be absent.
fn explanation(source: &str) -> String {
    let captures: Vec<String> =
        setting(source, "params").map(|names| names.split(", ").map(str::to_owned).collect()).unwrap_or_default();
    let scope = Scope {
        token: setting(source, "token").is_some(),
        raw_path: setting(source, "raw_path").is_some(),
        params: setting(source, "params").is_some().then_some(captures.as_slice()),
        phase: if setting(source, "phase").is_some() { Phase::Body } else { Phase::Request },
        result: if setting(source, "result").is_some() { Type::String } else { Type::Bool },
        ..Scope::condition()
    };
    match compile(source, &scope) {
        Err(problems) => problems.render(source) + "\n",
        Ok(expression) => {
            let line = |kind: &str, problem: &Problem| format!("{kind}: {problem}\n");
            let warnings = expression.warnings().iter().map(|problem| line("warning", problem));
            let unguarded = expression.unguarded().iter().map(|problem| line("unguarded", problem));
            warnings.chain(unguarded).collect()
        }
    }
}

/// The value of a setting of the first line; empty for one without value.
fn setting<'s>(source: &'s str, name: &str) -> Option<&'s str> {
    let settings = source.lines().next()?.strip_prefix("// scope: ")?;
    settings.split("; ").find_map(|setting| setting.strip_prefix(name)).map(str::trim)
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gallery");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|extension| extension == "cel")).collect();
    cases.sort();
    cases
}
