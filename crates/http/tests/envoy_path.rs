//! Envoy's and Istio's own path cases, written by none of this project's people: where we let a path pass, we read it as they do.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use portcullis_config::OnAmbiguous::{Reject, Rewrite};
use portcullis_http::{RequestTarget, canonical};
use serde_json::Value;

/// Rows where Envoy refuses and we do not, each with the reason.
const EXCUSED: [(&str, &str); 1] = [(
    "uhv/NormalizePathUriAuthorityFormWithPathConnect#26",
    "an extended CONNECT (RFC 8441) has a path, and rules for paths then judge it",
)];

#[test]
fn what_passes_is_read_as_envoy_reads_it() {
    let Some(rows) = portcullis_suites::rows("envoy-path/path_normalisation.jsonl") else { return };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        *counts.entry(verdict(row)).or_default() += 1;
    }
    println!("envoy-path, {} rows: {counts:?}", rows.len());
    assert_eq!(rows.len(), 101);
    assert_eq!(counts.get("excused"), Some(&EXCUSED.len()));
    assert!(counts.get("same").is_some_and(|same| *same >= 36), "{counts:?}");
    assert!(counts.get("both refuse").is_some_and(|both| *both >= 11), "{counts:?}");
}

/// What became of a row; a row where we read another path than Envoy, or pass what it refuses, is a failure.
fn verdict(row: &Value) -> &'static str {
    let id = text(row, "id");
    let ours = RequestTarget::parse(row["method"].as_str().unwrap_or("GET").as_bytes(), text(row, "path_in").as_bytes(), Rewrite);
    let refused_by_envoy = matches!(text(row, "action"), "Reject" | "Redirect");
    match (ours, refused_by_envoy) {
        (Err(_), true) => "both refuse",
        (Err(_), false) => "we are stricter",
        (Ok(_), true) if EXCUSED.iter().any(|(excused, _)| *excused == id) => "excused",
        (Ok(target), true) => panic!("{id}: Envoy refuses what we read as {target:?}"),
        (Ok(target), false) => match row["path_out"].as_str() {
            None => "both pass, the row has no result",
            Some(theirs) => {
                assert_same(id, text(row, "path_in"), &target, theirs);
                "same"
            }
        },
    }
}

/// The paths are the same once decoded; and where nothing but slashes changed, so is what goes to the upstream.
fn assert_same(id: &str, path_in: &str, target: &RequestTarget<'_>, theirs: &str) {
    let ours = target.path().map(|path| path.as_str());
    let reread = canonical(theirs.as_bytes(), Reject).unwrap_or_else(|doubt| panic!("{id}: Envoy left {doubt} in {theirs:?}"));
    assert_eq!(ours, Some(reread.as_str()), "{id}");
    if id.contains("/MergeSlashes#") {
        assert_eq!(target.rewritten().unwrap_or(path_in), theirs, "{id}");
    }
}

#[test]
fn what_passes_means_the_same_in_every_mode_of_istio() {
    let Some(rows) = portcullis_suites::rows("istio/path_normalization.jsonl") else { return };
    let (mut accepted, mut refused) = (0, 0);
    for row in &rows {
        let path_in = text(row, "path_in");
        let Ok(ours) = canonical(path_in.as_bytes(), Reject) else {
            refused += 1;
            continue;
        };
        let theirs = row["path_out"].as_str().unwrap_or_else(|| panic!("{path_in:?} passes, and Istio refuses it"));
        let reread =
            canonical(theirs.as_bytes(), Reject).unwrap_or_else(|doubt| panic!("{path_in:?} became {theirs:?}: {doubt}"));
        assert_eq!(reread.as_str(), ours.as_str(), "{path_in:?} in mode {}", text(row, "normalization"));
        accepted += 1;
    }
    println!("istio, {} rows: {accepted} mean the same in every mode, {refused} are refused", rows.len());
    assert_eq!(rows.len(), 345);
    assert!(accepted >= 114 && refused >= 150, "{accepted} accepted, {refused} refused");
}

/// Istio leaves path parameters in, so its result is read by our rules once more before it is compared.
#[test]
fn what_is_rewritten_is_what_istio_would_have_made_of_it() {
    let Some(rows) = portcullis_suites::rows("istio/path_normalization.jsonl") else { return };
    let mut compared = 0;
    for row in rows.iter().filter(|row| text(row, "normalization").contains("MERGE_SLASHES")) {
        let path_in = text(row, "path_in");
        let Ok(ours) = canonical(path_in.as_bytes(), Rewrite) else { continue };
        let theirs = row["path_out"].as_str().unwrap_or_else(|| panic!("{path_in:?} passes, and Istio refuses it"));
        let reread =
            canonical(theirs.as_bytes(), Rewrite).unwrap_or_else(|doubt| panic!("{path_in:?} became {theirs:?}: {doubt}"));
        assert_eq!(reread.as_str(), ours.as_str(), "{path_in:?}");
        compared += 1;
    }
    println!("istio, merging modes: {compared} rewritten alike");
    assert!(compared >= 129, "{compared}");
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap()
}
