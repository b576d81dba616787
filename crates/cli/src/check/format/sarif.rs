//! SARIF 2.1.0 (OASIS): what code scanning services read.

use serde_json::{Value as Json, json};

use crate::check::finding::{Finding, Rule};

/// The log of one run with `findings`.
pub(super) fn log(findings: &[Finding]) -> Json {
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "portcullis",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": Rule::ALL.map(rule),
            }},
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn rule(rule: Rule) -> Json {
    json!({
        "id": rule.id(),
        "shortDescription": {"text": rule.about()},
        "defaultConfiguration": {"level": rule.level().name()},
    })
}

fn result(finding: &Finding) -> Json {
    let mut location = json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&finding.file)},
        "region": {"startLine": finding.at.line, "startColumn": finding.at.column},
    }});
    if let (false, Some(location)) = (finding.path.is_empty(), location.as_object_mut()) {
        location.insert("logicalLocations".to_owned(), json!([{"fullyQualifiedName": finding.path}]));
    }
    json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": Rule::ALL.iter().position(|rule| *rule == finding.rule),
        "level": finding.level().name(),
        "message": {"text": message(finding)},
        "locations": [location],
    })
}

fn message(finding: &Finding) -> String {
    let path = if finding.path.is_empty() { String::new() } else { format!("{}: ", finding.path) };
    let excerpt: String = finding.excerpt.iter().map(|line| format!("\n{line}")).collect();
    format!("{path}{}{excerpt}", finding.message)
}

/// A relative reference or a path (RFC 3986): what is no plain character of a path is escaped, for a colon in a relative one too.
fn uri(file: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/');
    let byte = |byte: u8| match byte {
        b'\\' if cfg!(windows) => "/".to_owned(),
        byte if plain(byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    file.bytes().map(byte).collect()
}
