//! Compares what was seen with what a case expects; each difference is a line.

mod shown;

use std::collections::BTreeMap;
use std::fmt::Display;

use serde_json::Value;

use crate::case::{Expectation, UpstreamExpectation, UpstreamRequest};
use crate::reasons::reasons;
use crate::runner::{HeaderLines, Observed, UpstreamSaw};
use shown::{line, member, pair, text};

/// Everything that differs; below what is about the decision, indented, who decided and why.
pub(crate) fn differences(expect: &Expectation, seen: &Observed, growth: &BTreeMap<String, i64>) -> Vec<String> {
    let mut found = status_differences(expect, seen);
    found.extend(decision_differences(expect.decision.as_ref(), &seen.decisions));
    if let Some(details) = expect.details.as_ref().filter(|details| Some(*details) != seen.details.as_ref()) {
        found.push(differs("details", line(Some(details)), line(seen.details.as_deref())));
    }
    if let Some(upstream) = &expect.upstream {
        found.extend(upstream_differences(upstream, seen));
    }
    if !found.is_empty() {
        found.extend(reasons(seen, growth).into_iter().map(|reason| format!("  {reason}")));
    }
    found.extend(header_differences("response header", &expect.headers, &seen.headers));
    if let Some(body) = &expect.body {
        let actual: Value = serde_json::from_slice(&seen.body).unwrap_or_else(|_| text(&seen.body).into());
        found.extend(whole_differences("body", body, &actual));
    }
    if let Some(asked) = expect.asked.as_ref().filter(|asked| **asked != seen.asked) {
        let list = |questions: &[Value]| member(&Value::Array(questions.to_vec()));
        found.push(differs("asked", list(asked), list(&seen.asked)));
    }
    found.extend(metric_differences(&expect.metrics, growth));
    for (name, expected) in &expect.filter_state {
        found.extend(match seen.filter_state.get(name) {
            Some(actual) => state_differences(name, expected, actual.as_deref()),
            None => vec![format!("the host does not show the filter state {name}")],
        });
    }
    found
}

fn status_differences(expect: &Expectation, seen: &Observed) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(status) = expect.status.filter(|status| *status != seen.status) {
        found.push(differs("status", status, seen.status));
    }
    if let Some(statuses) = expect.status_in.as_ref().filter(|statuses| !statuses.contains(&seen.status)) {
        let statuses: Vec<String> = statuses.iter().map(ToString::to_string).collect();
        found.push(differs("status", statuses.join(" or "), seen.status));
    }
    found
}

fn metric_differences(expect: &BTreeMap<String, i64>, growth: &BTreeMap<String, i64>) -> Vec<String> {
    let actual = |name: &str| growth.get(name).copied().unwrap_or_default();
    let wrong = expect.iter().filter(|(name, expected)| actual(name) != **expected);
    let mut found: Vec<String> = wrong
        .map(|(name, expected)| differs(&format!("metric {name}"), format!("+{expected}"), format!("+{}", actual(name))))
        .collect();
    if !found.is_empty() {
        found.extend(growth.iter().map(|(name, by)| format!("  what grew: {name} +{by}")));
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
    let counted = |count: usize| if count == 1 { "a request".to_owned() } else { format!("{count} requests") };
    match (expect, seen.upstream_requests, &seen.upstream) {
        (UpstreamExpectation::Nothing, 0, None) => Vec::new(),
        (UpstreamExpectation::Nothing, 0, Some(_)) => vec![differs("upstream", "nothing", "its answer")],
        (UpstreamExpectation::Nothing, count, _) => vec![differs("upstream", "nothing", counted(count))],
        (UpstreamExpectation::Request(expect), 1, Some(saw)) => request_differences(expect, saw),
        (UpstreamExpectation::Request(_), 1, None) => vec![differs("upstream", "a whole request", "one that broke off")],
        (UpstreamExpectation::Request(_), 0, _) => vec![differs("upstream", "a request", "none")],
        (UpstreamExpectation::Request(_), count, _) => vec![differs("upstream", "a request", counted(count))],
    }
}

fn request_differences(expect: &UpstreamRequest, seen: &UpstreamSaw) -> Vec<String> {
    let mut found = header_differences("upstream header", &expect.headers, &seen.headers);
    found.extend(header_differences("upstream trailer", &expect.trailers, &seen.trailers));
    if let Some(path) = expect.path.as_ref().filter(|path| **path != text(&seen.path)) {
        found.push(differs("upstream path", line(Some(path)), line(Some(&text(&seen.path)))));
    }
    found
}

fn header_differences(what: &str, expect: &BTreeMap<String, Option<String>>, seen: &HeaderLines) -> Vec<String> {
    let joined = |name: &str| {
        let lines: Vec<String> = seen.iter().filter(|(found, _)| found == name).map(|(_, value)| text(value)).collect();
        (!lines.is_empty()).then(|| lines.join(" | "))
    };
    let differs = |(name, expected): (&String, &Option<String>)| {
        let actual = joined(name);
        let (expected, actual) = (actual != *expected).then(|| pair(expected.as_deref(), actual.as_deref()))?;
        Some(self::differs(&format!("{what} {name}"), expected, actual))
    };
    expect.iter().filter_map(differs).collect()
}

/// A request leaves one record or none, whatever the case says of it.
fn decision_differences(expect: Option<&Value>, seen: &[Value]) -> Vec<String> {
    let none_expected = expect.is_some_and(|expect| expect == "none");
    match (expect, seen) {
        (_, [_, _, ..]) => vec![differs("decision", "at most one record", format!("{} of them", seen.len()))],
        (Some(_), []) if !none_expected => vec![differs("decision", "a record", "none")],
        (Some(_), [_]) if none_expected => vec![differs("decision", "no record", "one")],
        (Some(expect), [record]) => record_differences(expect, record),
        (_, []) | (None, [_]) => Vec::new(),
    }
}

/// Claims leave by a list: one more than expected is a difference too.
fn record_differences(expect: &Value, record: &Value) -> Vec<String> {
    let members = expect.as_object().into_iter().flatten();
    let differences = members.flat_map(|(name, expected)| {
        let (at, actual) = (format!("decision.{name}"), record.get(name).unwrap_or(&Value::Null));
        if name == "claims" { whole_differences(&at, expected, actual) } else { member_differences(&at, expected, actual) }
    });
    differences.collect()
}

fn state_differences(name: &str, expect: &Value, seen: Option<&[u8]>) -> Vec<String> {
    let what = format!("filter state {name}");
    match (expect, seen) {
        (Value::Null, None) => Vec::new(),
        (_, None) => vec![differs(&what, member(expect), member(&Value::Null))],
        (Value::Object(_), Some(bytes)) => {
            let actual = serde_json::from_slice(bytes).unwrap_or(Value::Null);
            member_differences(&what, expect, &actual)
        }
        (_, Some(bytes)) if expect.as_str() == Some(&text(bytes)) => Vec::new(),
        (_, Some(bytes)) => vec![differs(&what, member(expect), line(Some(&text(bytes))))],
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
        _ => vec![differs(at, member(expect), member(seen))],
    }
}

/// Every member that either has and the other has not, or has otherwise.
fn whole_differences(at: &str, expect: &Value, seen: &Value) -> Vec<String> {
    let (Value::Object(wanted), Value::Object(found)) = (expect, seen) else {
        return if expect == seen { Vec::new() } else { vec![differs(at, member(expect), member(seen))] };
    };
    let further = found.iter().filter(|(key, _)| !wanted.contains_key(*key));
    let further = further.map(|(key, value)| differs(&format!("{at}.{key}"), "nothing", member(value)));
    let wanted = wanted.iter().flat_map(|(key, value)| match found.get(key) {
        Some(seen) => whole_differences(&format!("{at}.{key}"), value, seen),
        None => vec![differs(&format!("{at}.{key}"), member(value), "nothing")],
    });
    wanted.chain(further).collect()
}

fn differs(what: &str, expected: impl Display, found: impl Display) -> String {
    format!("{what}: expected {expected}, found {found}")
}

#[cfg(test)]
mod tests;
