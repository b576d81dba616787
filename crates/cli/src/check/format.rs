//! How findings are written.

mod sarif;

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::Report;
use super::finding::{Finding, Level};

/// A way to write findings.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// A list of findings
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

impl Format {
    /// `report`, ending in a newline.
    pub(crate) fn write(self, report: &Report) -> String {
        match self {
            Self::Text => text(report),
            Self::Json => format!("{:#}\n", report.findings.iter().map(json).collect::<Json>()),
            Self::Sarif => format!("{:#}\n", sarif::log(&report.findings)),
        }
    }
}

/// The findings of `report` for people.
pub(super) fn lines(report: &Report) -> String {
    report.findings.iter().map(line).collect()
}

fn text(report: &Report) -> String {
    let mut text = lines(report);
    let counted = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let (errors, warnings) = (report.count(Level::Error), report.count(Level::Warning));
    let _ = writeln!(
        text,
        "{}: {}, {}",
        counted(report.configurations, "configuration"),
        counted(errors, "error"),
        counted(warnings, "warning")
    );
    text
}

/// `file:line:column: error: path: message`, and the line of the expression.
pub(crate) fn line(finding: &Finding) -> String {
    let Finding { file, at, path, message, excerpt, .. } = finding;
    let within = finding.in_expression.map(|inner| format!(":{}:{}", inner.line, inner.column)).unwrap_or_default();
    let path = if path.is_empty() { String::new() } else { format!("{path}{within}: ") };
    let mut text = format!("{file}:{}:{}: {}: {path}{message}\n", at.line, at.column, finding.level().name());
    excerpt.iter().for_each(|line| text.extend([line, "\n"]));
    text
}

fn json(finding: &Finding) -> Json {
    let mut json = json!({
        "file": finding.file,
        "path": finding.path,
        "line": finding.at.line,
        "column": finding.at.column,
        "level": finding.level().name(),
        "rule": finding.rule.id(),
        "message": finding.message,
    });
    if let (Some(inner), Some(json)) = (finding.in_expression, json.as_object_mut()) {
        json.insert("expression".to_owned(), json!({"line": inner.line, "column": inner.column}));
    }
    json
}
