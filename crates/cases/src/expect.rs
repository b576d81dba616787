//! Compares what was seen with what a case expects; each difference is a line.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::case::{Expectation, UpstreamExpectation, UpstreamRequest};
use crate::runner::{HeaderLines, Observed, UpstreamSaw};

/// Everything that differs.
pub(crate) fn differences(expect: &Expectation, seen: &Observed, growth: &BTreeMap<String, i64>) -> Vec<String> {
    let mut found = Vec::new();
    if expect.status.is_some_and(|status| status != seen.status) {
        found.push(differs("status", expect.status, Some(seen.status)));
    }
    if expect.status_in.as_ref().is_some_and(|statuses| !statuses.contains(&seen.status)) {
        found.push(differs("status", &expect.status_in, seen.status));
    }
    found.extend(header_differences("response header", &expect.headers, &seen.headers));
    if let Some(body) = &expect.body {
        let actual: Value = serde_json::from_slice(&seen.body).unwrap_or_else(|_| text(&seen.body).into());
        found.extend((*body != actual).then(|| differs("body", body, &actual)));
    }
    if let Some(upstream) = &expect.upstream {
        found.extend(upstream_differences(upstream, seen));
    }
    for (name, expected) in &expect.metrics {
        let actual = growth.get(name).copied().unwrap_or_default();
        if actual != *expected {
            found.push(format!("metric {name}: expected +{expected}, found +{actual}; what grew: {growth:?}"));
        }
    }
    found.extend(decision_differences(expect.decision.as_ref(), &seen.decisions));
    if expect.details.is_some() && expect.details != seen.details {
        found.push(differs("details", &expect.details, &seen.details));
    }
    for (name, expected) in &expect.filter_state {
        found.extend(match seen.filter_state.get(name) {
            Some(actual) => state_differences(name, expected, actual.as_deref()),
            None => vec![format!("the host does not show the filter state {name}")],
        });
    }
    found
}

/// By how much each metric grew.
pub(crate) fn growth(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    after
        .iter()
        .map(|(name, value)| (name.clone(), value - before.get(name).copied().unwrap_or_default()))
        .filter(|(_, difference)| *difference != 0)
        .collect()
}

/// The upstream's own count says whether a request has reached it: no shape of a response can.
fn upstream_differences(expect: &UpstreamExpectation, seen: &Observed) -> Vec<String> {
    match (expect, seen.upstream_requests, &seen.upstream) {
        (UpstreamExpectation::Nothing, 0, None) => Vec::new(),
        (UpstreamExpectation::Nothing, 0, Some(_)) => vec!["the answer is the upstream's".to_owned()],
        (UpstreamExpectation::Nothing, count, _) => vec![format!("{count} requests have reached the upstream")],
        (UpstreamExpectation::Request(expect), 1, Some(saw)) => request_differences(expect, saw),
        (UpstreamExpectation::Request(_), 1, None) => vec!["the upstream's answer was lost".to_owned()],
        (UpstreamExpectation::Request(_), count, _) => vec![format!("{count} requests have reached the upstream, expected 1")],
    }
}

fn request_differences(expect: &UpstreamRequest, seen: &UpstreamSaw) -> Vec<String> {
    let mut found = header_differences("upstream header", &expect.headers, &seen.headers);
    found.extend(header_differences("upstream trailer", &expect.trailers, &seen.trailers));
    if expect.path.as_ref().is_some_and(|path| *path != text(&seen.path)) {
        found.push(differs("upstream path", &expect.path, text(&seen.path)));
    }
    found
}

fn header_differences(what: &str, expect: &BTreeMap<String, Option<String>>, seen: &HeaderLines) -> Vec<String> {
    let joined = |name: &str| {
        let lines: Vec<String> = seen.iter().filter(|(found, _)| found == name).map(|(_, value)| text(value)).collect();
        (!lines.is_empty()).then(|| lines.join(" | "))
    };
    expect
        .iter()
        .filter(|(name, expected)| joined(name) != **expected)
        .map(|(name, expected)| differs(&format!("{what} {name}"), expected, joined(name)))
        .collect()
}

/// A request leaves one record or none, whatever the case says of it.
fn decision_differences(expect: Option<&Value>, seen: &[Value]) -> Vec<String> {
    let none_expected = expect.is_some_and(|expect| expect == "none");
    match (expect, seen) {
        (_, [_, _, ..]) => vec![format!("expected at most one decision record, found {seen:?}")],
        (Some(_), []) if !none_expected => vec!["expected a decision record, found none".to_owned()],
        (Some(_), [record]) if none_expected => vec![format!("expected no decision record, found {record}")],
        (Some(expect), [record]) => record_differences(expect, record),
        (_, []) | (None, [_]) => Vec::new(),
    }
}

/// Claims leave by a list: one more than expected is a difference too.
fn record_differences(expect: &Value, record: &Value) -> Vec<String> {
    let members = expect.as_object().into_iter().flatten();
    let differences = members.flat_map(|(name, expected)| {
        let (at, actual) = (format!("decision.{name}"), record.get(name).unwrap_or(&Value::Null));
        if name == "claims" && expected != actual {
            return vec![differs(&at, expected, actual)];
        }
        member_differences(&at, expected, actual)
    });
    differences.collect()
}

fn state_differences(name: &str, expect: &Value, seen: Option<&[u8]>) -> Vec<String> {
    let what = format!("filter state {name}");
    match (expect, seen) {
        (Value::Null, None) => Vec::new(),
        (_, None) => vec![format!("{what} is absent")],
        (Value::Object(_), Some(bytes)) => {
            let actual = serde_json::from_slice(bytes).unwrap_or(Value::Null);
            member_differences(&what, expect, &actual)
        }
        (_, Some(bytes)) if expect.as_str() == Some(&text(bytes)) => Vec::new(),
        (_, Some(bytes)) => vec![differs(&what, expect, text(bytes))],
    }
}

/// Every member of `expect` that `seen` does not have, or has otherwise; further members do not matter.
fn member_differences(at: &str, expect: &Value, seen: &Value) -> Vec<String> {
    match expect {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, member)| member_differences(&format!("{at}.{key}"), member, seen.get(key).unwrap_or(&Value::Null)))
            .collect(),
        _ if expect == seen => Vec::new(),
        _ => vec![differs(at, expect, seen)],
    }
}

fn differs(what: &str, expected: impl std::fmt::Debug, found: impl std::fmt::Debug) -> String {
    format!("{what}: expected {expected:?}, found {found:?}")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
