//! The page of the functions and operators.

use portcullis_policy::{Function, GROUPS, Work};
use serde_json::{Value, json};

use super::{GENERATED, cell, code};

pub(super) fn page() -> String {
    let mut text = format!(
        "{GENERATED}\n# Functions and operators\n\nCapitals stand for any type, `N` for any kind of number. The examples are of the \
         [request of all examples](attributes.md); each is a test.\n`error` is an answer, too: an expression that fails neither \
         allows nor frees. What a call costs, by its kind of work, is on the page about [cost](cost.md).\n"
    );
    for group in GROUPS {
        text += &format!("\n## {}\n\n", group.title);
        if !group.doc.is_empty() {
            text += &format!("{}\n\n", group.doc);
        }
        text += "| signature | meaning | example | answers | work |\n|---|---|---|---|---|\n";
        group.functions.iter().for_each(|function| text += &row(function));
    }
    text
}

fn row(function: &Function) -> String {
    let column = |part: fn(&(&'static str, &'static str)) -> &'static str| {
        function.examples.iter().map(|example| code(part(example))).collect::<Vec<_>>().join("<br>")
    };
    let signatures = function.signatures.iter().map(|signature| code(signature)).collect::<Vec<_>>().join("<br>");
    let (examples, results) = (column(|example| example.0), column(|example| example.1));
    format!("| {signatures} | {} | {examples} | {results} | {} |\n", cell(function.doc), work(function.work))
}

/// Its word on the page about cost.
pub(super) const fn work(work: Work) -> &'static str {
    match work {
        Work::Fixed => "fixed",
        Work::Text => "text",
        Work::Regex => "pattern",
        Work::Elements => "elements",
        Work::Pairs => "pairs",
    }
}

/// What can be called, for editors.
pub(super) fn completion() -> Vec<Value> {
    let all = GROUPS.iter().flat_map(|group| group.functions);
    let called = all.filter(|function| function.name.starts_with(|c: char| c.is_ascii_alphabetic()));
    called.map(|function| json!({"name": function.name, "signatures": function.signatures, "doc": function.doc})).collect()
}
